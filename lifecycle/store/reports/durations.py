"""Time in stage: how long stays were that are over, and how long those last that are not (G10, T11, R10)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, and_, case, func, select, true

from ..engine import Store
from ..reading import reading
from .instants import whole_days
from .periods import Period
from .scope import Scope
from .spread import Spread
from .standings import Standing, standings
from .stays import stays


@dataclass(slots=True)
class Stays:
    """Stays in one stage. `over` are the days of finished ones, of which so many became `late` (R19)."""

    over: Spread = field(default_factory=Spread)
    late: int = 0
    going_on: Standing = field(default_factory=Standing)


async def time_in_stage(
    store: Store, scope: Scope, period: Period | None = None
) -> dict[tuple[str, str], Stays]:
    """By lifecycle and stage. With a period, finished stays are those left in it."""
    found = {
        key: Stays(going_on=standing) for key, standing in (await standings(store, scope)).items()
    }
    async with reading(store) as connection:
        for row in await connection.execute(_finished(scope, period)):
            one = found.setdefault((row.lifecycle, row.stage), Stays())
            one.over.add(row.days, row.number)
            one.late += row.late
    return found


def _finished(scope: Scope, period: Period | None) -> Select[Any]:
    """Counted by whole days; an end stage has no days (R10)."""
    stay = stays(scope).subquery()
    days = whole_days(stay.c.left, stay.c.since).label("days")
    # A stay that undo opened again may have become late after it was left.
    late = func.count(case((stay.c.late_at.between(stay.c.since, stay.c.left), 1))).label("late")
    left = (
        and_(stay.c.left >= period.begins, stay.c.left < period.ends)
        if period is not None
        else true()
    )
    return (
        select(stay.c.lifecycle, stay.c.stage, days, func.count().label("number"), late)
        .where(stay.c.is_over, stay.c.stage.is_not(None), stay.c.ends == 0, left)
        .group_by(stay.c.lifecycle, stay.c.stage, days)
    )
