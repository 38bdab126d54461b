"""What an account's score is made of, as people read it (T16, N3)."""

from datetime import UTC

import pytest

from lifecycle.telling.scorecards import band_words
from lifecycle.telling.scored import ScoreView, score_view
from lifecycle.telling.story import Teller
from tests.core.journey import Journey, flow, small

CARD = """
scorecards:
  health:
    title: Health
    score field: health_score
    band field: health
    for: arr exists
    measures:
      money:
        title: Do they pay?
        weight: 1
        points:
          - {if: arr >= 30000, give: 50}
          - {if: arr >= 10000, unless: seats > 5, give: 30}
    bands:
      green: {from: 75, falls below: 70}
      yellow: {from: 45, falls below: 40}
      red: {from: 0}
"""
BOOK = small(flow("stages: {one: {label: One}}"), scorecards=CARD)


def seen(**fields: object) -> ScoreView:
    """The score of a new account."""
    journey = Journey(BOOK)
    journey.create(**fields)  # type: ignore[arg-type]
    card = BOOK.scorecards["health"]
    return score_view(BOOK, card, journey.fold.state, journey.now, Teller(BOOK, UTC))


def test_n3_amounts_that_decide_a_score_are_told_in_the_currency() -> None:
    """An ARR of 31,200 euros is not 3120000, where a line holds and where it is left out."""
    [gives] = seen(arr=31200).parts
    assert gives.because == ["arr >= 30000 (arr = EUR 31,200)"]
    [left_out] = seen(arr=9999.5).parts
    assert left_out.because == [
        "for 50: arr >= 30000 (arr = EUR 9,999.50)",
        "for 30: arr >= 10000 (arr = EUR 9,999.50)",
    ]


@pytest.mark.parametrize(
    ("score", "band", "words"),
    [
        (100, "green", "100: green until it falls below 70"),
        (60, "yellow", "60: yellow until it falls below 40; green from 75"),
        (39, "red", "39: red; yellow from 45"),
    ],
)
def test_t16_where_a_score_stands_between_the_figures(score: int, band: str, words: str) -> None:
    assert band_words(BOOK.scorecards["health"], score, band) == words
