"""What happened after a day in the past, to be held against what had been forecast that day (N4)."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any, Final
from zlib import crc32

from sqlalchemy import ColumnElement, Select, and_, func, select

from ..engine import Store
from ..moment import AsOf
from ..reading import reading
from ..standing import ACCOUNT, exists_at
from ..tables import VisitRow, table_of
from .scope import Scope

VISIT: Final = table_of(VisitRow)
AT_ONCE: Final = 500
Moves = Counter[tuple[int, str, str | None]]
"""By horizon in days, lifecycle and the stage reached."""


async def sample(store: Store, scope: Scope, most: int) -> tuple[list[str], int]:
    """At most so many of the accounts there were, always the same ones of any book; and how many there were."""
    query = select(ACCOUNT.c.id).where(exists_at(scope.moment), *scope.chosen)
    async with reading(store) as connection:
        accounts = list((await connection.execute(query)).scalars())
    kept = sorted(accounts, key=lambda one: (crc32(one.encode()), one))[:most]
    return sorted(kept), len(accounts)


async def moves_after(
    store: Store, scope: Scope, accounts: list[str], horizons: tuple[int, ...]
) -> Moves:
    """The moves these accounts made within so many days after the scope's moment, as is known now."""
    moment = scope.moment
    assert isinstance(moment, AsOf)
    found: Moves = Counter()
    async with reading(store) as connection:
        for start in range(0, len(accounts), AT_ONCE):
            some = VISIT.c.account.in_(accounts[start : start + AT_ONCE])
            for days in horizons:
                rows = await connection.execute(_within(scope, moment.at, days, some))
                for lifecycle, stage, number in rows:
                    found[days, lifecycle, stage] += number
    return found


def _within(scope: Scope, at: datetime, days: int, some: ColumnElement[bool]) -> Select[Any]:
    entered = VISIT.c.entered_at
    there = and_(entered > at, entered <= at + timedelta(days=days))
    return (
        select(VISIT.c.lifecycle, VISIT.c.stage, func.count())
        .where(*scope.of_lifecycles(VISIT), VISIT.c.moved, VISIT.c.withdrawn_at.is_(None))
        .where(there, some)
        .group_by(VISIT.c.lifecycle, VISIT.c.stage)
    )


async def first_account(store: Store) -> datetime | None:
    """When the first account was created; None where there is none."""
    query = select(func.min(ACCOUNT.c.created_at))
    async with reading(store) as connection:
        found: datetime | None = (await connection.execute(query)).scalar_one()
        return found
