"""scorecards.yaml: weighted measures that give a score and a band (T16)."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from lifecycle.core.conditions import Condition
from lifecycle.core.scorecard import Measure, Points, Scorecard

from . import amounts
from .bands import ZERO_TO_HUNDRED, read_bands
from .conditions import read_condition, read_guard
from .known import Known
from .nodes import Node
from .records import Record, open_record, read_id
from .score_fields import band_field, score_field


@dataclass(slots=True)
class Card:
    """A scorecard as read, with its record and every condition it asks beside the node it stands in."""

    scorecard: Scorecard
    record: Record
    asked: list[tuple[Condition, Node]] = field(default_factory=list)


def read_scorecards(record: Record, known: Known) -> dict[str, Card]:
    """Every scorecard that can be read, in the order written."""
    found = {}
    for key, node in record.entries("scorecards"):
        inner = open_record(node, "scorecard", record.report)
        if read_id(key, record.report) is not None and inner.found:
            found[key.text] = _Reader(inner, known).read(key.text)
    return found


@dataclass(slots=True)
class _Reader:
    """Reads one scorecard; keeps the conditions it came across."""

    record: Record
    known: Known
    asked: list[tuple[Condition, Node]] = field(default_factory=list)

    def read(self, name: str) -> Card:
        record = self.record
        node = record.node("for")
        applies = read_condition(node, self.known.scope(), record.report) if node else None
        self._ask(applies, node)
        banded = band_field(record, self.known)
        made = Scorecard(
            name,
            record.text("title") or name,
            score_field(record, self.known) or "",
            self._measures(),
            banded.id if banded else None,
            read_bands(record, banded),
            applies,
            record.text("description") or "",
        )
        return Card(made, record, self.asked)

    def _ask(self, condition: Condition | None, node: Node | None) -> None:
        if condition is not None and node is not None:
            self.asked.append((condition, node))

    def _measures(self) -> tuple[Measure, ...]:
        node = self.record.node("measures")
        if node is not None and not getattr(node, "pairs", True):
            message = "The scorecard measures nothing."
            self.record.report.error(node.at, "empty_list", message, "Add a measure.")
        return tuple(
            self._measure(key.text, open_record(value, "measure", self.record.report))
            for key, value in self.record.entries("measures")
            if read_id(key, self.record.report)
        )

    def _measure(self, name: str, record: Record) -> Measure:
        lines = [open_record(node, "points line", record.report) for node in record.items("points")]
        points = tuple(self._points(line) for line in lines)
        for before, after in pairwise(lines):
            if before.switch("otherwise"):
                message = "A line after `otherwise` is never read."
                record.report.error(after.at, "after_otherwise", message, "Put `otherwise` last.")
        return Measure(name, record.text("title") or name, record.whole("weight") or 1, points)

    def _points(self, line: Record) -> Points:
        otherwise = line.switch("otherwise")
        guarded = [key for key in ("if", "unless") if key in line]
        if otherwise and guarded:
            message = f"`otherwise` stands beside `{guarded[0]}`."
            line.report.error(line.mark("otherwise"), "stray_key", message, "Keep one of them.")
        elif not otherwise and not guarded and line.found:
            message = "The line does not say when it gives points."
            remedy = "Add `if:` or `unless:`; or `otherwise: true` in the last line."
            line.report.error(line.at, "no_condition", message, remedy)
        when = read_guard(line, self.known.scope())
        for key in guarded:
            self._ask(when, line.node(key))
        return Points(line.parsed("give", amounts.points, ZERO_TO_HUNDRED) or 0, when)
