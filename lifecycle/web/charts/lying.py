"""Lying bars: who stands where, who reached what, who is late, who moved by hand, what became of e-mails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

from lifecycle.core.model import Lifecycle
from lifecycle.store.reports.mails import Outcome
from lifecycle.store.reports.manual import ByHand, Verb
from lifecycle.telling.reports import mails
from lifecycle.telling.reports.asking import Question
from lifecycle.telling.reports.distribution import Line as Standing
from lifecycle.telling.reports.findings import finding
from lifecycle.telling.reports.funnel import Reached
from lifecycle.telling.reports.manual import Group
from lifecycle.telling.reports.overdue import Line as Overdue
from lifecycle.telling.reports.report import Report, percent
from lifecycle.telling.reports.stages import label

from .chart import NOTHING, Chart, Series, bars, colour_of, per_lifecycle

MOST: Final = 12
OUTCOMES: Final = {
    Outcome.SENT: "green",
    Outcome.WAITING: "blue",
    Outcome.SKIPPED: "grey",
    Outcome.CANCELLED: "purple",
    Outcome.FAILED: "red",
}


def standing(asked: Question, report: Report[Standing]) -> list[Chart]:
    """Accounts in each stage and in none."""
    return per_lifecycle(
        asked,
        report,
        lambda row: row.lifecycle.id,
        lambda lifecycle, rows: _stages(
            lifecycle, [(row.stage, row.accounts, percent(row.share)) for row in rows]
        ),
    )


def reached(asked: Question, report: Report[Reached]) -> list[Chart]:
    """How many came to each stage."""
    return per_lifecycle(
        asked,
        report,
        lambda row: row.lifecycle.id,
        lambda lifecycle, rows: _stages(
            lifecycle, [(row.stage, row.number, percent(row.share)) for row in rows]
        ),
    )


def _stages(
    lifecycle: Lifecycle, rows: Sequence[tuple[str | None, int, str]]
) -> tuple[str, dict[str, Any]]:
    """Each bar in the colour of its stage: a series of its own for each."""
    names = [label(lifecycle, stage) for stage, _, _ in rows]
    series = [
        Series(
            name,
            colour_of(lifecycle, stage),
            [number if at == place else None for at in range(len(rows))],
        )
        for place, (name, (stage, number, _)) in enumerate(zip(names, rows, strict=True))
    ]
    notes = [f"{number:,} · {share}" for _, number, share in rows]
    return "bars", bars(names, series, notes)


def overdue(asked: Question, report: Report[Overdue]) -> list[Chart]:
    """Days over the limit, of the accounts that are so for the longest."""
    worst = sorted(report.rows, key=lambda row: -row.over)[:MOST]
    if not worst:
        return []
    over = Series(
        "Days over", "yellow" if report.name == "late" else "red", [int(row.over) for row in worst]
    )
    notes = [f"{int(row.over):,} over {row.limit} in {row.stage}" for row in worst]
    data = bars([row.one.name for row in worst], [over], notes)
    return [Chart("bars", finding(asked, report), data)]


def by_hand(asked: Question, report: Report[Group] | Report[ByHand]) -> list[Chart]:
    """Moves by person, and by reason."""
    if not report.rows:
        return []
    people = _counted(report.rows, lambda one: one.actor)
    reasons = _counted(report.rows, lambda one: one.reason or "no reason")
    said = finding(asked, report)
    return [
        Chart("bars", said, people, "By person"),
        Chart("bars", _most(reasons), reasons, "By reason"),
    ]


def _counted(rows: Sequence[Group | ByHand], of: Callable[[ByHand], str]) -> dict[str, Any]:
    counted = {verb: Counter[str]() for verb in Verb}
    for row in rows:
        one, number = (row, 1) if isinstance(row, ByHand) else (row.first, row.number)
        counted[one.verb][of(one)] += number
    total = counted[Verb.MOVE] + counted[Verb.UNDO]
    names = [name for name, _ in total.most_common(MOST)]
    series = [
        Series("Moved", "blue", [counted[Verb.MOVE][name] for name in names]),
        Series("Taken back", NOTHING, [counted[Verb.UNDO][name] for name in names]),
    ]
    return bars(names, series, [f"{total[name]:,}" for name in names])


def _most(data: dict[str, Any]) -> str:
    return f"The most frequent reason: {data['names'][0]} ({data['notes'][0]})."


def posted(asked: Question, report: Report[mails.Line]) -> list[Chart]:
    """What became of the mails of each template."""
    if not report.rows:
        return []
    rows = sorted(report.rows, key=lambda row: -row.numbers.total())[:MOST]
    series = [
        Series(outcome.value.capitalize(), colour, [row.numbers[outcome] for row in rows])
        for outcome, colour in OUTCOMES.items()
    ]
    notes = [f"{row.numbers.total():,}" for row in rows]
    return [
        Chart("bars", finding(asked, report), bars([row.template for row in rows], series, notes))
    ]
