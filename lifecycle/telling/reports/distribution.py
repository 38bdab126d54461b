"""How many accounts stand where, at a moment and over time (G10)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from lifecycle.core.model import Lifecycle
from lifecycle.store.reports.distribution import Point, over_time
from lifecycle.store.reports.standings import Standing, everybody, standings

from ..phrases import count, money, written_day
from .asking import Question
from .report import Across, Coloured, Column, Report, percent
from .stages import arr_title, currency, label, stage_word, stages_of


@dataclass(frozen=True, slots=True)
class Line:
    """The accounts of a lifecycle in one stage, or in none. ARR is in whole cents."""

    lifecycle: Lifecycle
    stage: str | None
    accounts: int
    share: float
    arr: int
    late: int | None
    days: float | None

    @property
    def word(self) -> Coloured:
        """The stage as people know it."""
        return stage_word(self.lifecycle, self.stage)


async def distribution(asked: Question) -> Report[Line]:
    """How many accounts are in each stage, their share, ARR and days; now or as of a day."""
    found = await standings(asked.store, asked.scope)
    accounts, arr = await everybody(asked.store, asked.scope)
    total = Standing(accounts, arr)
    lines = [line for one in asked.lifecycles for line in _lines(one, found, total)]
    return Report(
        "distribution",
        "Accounts by stage",
        [
            Column("lifecycle", "", lambda line: line.lifecycle.id),
            Column("stage", "Stage", lambda line: line.stage, lambda line: line.word),
            Column("accounts", "Accounts", lambda line: line.accounts, right=True),
            Column(
                "share", "Share", lambda line: line.share, _share, True, lambda line: line.share
            ),
            Column("arr_cents", arr_title(asked.book), lambda line: line.arr, _arr, True),
            Column("median_days", "Median days", lambda line: line.days, right=True),
            Column("late", "Late", lambda line: line.late, right=True),
        ],
        lines,
        asked.facts,
        asked.said,
        lambda line: line.lifecycle.title,
        [f"{count(accounts, 'account')}, ARR {money(arr, currency(asked.book))}."],
    )


def _lines(
    lifecycle: Lifecycle, found: dict[tuple[str, str], Standing], total: Standing
) -> Iterator[Line]:
    """The stages in order, then those who are in none."""
    mine = {stage: standing for (of, stage), standing in found.items() if of == lifecycle.id}
    inside = sum(one.accounts for one in mine.values())
    whole = total.accounts or 1
    for stage in stages_of(lifecycle, mine):
        at = mine.get(stage, Standing())
        share = at.accounts / whole
        yield Line(lifecycle, stage, at.accounts, share, at.arr, at.late, at.days.median)
    none, arr = total.accounts - inside, total.arr - sum(one.arr for one in mine.values())
    yield Line(lifecycle, None, none, none / whole, arr, None, None)


def _share(line: Line) -> str:
    return percent(line.share)


def _arr(line: Line) -> str:
    return money(line.arr, None)


# ── over time


@dataclass(frozen=True, slots=True)
class Stood:
    """How many accounts stood in a stage, or in none, at the end of a day."""

    lifecycle: Lifecycle
    day: date
    stage: str | None
    accounts: int


async def stood(asked: Question) -> Report[Stood]:
    """How many accounts were in each stage at the end of every day, week or month."""
    points = await over_time(asked.store, asked.scope, asked.days, asked.by())
    return Report(
        "over-time",
        "Accounts by stage over time",
        [
            Column("lifecycle", "", lambda row: row.lifecycle.id),
            Column("day", "", lambda row: row.day),
            Column("stage", "", lambda row: row.stage),
            Column("accounts", "", lambda row: row.accounts),
        ],
        [row for one in asked.lifecycles for row in _stood(one, points)],
        asked.facts | {"by": asked.by()},
        asked.said,
        lambda row: row.lifecycle.title,
        ["At the end of each day named (UTC); of today, so far."],
        across=ACROSS,
    )


ACROSS: Final[Across[Stood]] = Across(
    "",
    lambda row: written_day(row.day),
    lambda row: label(row.lifecycle, row.stage),
    lambda row: f"{row.accounts:,}",
)


def _stood(lifecycle: Lifecycle, points: list[Point]) -> Iterator[Stood]:
    seen = {stage for point in points for of, stage in point.stages if of == lifecycle.id}
    stages = stages_of(lifecycle, seen)
    for point in points:
        here = {stage: point.stages.get((lifecycle.id, stage), 0) for stage in stages}
        for stage, number in here.items():
            yield Stood(lifecycle, point.step.last, stage, number)
        yield Stood(lifecycle, point.step.last, None, point.accounts - sum(here.values()))
