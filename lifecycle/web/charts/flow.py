"""Moves from stage to stage as bands that flow one way: who went back or stayed ends at a place of its own."""

from __future__ import annotations

from collections import Counter
from typing import Any

from lifecycle.core.model import Lifecycle
from lifecycle.store.reports.transitions import Transition
from lifecycle.telling.reports.asking import Question
from lifecycle.telling.reports.report import Report
from lifecycle.telling.reports.stages import label, place, stages_of

from .chart import Chart, colour_of, per_lifecycle

Way = tuple[str | None, str | None]


def moves(asked: Question, report: Report[Transition]) -> list[Chart]:
    """A chart for each lifecycle that had moves."""
    return per_lifecycle(asked, report, lambda row: row.lifecycle, _flow)


def _flow(lifecycle: Lifecycle, rows: list[Transition]) -> tuple[str, dict[str, Any]]:
    ways: Counter[Way] = Counter()
    for row in rows:
        ways[row.left, row.entered] += row.moves
    known = stages_of(lifecycle, {stage for way in ways for stage in way})
    nodes: dict[str, dict[str, str]] = {}
    links = [_link(lifecycle, known, nodes, way, number) for way, number in ways.items()]
    return "flow", {"nodes": list(nodes.values()), "links": links}


def _link(
    lifecycle: Lifecycle, known: list[str], nodes: dict[str, dict[str, str]], way: Way, number: int
) -> dict[str, Any]:
    left, entered = way
    is_back = place(lifecycle, entered, known) <= place(lifecycle, left, known)
    names = [_name(left, False), _name(entered, is_back)]
    for name, stage, again in zip(names, way, (False, is_back), strict=True):
        said = f"{label(lifecycle, stage)} again" if again else label(lifecycle, stage)
        nodes.setdefault(name, {"id": name, "name": said, "colour": colour_of(lifecycle, stage)})
    return {"from": names[0], "to": names[1], "number": number}


def _name(stage: str | None, again: bool) -> str:
    """Different for a stage that is left and one gone back to: no band runs in a circle."""
    return f"{'again' if again else 'at'}:{stage or ''}"
