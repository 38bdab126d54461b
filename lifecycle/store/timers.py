"""Timers as they are recorded: how many accounts wait for one, and how many are due and were not carried out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, func, or_, select

from .engine import Store
from .moment import now_of
from .reading import reading
from .tables import AccountRow, table_of

ACCOUNT: Final = table_of(AccountRow)
PATIENCE: Final = timedelta(minutes=1)
"""A worker that runs needs seconds."""


@dataclass(frozen=True, slots=True)
class Timers:
    """Accounts with a timer set, those whose timer is due for longer than a worker needs, the oldest of them."""

    set: int
    overdue: int
    oldest: datetime | None = None


async def timers(store: Store, now: datetime) -> Timers:
    """Each by its account's own clock; `now` is the wall clock."""
    due, late = ACCOUNT.c.next_deadline, now - PATIENCE
    leads = (await now_of(store, now)).leads
    ahead = [
        and_(ACCOUNT.c.lead == lead, due < late + timedelta(seconds=lead)) for lead in leads if lead
    ]
    async with reading(store) as connection:
        number = await connection.scalar(select(func.count(due)))
        query = select(func.count(), func.min(due)).select_from(ACCOUNT)
        overdue, oldest = (await connection.execute(query.where(or_(due < late, *ahead)))).one()
    return Timers(number or 0, overdue, oldest)
