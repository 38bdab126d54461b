"""What was seen of stays at a moment, and who stands where since when: what `core.stays` reckons with (N4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from zlib import crc32

from sqlalchemy import Select, select

from lifecycle.core.stays import GROUPS, Stage, Stays

from ..engine import Store
from ..moment import Now
from ..reading import reading
from ..standing import ACCOUNT, counts_at, exists_at
from ..tables import VisitRow, table_of
from .fields import with_fields
from .scope import Scope
from .stays import visits_with_ends

VISIT: Final = table_of(VisitRow)
DAY: Final = timedelta(days=1)
CANCELLED: Final = "cancelled"
FAR: Final = timedelta(days=40_000)


@dataclass(slots=True)
class Lives:
    """Of one lifecycle: the stays of all accounts, and of those asked about how many days they have been where.

    Those that were never in it stand in None since they exist. Cancelled accounts sleep and are not among them (R25).
    """

    stays: Stays = field(default_factory=Stays)
    standing: dict[Stage, Counter[int]] = field(default_factory=dict)


@dataclass(slots=True)
class _Whose:
    created: datetime
    now: datetime
    is_meant: bool
    group: int


@dataclass(slots=True)
class _Last:
    """The last visit of a stage in a cycle tells the stay: its clock begins earlier by what was banked before."""

    entered: datetime
    since: datetime
    left: datetime | None
    to: Stage


_Lasts = dict[tuple[str, str, int, Stage], _Last]
"""By account, lifecycle, cycle and stage."""
_Firsts = dict[tuple[str, str], tuple[tuple[datetime, datetime], Stage]]
"""By account and lifecycle: when it was entered and left first, and the stage."""


async def lives(store: Store, scope: Scope) -> dict[str, Lives]:
    """By lifecycle. The stays are everybody's, whoever is asked about: more was seen of them."""
    whose = await _accounts(store, scope)
    last: _Lasts = {}
    first: _Firsts = {}
    async with reading(store) as connection:
        for row in await connection.execute(_visits(scope)):
            _keep(row, last, first)
    found = {name: Lives() for name in scope.lifecycles}
    _tell_last(last, whose, found)
    _tell_first(first, whose, found)
    return found


async def _accounts(store: Store, scope: Scope) -> dict[str, _Whose]:
    moment = scope.moment
    tables, fields = with_fields(ACCOUNT, moment, ("status",))
    columns = (ACCOUNT.c.id, ACCOUNT.c.created_at, ACCOUNT.c.lead, fields["status"])
    query = select(*columns).select_from(tables).where(exists_at(moment))
    chosen = select(ACCOUNT.c.id).where(exists_at(moment), *scope.chosen)
    async with reading(store) as connection:
        meant = set((await connection.execute(chosen)).scalars())
        rows = (await connection.execute(query)).all()
    return {row.id: _account(row, scope, meant) for row in rows}


def _account(row: Any, scope: Scope, meant: set[str]) -> _Whose:
    moment = scope.moment
    now = moment.now + timedelta(seconds=row.lead) if isinstance(moment, Now) else moment.at
    awake = row.status != CANCELLED
    return _Whose(row.created_at, now, awake and row.id in meant, crc32(row.id.encode()) % GROUPS)


def _visits(scope: Scope) -> Select[Any]:
    rows = visits_with_ends(Scope(scope.moment, scope.lifecycles))
    names = ("account", "lifecycle", "cycle", "stage", "entered_at", "counting_since")
    counts = [counts_at(rows, scope.moment)] if rows is VISIT else []
    query = select(*(rows.c[name] for name in names), rows.c.left_at, rows.c.to_stage)
    return query.where(*scope.of_lifecycles(rows), *counts)


def _keep(row: Any, last: _Lasts, first: _Firsts) -> None:
    account, lifecycle, cycle, stage, entered, since, left, to = row
    key = (account, lifecycle, cycle, stage)
    known = last.get(key)
    # Of visits of no length at one instant the one that goes on is the last, and the one that was left the first.
    if known is None or (entered, left is None) >= (known.entered, known.left is None):
        last[key] = _Last(entered, since or entered, left, to)
    place = (entered, left or entered + FAR)
    begun = first.get((account, lifecycle))
    if begun is None or place < begun[0]:
        first[account, lifecycle] = place, stage


def _tell_last(last: _Lasts, whose: Mapping[str, _Whose], found: Mapping[str, Lives]) -> None:
    for (account, lifecycle, _, stage), one in last.items():
        if (who := whose.get(account)) is None:
            continue
        lives = found[lifecycle]
        if one.left is None:
            _stands(lives, who, stage, _days(one.since, who.now))
        elif one.to == stage:
            lives.stays.goes_on(who.group, stage, _days(one.since, one.left))
        else:
            lives.stays.ended(who.group, stage, _days(one.since, one.left), one.to)


def _tell_first(first: _Firsts, whose: Mapping[str, _Whose], found: Mapping[str, Lives]) -> None:
    """From an account's beginning to its first stage it was in None."""
    for lifecycle, lives in found.items():
        for account, who in whose.items():
            if begun := first.get((account, lifecycle)):
                (entered, _), stage = begun
                lives.stays.ended(who.group, None, _days(who.created, entered), stage)
            else:
                _stands(lives, who, None, _days(who.created, who.now))


def _stands(lives: Lives, who: _Whose, stage: Stage, days: int) -> None:
    lives.stays.goes_on(who.group, stage, days)
    if who.is_meant:
        lives.standing.setdefault(stage, Counter())[days] += 1


def _days(since: datetime, until: datetime) -> int:
    return max((until - since) // DAY, 0)
