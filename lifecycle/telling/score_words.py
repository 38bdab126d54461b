"""Why each measure of a score gave what it gave, in words for who did not write the scorecard (T16, N3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from lifecycle.core.conditions import Facts
from lifecycle.core.model import Book
from lifecycle.core.scorecard import Scorecard
from lifecycle.core.scoring import MeasureScore, score
from lifecycle.core.state import AccountState

from .criteria import Criterion, criteria


def because_words(
    book: Book, card: Scorecard, state: AccountState, now: datetime
) -> dict[str, list[str]]:
    """By measure: what holds of the line that decided; of a measure left out, what each line asks."""
    facts = Facts(state, now, segments=book.segments)
    found = score(card, facts).measures
    return {one.measure.id: list(_because(one, facts, book)) for one in found}


def _because(one: MeasureScore, facts: Facts, book: Book) -> Iterable[str]:
    if one.line is not None and one.line.when is None:
        return ["None of its other lines holds"]
    if one.line is not None and one.line.when is not None:
        parts = criteria(one.line.when, facts, book).parts
        return [_said(part) for part in parts if part.holds]
    lines = ((line.give, line.when) for line in one.measure.points if line.when is not None)
    return [
        f"for {give}: {' and '.join(_said(part) for part in criteria(when, facts, book).parts if not part.holds)}"
        for give, when in lines
    ]


def _said(part: Criterion) -> str:
    return f"{part.text} ({part.values})" if part.values else part.text
