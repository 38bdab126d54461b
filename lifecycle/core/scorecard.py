"""What CS ops define in scorecards.yaml: measures, their points and weights, and the bands of a score (T16)."""

from __future__ import annotations

from dataclasses import dataclass

from .conditions import Condition

SCORECARD = "scorecard"
"""Who writes a field that no one else may (`FieldDef.written_by`)."""


@dataclass(frozen=True, slots=True)
class Points:
    """One line of a measure: `when` it holds, it gives that many points; `when` None is `otherwise`."""

    give: int
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """A part of a scorecard: 0 to 100 points by the first line that holds; left out when none does."""

    id: str
    title: str
    weight: int
    points: tuple[Points, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """A score of `at_least` enters the band from below; it is left when the score falls below `falls_below`."""

    id: str
    at_least: int
    falls_below: int


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Weighted measures that give a score (0 to 100) and a band, each written to a field (T16).

    `applies` limits it to some accounts: for all others both fields are empty. `bands` are best first.
    """

    id: str
    title: str
    score_field: str
    measures: tuple[Measure, ...]
    band_field: str | None = None
    bands: tuple[Band, ...] = ()
    applies: Condition | None = None
    description: str = ""

    @property
    def key(self) -> str:
        """What the field it writes names as its cause."""
        return f"scorecard.{self.id}"
