"""What is wrong with scorecards as a whole: one field written by two, scores that depend on themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lifecycle.core.conditions import (
    Compare,
    Condition,
    Exists,
    Field,
    InSegment,
    Leaf,
    OneOf,
    Within,
    leaves,
)
from lifecycle.core.model import Segment
from lifecycle.core.scorecard import Scorecard

from .circles import circles, drawn
from .mentions import mention
from .problems import Mark, Report
from .scorecards import Card

Segments = Mapping[str, Segment]


def check_scorecards(cards: Mapping[str, Card], segments: Segments, report: Report) -> None:
    """Reports fields with two writers, and circles of scorecards that read what they write."""
    writers = _writers(cards, report)
    graph = {
        name: sorted({writers[field] for field in _read_by(card, segments) if field in writers})
        for name, card in cards.items()
    }
    for circle in circles(graph):
        _tell(circle, cards, segments, report)


def _writers(cards: Mapping[str, Card], report: Report) -> dict[str, str]:
    """The scorecard that writes each field."""
    found: dict[str, str] = {}
    for name, card in cards.items():
        for key, field in (
            ("score field", card.scorecard.score_field),
            ("band field", card.scorecard.band_field),
        ):
            if not field:
                continue
            first = found.setdefault(field, name)
            if first != name:
                message = f"`{field}` is written by the scorecard `{first}` already."
                at = card.record.found[key][1].at
                report.error(at, "two_writers", message, "Give each scorecard fields of its own.")
    return found


def _tell(
    circle: tuple[str, ...], cards: Mapping[str, Card], segments: Segments, report: Report
) -> None:
    first, following = cards[circle[0]], cards[circle[1 % len(circle)]].scorecard
    at, field, through = _place(first, following, segments)
    way = f" through the segment `{through}`" if through else ""
    if len(circle) == 1:
        message = f"The scorecard `{circle[0]}` asks `{field}`{way}, which it writes itself."
    else:
        message = f"These scorecards depend on each other: {drawn(circle)}; here by `{field}`{way}."
    remedy = "Ask what the score is made of, not the score."
    report.error(at, "scorecard_circle", message, remedy)


def _place(card: Card, asked: Scorecard, segments: Segments) -> tuple[Mark, str, str]:
    """Where a scorecard first asks what another writes: the place, the field, the segment in between."""
    written = {asked.score_field, asked.band_field}
    for condition, node in card.asked:
        for leaf in leaves(condition):
            through = leaf.segment if isinstance(leaf, InSegment) else ""
            for field in _fields(leaf, segments):
                if field in written:
                    return mention(node, through or field), field, through
    raise AssertionError(f"{card.scorecard.id} does not ask {asked.id}")


def _read_by(card: Card, segments: Segments) -> set[str]:
    return {field for condition, _ in card.asked for field in _fields(condition, segments)}


def _fields(condition: Condition, segments: Segments) -> Iterator[str]:
    """The fields a condition asks, in its segments too."""
    for leaf in leaves(condition, segments):
        yield from _of_leaf(leaf)


def _of_leaf(leaf: Leaf) -> Iterator[str]:
    if not isinstance(leaf, Compare | OneOf | Exists | Within):
        return
    operands = (leaf.left, leaf.right) if isinstance(leaf, Compare) else (leaf.left,)
    yield from (one.name for one in operands if isinstance(one, Field))
