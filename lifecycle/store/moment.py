"""The moment a question is asked of: now, or an instant of the past as it was known then or later (N5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import literal_column, select

from .engine import Store
from .tables import AccountRow, table_of

ACCOUNT: Final = table_of(AccountRow)


@dataclass(frozen=True, slots=True)
class Now:
    """The present. `now` is the wall clock; `leads` are the leads over it found in the database, in seconds:
    an account's clock is its own (design.md, State and time)."""

    now: datetime
    leads: tuple[int, ...] = (0,)

    @property
    def latest(self) -> datetime:
        """The instant no account's clock is beyond."""
        return self.now + timedelta(seconds=max(self.leads))


@dataclass(frozen=True, slots=True)
class AsOf:
    """The account's state at instant `at`, from what was recorded up to `known`."""

    at: datetime
    known: datetime


Moment = Now | AsOf


async def now_of(store: Store, now: datetime) -> Now:
    """The present of every account; `now` is the wall clock."""
    # A literal, so that both databases see that the partial index holds the answer.
    ahead = select(ACCOUNT.c.lead).where(ACCOUNT.c.lead != literal_column("0")).distinct()
    async with store.connected() as connection:
        return Now(now, tuple(sorted({0, *(await connection.execute(ahead)).scalars()})))
