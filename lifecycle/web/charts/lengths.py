"""Days in stage: the middle half of the stays, their median, and what is expected."""

from __future__ import annotations

from typing import Any

from lifecycle.core.durations import Duration, Unit
from lifecycle.core.model import Lifecycle
from lifecycle.telling.reports.asking import Question
from lifecycle.telling.reports.durations import Line
from lifecycle.telling.reports.report import Report, number_words
from lifecycle.telling.reports.stages import label

from .chart import Chart, colour_of, per_lifecycle


def stays(asked: Question, report: Report[Line]) -> list[Chart]:
    """A chart for each lifecycle; a stage that nobody left in these days has an empty line."""
    return per_lifecycle(asked, report, lambda row: row.lifecycle.id, _ranges)


def _ranges(lifecycle: Lifecycle, rows: list[Line]) -> tuple[str, dict[str, Any]]:
    return "ranges", {"rows": [_range(lifecycle, row) for row in rows]}


def _range(lifecycle: Lifecycle, row: Line) -> dict[str, Any]:
    stage = lifecycle.stage(row.stage)
    median = row.over.median
    return {
        "name": label(lifecycle, row.stage),
        "colour": colour_of(lifecycle, row.stage),
        "low": row.over.quantile(0.25),
        "median": median,
        "high": row.over.quantile(0.75),
        "expected": _elapsed(stage.expected) if stage else None,
        "said": f"median {number_words(median)}" if median is not None else "nobody left it",
    }


def _elapsed(expected: Duration | None) -> float | None:
    """Days on the scale; business days have no place on it, the table names them."""
    if expected is None or expected.unit is Unit.BUSINESS_DAYS:
        return None
    return expected.elapsed.total_seconds() / 86_400
