"""Sentences of a command line: one condition, or everything that is wrong with them at once."""

import pytest

from lifecycle.core.conditions import All, InStage
from lifecycle.core.refusal import Refusal
from lifecycle.definition import parse_condition, scope_of
from lifecycle.definition.asked import condition_asked
from tests.definitions.sources import book

BOOK = book()
JOURNEY = "customer_journey is one of onboarding, launched for more than 30 days"


def refused(*sentences: str) -> Refusal:
    with pytest.raises(Refusal) as caught:
        condition_asked(sentences, BOOK)
    return caught.value


def test_several_sentences_must_all_hold() -> None:
    """T17."""
    customer = parse_condition("type is Customer", scope_of(BOOK))
    found = condition_asked([JOURNEY, "type is Customer"], BOOK)
    assert isinstance(found, All)
    assert isinstance(found.of[0], InStage)
    assert found.of[1] == customer
    assert condition_asked(["type is Customer"], BOOK) == customer


def test_no_sentence_holds_of_everybody() -> None:
    assert condition_asked([], BOOK) == All(())


def test_one_wrong_sentence_is_shown_with_a_caret_and_the_remedy() -> None:
    refusal = refused("type is Customer", "customer_journey is one of onboarding, lanched")
    assert refusal.code == "unknown_stage"
    assert refusal.remedy == "Did you mean launched?"
    assert refusal.what.splitlines() == [
        "`customer_journey` has no stage `lanched`.",
        "  customer_journey is one of onboarding, lanched",
        "                                         ^^^^^^^",
    ]


def test_all_wrong_sentences_are_told_at_once() -> None:
    refusal = refused("helth is red", "type is Customer", "arr\tis lots")
    assert (refusal.code, refusal.remedy) == ("unknown_field", "")
    assert refusal.what.splitlines() == [
        "There is no field or lifecycle `helth`.",
        "  helth is red",
        "  ^^^^^",
        "  Did you mean health?",
        "'lots' is not an amount of money.",
        "  arr is lots",
        "         ^^^^",
    ]


def test_there_is_no_event_on_a_command_line() -> None:
    refusal = refused("event.amount > 5")
    assert refusal.code == "no_event"
    assert refusal.remedy.endswith("use a field of the account.")
