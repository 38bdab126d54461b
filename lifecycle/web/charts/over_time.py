"""Numbers over time: accounts by stage and by band, cycles that began and ended, what comes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from lifecycle.core.model import Lifecycle
from lifecycle.store.reports.periods import Period, Step
from lifecycle.telling.phrases import written_day
from lifecycle.telling.reports import forecast, funnel, health
from lifecycle.telling.reports.asking import Question
from lifecycle.telling.reports.distribution import Stood
from lifecycle.telling.reports.findings import finding
from lifecycle.telling.reports.report import Report
from lifecycle.telling.reports.stages import label, short, step_words
from lifecycle.telling.reports.staying import MOVES
from lifecycle.telling.scorecards import band_label

from .chart import NOTHING, Chart, Series, colour_of, columns, per_lifecycle

INK = "ink"
QUIET = "dim"


def stood(asked: Question, report: Report[Stood]) -> list[Chart]:
    """Accounts in each stage, on top of each other; those in none are left to the table."""

    def make(lifecycle: Lifecycle, rows: list[Stood]) -> tuple[str, dict[str, Any]]:
        inside = [row for row in rows if row.stage is not None]
        stages = list(dict.fromkeys(row.stage for row in inside))
        series = [
            Series(
                label(lifecycle, stage),
                colour_of(lifecycle, stage),
                [row.accounts for row in inside if row.stage == stage],
            )
            for stage in stages
        ]
        return "columns", columns(days_words([row.day for row in inside]), series)

    return per_lifecycle(asked, report, lambda row: row.lifecycle.id, make)


def days_words(days: Sequence[date]) -> list[str]:
    """`3 Sep` of each day, once; with the year where there are several."""
    known = list(dict.fromkeys(days))
    several = len({day.year for day in known}) > 1
    return [written_day(day) if several else short(day) for day in known]


def bands(asked: Question, report: Report[health.Line]) -> list[Chart]:
    """Accounts in each band, on top of each other; a band is named after its colour."""
    scored = [row for row in report.rows if row.band is not None]
    names = list(dict.fromkeys(row.band for row in scored))
    series = [
        Series(
            band_label(band), band or "", [row.found.accounts for row in scored if row.band == band]
        )
        for band in names
    ]
    steps = days_words([row.day for row in scored])
    return [Chart("columns", finding(asked, report), columns(steps, series))] if steps else []


def through(asked: Question, report: Report[funnel.Through]) -> list[Chart]:
    """Cycles that began beside those that ended."""

    def make(_: Lifecycle, rows: list[funnel.Through]) -> tuple[str, dict[str, Any]]:
        series = [
            Series("Began", "blue", [row.of.began for row in rows]),
            Series("Ended", NOTHING, [row.of.ended.number for row in rows]),
        ]
        steps = [step_words(row.of.step, row.step).removeprefix("from ") for row in rows]
        return "columns", columns(steps, series, stacked=False)

    return per_lifecycle(asked, report, lambda row: row.lifecycle.id, make)


def ahead(asked: Question, report: Report[forecast.Line]) -> list[Chart]:
    """Accounts that reach a stage by what is armed, on top of each other; CTAs due, and what to expect, as lines."""
    if not report.rows:
        return []
    by = asked.by(forecast.BY)
    steps = list(forecast.period_of(asked).steps(by))
    days = days_words([one.first for one in steps])
    words = [step_words(one, by) for one in steps] if by is Step.MONTH else days
    lines = [_due(report.rows, steps), _expected(report.rows, steps)]
    series = [*_reaching(asked, report.rows, steps), *(one for one in lines if any(one.values))]
    return [Chart("columns", finding(asked, report), columns(words, series))]


def _reaching(
    asked: Question, rows: Sequence[forecast.Line], steps: list[Period]
) -> Iterator[Series]:
    moves = [row for row in rows if row.what.kind == "move" and row.number]
    several = len(asked.lifecycles) > 1
    for lifecycle in asked.lifecycles:
        for stage in lifecycle.stages:
            mine = [
                row
                for row in moves
                if row.what.lifecycle == lifecycle.id and row.what.stage == stage.id
            ]
            if mine:
                name = f"{lifecycle.title}: {stage.label}" if several else stage.label
                yield Series(name, stage.colour, _numbers(mine, steps))


def _due(rows: Sequence[forecast.Line], steps: list[Period]) -> Series:
    ctas = [row for row in rows if row.what.kind == "cta"]
    return Series("CTAs due", INK, _numbers(ctas, steps), line=True)


def _expected(rows: Sequence[forecast.Line], steps: list[Period]) -> Series:
    """All moves when stays last as they did, with the 80 % around it."""
    found = {row.step: row.expected for row in rows if row.what.kind == MOVES and row.expected}
    told = [found.get(step) for step in steps]
    return Series(
        "Moves to expect (80 %)",
        QUIET,
        [round(one.mean, 1) if one else None for one in told],
        line=True,
        low=[one.low if one else None for one in told],
        high=[one.high if one else None for one in told],
    )


def _numbers(rows: Sequence[forecast.Line], steps: list[Period]) -> list[int]:
    numbers: Counter[Period] = Counter()
    for row in rows:
        numbers[row.step] += row.number
    return [numbers[step] for step in steps]
