"""Scorecards: weighted measures of an account, and the band its score lies in (T16).

A score is whole points, 0 to 100: the mean of the measures by their weights, halves rounded up. A measure none of
whose lines hold is left out, and so is its weight. A band is entered at its figure and left below another, so that
a score that wavers between the two does not make health flap.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from .conditions import Condition, Facts, TimeLeaf, flips_of
from .explaining import explain
from .scorecard import Band, Measure, Points, Scorecard


class MeasureScore(NamedTuple):
    """What a measure gives, and the line that decided; both None when it is left out."""

    measure: Measure
    line: Points | None = None

    @property
    def points(self) -> int | None:
        """0 to 100, or None."""
        return self.line.give if self.line else None


class Scored(NamedTuple):
    """A scorecard asked: both figures are None for accounts it does not apply to, or knows nothing of."""

    score: int | None
    band: str | None
    measures: tuple[MeasureScore, ...] = ()


def score(card: Scorecard, facts: Facts) -> Scored:
    """The score now. The band also depends on the present one, which the account's field holds."""
    if card.applies is not None and not card.applies.holds(facts):
        return Scored(None, None)
    measures = tuple(MeasureScore(one, _line(one, facts)) for one in card.measures)
    mean = _mean(measures)
    return Scored(mean, _band(card, mean, facts), measures)


def _line(measure: Measure, facts: Facts) -> Points | None:
    for one in measure.points:
        if one.when is None or one.when.holds(facts):
            return one
    return None


def _mean(measures: tuple[MeasureScore, ...]) -> int | None:
    counted = [(one.measure.weight, one.line.give) for one in measures if one.line is not None]
    weight = sum(weight for weight, _ in counted)
    if not weight:
        return None
    return (2 * sum(weight * points for weight, points in counted) + weight) // (2 * weight)


def _band(card: Scorecard, mean: int | None, facts: Facts) -> str | None:
    present = facts.state.fields.get(card.band_field) if card.band_field else None
    return band_of(card.bands, mean, present if isinstance(present, str) else None)


def band_of(bands: tuple[Band, ...], mean: int | None, present: str | None) -> str | None:
    """The band of a score for an account that is in `present`.

    Upwards a band's `at_least` must be reached; downwards each band on the way holds until `falls_below`.
    """
    if mean is None or not bands:
        return None
    reached = next((i for i, band in enumerate(bands) if mean >= band.at_least), len(bands) - 1)
    stood = next((i for i, band in enumerate(bands) if band.id == present), reached)
    on_the_way = range(stood, reached)
    return bands[next((i for i in on_the_way if mean >= bands[i].falls_below), reached)].id


def is_current(card: Scorecard, facts: Facts, scored: Scored) -> bool:
    """Whether the account's fields say what the scorecard says."""
    fields = facts.state.fields
    same_band = card.band_field is None or fields.get(card.band_field) == scored.band
    return same_band and fields.get(card.score_field) == scored.score


def conditions_of(card: Scorecard) -> Iterator[Condition]:
    """Every condition a scorecard asks."""
    if card.applies is not None:
        yield card.applies
    for measure in card.measures:
        yield from (line.when for line in measure.points if line.when is not None)


def turns_at(
    card: Scorecard, facts: Facts, timed: Sequence[TimeLeaf], until: datetime | None = None
) -> datetime | None:
    """The first instant from `facts.now` on at which the fields must change if nothing but time passes.

    `timed` are the `time_leaves` of the card's conditions. What else may change the score is told as it happens.
    None where it is later than `until`.
    """
    for at in flips_of(timed, facts, until):
        then = replace(facts, now=at)
        if not is_current(card, then, score(card, then)):
            return at
    return None


def told(scored: Scored, facts: Facts) -> list[str]:
    """Each measure in a sentence: its points, its weight, and the line that decided with its values (N3)."""
    return [_told(one, facts) for one in scored.measures]


def _told(one: MeasureScore, facts: Facts) -> str:
    name = one.measure.id
    if one.line is None:
        return f"{name}: left out (none of its lines holds)"
    said = f"{name}: {one.line.give} of 100, weight {one.measure.weight}"
    if one.line.when is None:
        return f"{said} (otherwise)"
    why = [f"{line} [{values}]" for line, held, values in explain(one.line.when, facts) if held]
    return f"{said} ({'; '.join(why)})" if why else said
