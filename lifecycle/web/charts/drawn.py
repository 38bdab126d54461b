"""Which chart a report is drawn as."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from lifecycle.telling.reports.asking import Question
from lifecycle.telling.reports.report import Report

from . import flow, lengths, lying, over_time
from .chart import Chart

_DRAWN: Final[dict[str, Callable[[Question, Report[Any]], list[Chart]]]] = {
    "distribution": lying.standing,
    "over-time": over_time.stood,
    "transitions": flow.moves,
    "time-in-stage": lengths.stays,
    "funnel": lying.reached,
    "velocity": over_time.through,
    "forecast": over_time.ahead,
    "late": lying.overdue,
    "stuck": lying.overdue,
    "manual": lying.by_hand,
    "mail": lying.posted,
    "health": over_time.bands,
}


def charts_of(asked: Question, report: Report[Any]) -> list[Chart]:
    """The charts of a report: one, one for each lifecycle, or none where it is a list."""
    make = _DRAWN.get(report.name)
    return make(asked, report) if make else []
