"""Who went from which stage to which between two days, and what moved them (G10)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from ..engine import Store
from ..reading import reading
from ..standing import VISIT
from .periods import Period
from .scope import Scope


class Mover(StrEnum):
    """What moved an account; history that was imported counts by what moved it then (R21)."""

    AUTOMATION = "automation"
    PERSON = "person"
    MIGRATION = "migration"


@dataclass(frozen=True, slots=True)
class Transition:
    """Moves from one stage to another by one mover. `automation` is its key, of an automation only."""

    lifecycle: str
    left: str | None
    entered: str | None
    by: Mover
    automation: str
    moves: int
    accounts: int


async def transitions(store: Store, scope: Scope, period: Period) -> list[Transition]:
    """All moves of the period; those that were undone are none, nor is a new cycle after a cancellation."""
    async with reading(store) as connection:
        rows = await connection.execute(_counted(scope, period))
        return [
            Transition(
                row.lifecycle,
                row.left,
                row.stage,
                Mover(row.by),
                row.of,
                int(row.moves),
                row.accounts,
            )
            for row in rows
        ]


def _counted(scope: Scope, period: Period) -> Select[Any]:
    """Counted by account first: a count of different accounts would sort them all."""
    by, automation = VISIT.c.cause.label("by"), VISIT.c.automation.label("of")
    left = VISIT.c.from_stage.label("left")
    of: list[ColumnElement[Any]] = [VISIT.c.lifecycle, left, VISIT.c.stage, by, automation]
    mine = (
        select(*of, func.count().label("moves"))
        .select_from(scope.joined(VISIT))
        .where(VISIT.c.entered_at >= period.begins, VISIT.c.entered_at < period.ends)
        .where(VISIT.c.moved, *scope.visits)
        .group_by(*of, VISIT.c.account)
        .subquery()
    )
    kinds = [one for one in mine.c if one is not mine.c.moves]
    sums = (func.sum(mine.c.moves).label("moves"), func.count().label("accounts"))
    return select(*kinds, *sums).group_by(*kinds)
