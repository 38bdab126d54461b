"""Who looks: at which database, when, and in which zone times are read and told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from lifecycle.store.engine import Store

from .phrases import moment


@dataclass(frozen=True, slots=True)
class Viewer:
    """The surroundings of a question, whatever door it came through. `now` is the wall clock (UTC)."""

    store: Store
    now: datetime
    zone: tzinfo

    def now_for(self, lead: int) -> datetime:
        """The instant it is for an account whose clock leads the wall clock by `lead` seconds."""
        return self.now + timedelta(seconds=lead)

    def moment(self, at: datetime | None) -> str:
        """An instant in the viewer's zone."""
        return moment(at, self.zone)
