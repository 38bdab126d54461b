"""N6: what came of a play, in a few words."""

from datetime import timedelta

from lifecycle.telling.sandbox import Move, Sandboxed
from tests.core.journey import day


def test_what_came_of_it_is_counted() -> None:
    begin = day(1)
    none = Sandboxed(
        "acme", "Acme", begin, begin + timedelta(days=90), 90, False, [], [], [], [], [], []
    )
    # A step may have come in all the same: that nothing happened is not said.
    assert none.summary == "no move, e-mail or CTA"
    none.moves.append(Move(begin, "journey", None, "onboarding", "deal_won"))
    assert none.summary == "1 move"
