"""Scorecards in plain words: what is measured, how it counts, when a band is entered and left (T16, G8)."""

from __future__ import annotations

from collections.abc import Iterator

from lifecycle.core.model import Book
from lifecycle.core.scorecard import Measure, Points, Scorecard

from .condition_words import Labels, condition_words


def describe_scorecard(card: Scorecard, book: Book) -> str:
    """The scorecard as text: its measures with their weights and points, then its bands."""
    labels = Labels(book)
    lines = [card.title, *([card.description] if card.description else [])]
    lines += ["", _head(card, labels), ""]
    total = sum(measure.weight for measure in card.measures)
    for number, measure in enumerate(card.measures, 1):
        lines.append(f"{number}. {measure.title} – {measure.weight} of {total} [{measure.id}]")
        lines += [f"   - {line}" for line in _lines(measure, labels)]
    lines += ["", "The score is their mean by weight, 0 to 100."] if len(card.measures) > 1 else []
    if card.band_field:
        lines += ["", f"{labels.field(card.band_field)}:", *(f"   - {one}" for one in _bands(card))]
    return "\n".join(lines) + "\n"


def describe_scorecards(book: Book) -> str:
    """Every scorecard, one after the other."""
    return "\n".join(describe_scorecard(card, book) for card in book.scorecards.values())


def _head(card: Scorecard, labels: Labels) -> str:
    written = labels.field(card.score_field)
    written += f" and {labels.field(card.band_field)}" if card.band_field else ""
    if card.applies is None:
        return f"Writes {written} of every account."
    those = condition_words(card.applies, labels)
    return f"Writes {written} of accounts of which this holds: {those}. Of others they are empty."


def _lines(measure: Measure, labels: Labels) -> Iterator[str]:
    for number, line in enumerate(measure.points):
        yield f"{'else ' if number else ''}{_points(line, labels)}"
    if all(line.when is not None for line in measure.points):
        yield "else it is left out, and so is its weight"


def _points(line: Points, labels: Labels) -> str:
    said = f"{line.give} point{'' if line.give == 1 else 's'}"
    return f"{said} if {condition_words(line.when, labels)}" if line.when is not None else said


def _bands(card: Scorecard) -> Iterator[str]:
    for band in card.bands:
        if band is card.bands[-1] and len(card.bands) > 1:
            yield f"{band.id} below that"
        elif band.falls_below < band.at_least:
            yield f"{band.id} from {band.at_least}, until the score falls below {band.falls_below}"
        else:
            yield f"{band.id} from {band.at_least}"
