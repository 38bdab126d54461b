"""The alarm: one Temporal timer up to the next deadline (temporal.md, Timers).

It is lazy. A deadline that moved later lets it ring and be set anew; only an earlier one starts a new timer.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow

NEAREST = timedelta(milliseconds=1)
"""A negative sleep would fail the task, and a server that skips time does not see a timer of zero: it skips over it."""
FURTHEST = timedelta(days=3_650)
"""Further ahead a timer is set in steps: the server's own reckoning ends after some centuries."""


class Alarm:
    """Rings when the next deadline is due."""

    def __init__(self) -> None:
        self._timer: asyncio.Task[None] | None = None
        self._at: datetime | None = None

    def has_rung(self) -> bool:
        """Whether the deadline it was set to has come."""
        return self._timer is not None and self._timer.done()

    def set(self, at: datetime | None, why: str) -> None:
        """Ring at an instant, at once if that is past. `why` is shown with the timer."""
        if self.has_rung():
            self._take_off()
        if at is None or (self._at is not None and self._at <= at):
            return
        if self._timer is not None:
            self._timer.cancel()
        left = min(max(at - workflow.now(), NEAREST), FURTHEST)
        self._at, self._timer = at, asyncio.create_task(workflow.sleep(left, summary=why))

    def _take_off(self) -> None:
        assert self._timer is not None
        self._timer.result()
        self._timer, self._at = None, None
