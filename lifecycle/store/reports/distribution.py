"""How the accounts spread over the stages of their lifecycles: at a moment, and at the end of each step of a period."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Select, case, func, select

from ..engine import Store
from ..reading import as_it_lies, reading
from ..standing import ACCOUNT, VISIT, exists_at
from .instants import utc_day
from .periods import Period, Step
from .scope import Scope

Key = tuple[str, str | None]
"""A lifecycle and a stage of it; None is no stage."""


@dataclass(frozen=True, slots=True)
class Point:
    """How many accounts stood where at the end of a step. `accounts` is how many there were."""

    step: Period
    accounts: int
    stages: dict[Key, int]


async def over_time(store: Store, scope: Scope, period: Period, step: Step) -> list[Point]:
    """One point a step: at its end or, where that is to come, at the moment.

    Counts are summed from moves: each takes one from the stage left and gives one to the stage entered. One
    pass over the visits and one over the accounts, however many points there are.
    """
    async with reading(store) as connection:
        moves = (await connection.execute(_moves(scope, period))).all()
        born = (await connection.execute(_born(scope, period))).all()
    ends = list(period.steps(step))
    return list(_points(ends, _Flow(_latest_first(moves), _latest_first(born)), scope))


@dataclass(slots=True)
class _Flow:
    """Moves and new accounts by day, the earliest last; what came before the period has no day."""

    moves: list[Any]
    born: list[Any]
    stages: Counter[Key] = field(default_factory=Counter)
    accounts: int = 0

    def run(self, until: date) -> None:
        """Take in what happened up to the end of a day."""
        while self.moves and (self.moves[-1].day or until) <= until:
            move = self.moves.pop()
            self.stages[move.lifecycle, move.from_stage] -= move.number
            self.stages[move.lifecycle, move.stage] += move.number
        while self.born and (self.born[-1].day or until) <= until:
            self.accounts += self.born.pop().number


def _points(steps: Sequence[Period], flow: _Flow, scope: Scope) -> Iterator[Point]:
    for step in steps:
        flow.run(scope.rows_until(step.last))
        stages = {key: number for key, number in flow.stages.items() if key[1] is not None}
        yield Point(step, flow.accounts, stages)


def _latest_first(rows: Iterable[Any]) -> list[Any]:
    return sorted(rows, key=lambda row: row.day or date.min, reverse=True)


def _moves(scope: Scope, period: Period) -> Select[Any]:
    """Moves by day; those before the period have none, they are its beginning."""
    day = case((VISIT.c.entered_at >= period.begins, utc_day(VISIT.c.entered_at))).label("day")
    lifecycle = as_it_lies(VISIT.c.lifecycle).label("lifecycle")
    of = (lifecycle, VISIT.c.from_stage, VISIT.c.stage, day)
    query = select(*of, func.count().label("number")).select_from(scope.joined(VISIT))
    return query.where(VISIT.c.moved, *scope.visits).group_by(*of)


def _born(scope: Scope, period: Period) -> Select[Any]:
    created = ACCOUNT.c.created_at
    day = case((created >= period.begins, utc_day(created))).label("day")
    query = select(day, func.count().label("number")).select_from(ACCOUNT)
    return query.where(exists_at(scope.moment), *scope.chosen).group_by(day)
