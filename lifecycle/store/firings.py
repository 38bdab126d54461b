"""How often each automation fired: its moves, e-mails, calls, CTAs and fields, whatever became of them later.

What one automation did in one entry of an account's journal counts once. Four indexes answer, by automation and
instant; the cost is what happened in the period asked for, not what ever happened.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, case, func, select, text, union

from .engine import Store
from .tables import AUTOMATIC, CtaRow, EffectRow, FieldChangeRow, VisitRow, table_of

MONTH: Final = timedelta(days=30)
QUARTER: Final = timedelta(days=90)
# Each table with the column that says when.
TRACES: Final[tuple[tuple[Any, str], ...]] = (
    (table_of(VisitRow), "entered_at"),
    (table_of(EffectRow), "recorded_at"),
    (table_of(CtaRow), "opened_at"),
    (table_of(FieldChangeRow), "at"),
)


@dataclass(frozen=True, slots=True)
class Fired:
    """How often in the last 30 and 90 days, and when last; `last` is None if it never did."""

    month: int = 0
    quarter: int = 0
    last: datetime | None = None


async def fired(store: Store, automations: Iterable[str], now: datetime) -> dict[str, Fired]:
    """By key of automation (`lifecycle.name`), each of those asked for."""
    keys = sorted(set(automations))
    if not keys:
        return {}
    async with store.connected() as connection:
        counted = {row.key: row for row in await connection.execute(_counts(keys, now))}
        last = (await connection.execute(_last(keys))).one()
    found = {}
    for number, key in enumerate(keys):
        instants = [at for at in last[number * len(TRACES) :][: len(TRACES)] if at is not None]
        row = counted.get(key)
        found[key] = Fired(
            row.month if row else 0, row.quarter if row else 0, max(instants, default=None)
        )
    return found


def _counts(keys: list[str], now: datetime) -> Any:
    parts = [_since(table, at, keys, now - QUARTER) for table, at in TRACES]
    mine = union(*parts).subquery()
    once = (
        select(mine.c.key, func.max(mine.c.at).label("at"))
        .group_by(mine.c.key, mine.c.account, mine.c.revision)
        .subquery()
    )
    month = func.sum(case((once.c.at > now - MONTH, 1), else_=0))
    return select(once.c.key, month.label("month"), func.count().label("quarter")).group_by(
        once.c.key
    )


def _since(table: Any, at: str, keys: list[str], since: datetime) -> Any:
    when = table.c[at]
    return select(
        table.c.automation.label("key"), table.c.account, table.c.revision, when.label("at")
    ).where(table.c.automation.in_(keys), when > since, text(AUTOMATIC))


def _last(keys: list[str]) -> Any:
    """One seek in an index each."""
    return select(
        *(
            select(func.max(table.c[at]))
            .where(and_(table.c.automation == key, text(AUTOMATIC)))
            .scalar_subquery()
            for key in keys
            for table, at in TRACES
        )
    )
