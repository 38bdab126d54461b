"""Days in: of every account, in every lifecycle and stage, cycle by cycle (T10, T11, T21, R9).

What the core says of a track (`core.clock`) and of its archived cycles, read from the visits: so it is there
for any moment of the past too, and for cycles older than the state keeps.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..engine import Store
from ..moment import Now
from ..standing import ACCOUNT, exists_at, field_at
from .scope import Scope
from .standings import CANCELLED, STATUS
from .stays import stays

PAGE: Final = 500
"""Accounts read at a time: a book of any size does not fill the memory."""


DAYS_COLUMNS: Final = (
    "account",
    "name",
    "lifecycle",
    "cycle",
    "started_at",
    "ended_at",
    "end_stage",
    "stage",
    "days",
)
"""A row of the file, whether it is written as a report or as an export."""


@dataclass(frozen=True, slots=True)
class CycleDays:
    """An account's cycle in a lifecycle: one that ended (`ended_at`, `end_stage`), or the one that runs.

    `overall` and `stages` are elapsed time; a stage that was not visited has none of it. Both are None for the
    running cycle of a cancelled account: no value (T28).
    """

    account: str
    name: str
    lifecycle: str
    cycle: int
    started_at: datetime
    ended_at: datetime | None
    end_stage: str | None
    stage: str | None
    overall: timedelta | None
    stages: dict[str, timedelta] | None

    def days(self, stage: str) -> int | None:
        """Whole days in a stage in this cycle (T11); 0 for one not visited."""
        return None if self.stages is None else self.stages.get(stage, timedelta()).days


@dataclass(frozen=True, slots=True)
class _Account:
    """An account of the page at the moment; `at` is its own present."""

    id: str
    name: str
    cancelled: bool
    at: datetime


async def days(store: Store, scope: Scope, after: str = "") -> AsyncIterator[list[CycleDays]]:
    """Page by page, by account, lifecycle and cycle; accounts behind `after` only."""
    async with store.engine.connect() as connection:
        while page := await _accounts(connection, scope, after):
            yield await _days(connection, scope, page)
            after = page[-1].id


async def _accounts(connection: AsyncConnection, scope: Scope, after: str) -> list[_Account]:
    query = select(ACCOUNT.c.id, ACCOUNT.c.name, ACCOUNT.c.status, ACCOUNT.c.lead).where(
        ACCOUNT.c.id > after, exists_at(scope.moment), *scope.chosen
    )
    rows = (await connection.execute(query.order_by(ACCOUNT.c.id).limit(PAGE))).all()
    if isinstance(scope.moment, Now):
        now = scope.moment.now
        return [
            _Account(
                row.id,
                row.name or row.id,
                row.status == CANCELLED,
                now + timedelta(seconds=row.lead),
            )
            for row in rows
        ]
    ids = [row.id for row in rows]
    names, states = [await _texts(connection, scope, name, ids) for name in ("name", STATUS)]
    return [
        _Account(one, names.get(one) or one, states.get(one) == CANCELLED, scope.moment.at)
        for one in ids
    ]


async def _texts(
    connection: AsyncConnection, scope: Scope, name: str, ids: list[str]
) -> dict[str, str | None]:
    """What a field was, of these accounts."""
    assert not isinstance(scope.moment, Now)
    value = field_at(scope.moment, name)
    query = select(value.c.account, value.c.text).where(value.c.account.in_(ids))
    return {row.account: row.text for row in await connection.execute(query)}


async def _days(
    connection: AsyncConnection, scope: Scope, page: Sequence[_Account]
) -> list[CycleDays]:
    known = {one.id: one for one in page}
    of = Scope(scope.moment, scope.lifecycles)
    rows = (await connection.execute(stays(of, accounts=list(known)))).all()
    in_order = sorted(rows, key=lambda row: (row.account, row.lifecycle, row.cycle))
    cycles = groupby(in_order, key=lambda row: (row.account, row.lifecycle, row.cycle))
    made = (_cycle(known[key[0]], list(stays)) for key, stays in cycles)
    return [one for one in made if one is not None]


def _cycle(account: _Account, found: list[Any]) -> CycleDays | None:
    """A cycle from its stays; None for one that was given up: cleared (T14), or cut off by a reactivation."""
    inside = [one for one in found if one.stage is not None]
    ended = min((one for one in inside if one.ends), key=lambda one: one.entered, default=None)
    open_ = next((one for one in inside if not one.is_left), None)
    if not inside or (ended is None and open_ is None):
        return None
    at = ended.entered if ended is not None else account.at
    began = min(one.entered for one in inside)
    has_value = ended is not None or not account.cancelled
    return CycleDays(
        account.id,
        account.name,
        inside[0].lifecycle,
        inside[0].cycle,
        began,
        ended.entered if ended is not None else None,
        ended.stage if ended is not None else None,
        open_.stage if open_ is not None else None,
        _time(at - began) if has_value else None,
        {
            one.stage: _time((one.left if one.is_left else at) - one.since)
            for one in inside
            if not one.ends
        }
        if has_value
        else None,
    )


def _time(elapsed: timedelta) -> timedelta:
    return max(elapsed, timedelta())
