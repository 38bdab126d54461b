"""The pace of a campaign: so many mails an hour, evenly."""

from __future__ import annotations

from datetime import datetime, timedelta

HOUR = timedelta(hours=1)
CATCH_UP = timedelta(seconds=1)
"""How far a late timer may be made good: finer than that nobody counts."""


class Pace:
    """When the next mail may go."""

    def __init__(self, per_hour: int | None, next_at: datetime | None) -> None:
        self._every = _every(per_hour)
        self.next_at = next_at if self._every else None

    def set(self, per_hour: int | None, now: datetime) -> None:
        """Another pace, from the next mail on."""
        self._every = _every(per_hour)
        if self._every is None:
            self.next_at = None
        elif self.next_at is not None:
            self.next_at = min(self.next_at, now + self._every)

    def allows(self, now: datetime) -> bool:
        """Whether a mail may go now."""
        return self.next_at is None or self.next_at <= now

    def spend(self, now: datetime) -> None:
        """A mail goes."""
        if self._every is not None:
            self.next_at = max(self.next_at or now, now - CATCH_UP) + self._every

    def give_back(self) -> None:
        """It was not sent after all: the next may go in its place."""
        if self._every is not None and self.next_at is not None:
            self.next_at -= self._every


def _every(per_hour: int | None) -> timedelta | None:
    return HOUR / per_hour if per_hour else None
