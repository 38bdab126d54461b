"""An account's score, taken apart: what each measure gave and why, and what time alone will change (T16, N3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from lifecycle.core.changes import FieldSet
from lifecycle.core.conditions import Condition, Facts
from lifecycle.core.explaining import explain
from lifecycle.core.fold import forecast
from lifecycle.core.model import Book
from lifecycle.core.scorecard import Scorecard
from lifecycle.core.scoring import MeasureScore, Scored, is_current, score
from lifecycle.core.state import AccountState
from lifecycle.core.values import Value
from lifecycle.definition.condition_words import joined

from .amounts import in_currency
from .scorecards import band_words
from .story import Teller
from .unmet import unmet

AHEAD: Final = timedelta(days=400)
MOST: Final = 60


@dataclass(frozen=True, slots=True)
class Part:
    """A measure. `points` of 100, None when it is left out; `adds` and `loses` are points of the whole score."""

    measure: str
    title: str
    weight: int
    points: int | None
    adds: float | None
    loses: float | None
    because: list[str]


@dataclass(frozen=True, slots=True)
class Change:
    """What the score will be from an instant on if nothing else happens, and what changes it then."""

    at: datetime
    score: int | None
    band: str | None
    because: str


@dataclass(frozen=True, slots=True)
class ScoreView:
    """All that answers "why is it red?". `outside`: why the scorecard is not for the account, if it is not.

    `written` are score and band as the account's fields have them; they follow at its next change.
    """

    scorecard: str
    title: str
    score: int | None
    band: str | None
    said: str
    outside: list[str]
    parts: list[Part]
    next: Change | None
    written: tuple[int | None, str | None]
    is_written: bool


def score_view(
    book: Book, card: Scorecard, state: AccountState, now: datetime, teller: Teller
) -> ScoreView:
    """The score of an account at an instant."""
    facts = Facts(state, now, segments=book.segments)
    found = score(card, facts)
    return ScoreView(
        card.id,
        card.title,
        found.score,
        found.band,
        band_words(card, found.score, found.band),
        [in_currency(said, book) for said in _missing(card.applies, facts)],
        _parts(book, found, facts),
        _next(book, card, state, now, teller),
        _written(card, state.fields),
        is_current(card, facts, found),
    )


def _missing(condition: Condition | None, facts: Facts) -> list[str]:
    if condition is None:
        return []
    return [f"{leaf.said} ({values})" for leaf, _, values in unmet(condition, facts)]


# ── measures


def _parts(book: Book, found: Scored, facts: Facts) -> list[Part]:
    total = sum(one.measure.weight for one in found.measures if one.line is not None)
    return [
        _part(one, total, [in_currency(said, book) for said in _because(one, facts)])
        for one in found.measures
    ]


def _part(one: MeasureScore, total: int, because: list[str]) -> Part:
    measure, points = one.measure, one.points
    if points is None:
        return Part(measure.id, measure.title, measure.weight, None, None, None, because)
    share = measure.weight / total if total else 0.0
    return Part(
        measure.id,
        measure.title,
        measure.weight,
        points,
        share * points,
        share * (100 - points),
        because,
    )


def _because(one: MeasureScore, facts: Facts) -> Iterator[str]:
    """The sentences of the line that decided; of a measure left out, what each line lacks."""
    if one.line is None:
        for line in one.measure.points:
            if line.when is not None:
                yield f"for {line.give}: {joined(_missing(line.when, facts))}"
    elif one.line.when is None:
        yield "otherwise: no line above holds"
    else:
        for said, holds, values in explain(one.line.when, facts):
            if holds:
                yield f"{said} ({values})"


# ── what comes


def _next(
    book: Book, card: Scorecard, state: AccountState, now: datetime, teller: Teller
) -> Change | None:
    """The first change of score or band that the forecast holds (N4)."""
    fields = (card.score_field, card.band_field)
    after = {name: state.fields.get(name) for name in fields if name}
    for entry in forecast(book, state, now + AHEAD, MOST):
        made = [one for one in entry.changes if isinstance(one, FieldSet) and one.name in after]
        if made:
            after |= {one.name: one.value for one in made}
            score, band = _written(card, after)
            return Change(entry.at, score, band, teller.headline(entry.input))
    return None


def _written(card: Scorecard, fields: Mapping[str, Value]) -> tuple[int | None, str | None]:
    """Score and band as fields of the account hold them."""
    found, band = fields.get(card.score_field), fields.get(card.band_field or "")
    return (found if isinstance(found, int) else None, band if isinstance(band, str) else None)
