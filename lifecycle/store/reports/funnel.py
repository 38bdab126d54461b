"""How far those came that began, and how long it took: funnel and velocity (G10). Both count by cycle (T21)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Select, Subquery, case, func, select

from ..engine import Store
from ..reading import as_it_lies, reading
from ..standing import VISIT
from .instants import utc_day, whole_days
from .periods import Period, Step
from .scope import Scope
from .spread import Spread

# ── funnel


async def funnel(store: Store, scope: Scope, start: str, period: Period) -> dict[str, Spread]:
    """Of the cycles that came to stage `start` in the period: days to each stage reached from there, by stage.

    `scope` names one lifecycle. A stage counts when it was entered, at its first entry; one that was skipped
    was not reached (R6). What was reached after the period counts too, up to the moment.
    """
    found: dict[str, Spread] = {}
    async with reading(store) as connection:
        for row in await connection.execute(_reached(scope, start, period)):
            found.setdefault(row.stage, Spread()).add(row.days, row.number)
    return found


def _reached(scope: Scope, start: str, period: Period) -> Select[Any]:
    began = _began(scope, start, period)
    of = (VISIT.c.account, VISIT.c.cycle, VISIT.c.stage, began.c.at)
    same = (began.c.account == VISIT.c.account) & (began.c.cycle == VISIT.c.cycle)
    # Whom it is about was asked of the beginnings already.
    everybody = Scope(scope.moment, scope.lifecycles)
    first = (
        select(VISIT.c.stage, began.c.at, func.min(VISIT.c.entered_at).label("reached"))
        .select_from(began.join(VISIT, same))
        .where(VISIT.c.stage.is_not(None), VISIT.c.entered_at >= began.c.at, *everybody.visits)
        .group_by(*of)
        .subquery()
    )
    days = whole_days(first.c.reached, first.c.at).label("days")
    counted = select(first.c.stage, days, func.count().label("number"))
    return counted.group_by(first.c.stage, days)


def _began(scope: Scope, start: str, period: Period) -> Subquery:
    """Cycles by account, with the instant they came to the stage in the period."""
    return (
        select(VISIT.c.account, VISIT.c.cycle, func.min(VISIT.c.entered_at).label("at"))
        .select_from(scope.joined(VISIT))
        .where(VISIT.c.stage == start, VISIT.c.moved)
        .where(VISIT.c.entered_at >= period.begins, VISIT.c.entered_at < period.ends)
        .where(*scope.visits)
        .group_by(VISIT.c.account, VISIT.c.cycle)
        .subquery()
    )


# ── velocity


@dataclass(slots=True)
class Velocity:
    """Cycles of one lifecycle that began in a step, and those that ended in it, with their days."""

    step: Period
    began: int = 0
    ended: Spread = field(default_factory=Spread)


async def velocity(
    store: Store, scope: Scope, period: Period, step: Step
) -> dict[str, list[Velocity]]:
    """By lifecycle, one for each step of the period."""
    steps = list(period.steps(step))
    found = {name: [Velocity(one) for one in steps] for name in scope.lifecycles}
    async with reading(store) as connection:
        for row in await connection.execute(_begun(scope, period)):
            _in(found[row.lifecycle], row.day).began += row.number
        for row in await connection.execute(_ended(scope, period)):
            _in(found[row.lifecycle], row.day).ended.add(row.days, row.number)
    return found


def _in(steps: list[Velocity], day: date) -> Velocity:
    return next(one for one in steps if one.step.first <= day <= one.step.last)


def _cycles(scope: Scope) -> Subquery:
    """Every cycle with its beginning and its end: the first visit of it, and the first end stage (R9)."""
    names = ("account", "lifecycle", "cycle")
    of = [as_it_lies(VISIT.c[name]).label(name) for name in names]
    query = (
        select(
            *of,
            func.min(VISIT.c.entered_at).label("began"),
            func.min(case((VISIT.c.ends, VISIT.c.entered_at))).label("ended"),
        )
        .select_from(scope.joined(VISIT))
        .where(VISIT.c.stage.is_not(None), *scope.visits)
        .group_by(*of)
    )
    return query.subquery()


def _begun(scope: Scope, period: Period) -> Select[Any]:
    cycle = _cycles(scope)
    day = utc_day(cycle.c.began).label("day")
    counted = select(cycle.c.lifecycle, day, func.count().label("number"))
    inside = (cycle.c.began >= period.begins, cycle.c.began < period.ends)
    return counted.where(*inside).group_by(cycle.c.lifecycle, day)


def _ended(scope: Scope, period: Period) -> Select[Any]:
    cycle = _cycles(scope)
    day = utc_day(cycle.c.ended).label("day")
    days = whole_days(cycle.c.ended, cycle.c.began).label("days")
    counted = select(cycle.c.lifecycle, day, days, func.count().label("number"))
    inside = (cycle.c.ended >= period.begins, cycle.c.ended < period.ends)
    return counted.where(*inside).group_by(cycle.c.lifecycle, day, days)
