"""Plain words and diagrams of the shipped lifecycles (G5, G8): golden files, re-recorded by LIFECYCLE_RECORD=1."""

import os
from pathlib import Path

import pytest

from lifecycle.core.model import COLOURS
from lifecycle.definition import automation_words, describe, diagram
from lifecycle.definition.condition_words import Labels, condition_words
from lifecycle.definition.diagram import COLOUR_CODES
from lifecycle.definition.known import scope_of
from lifecycle.definition.sentences import parse_sentence
from tests.definitions.sources import LIFECYCLES, SHIPPED, book

GOLDEN = Path(__file__).parent / "golden"
BOOK = book()


def compare(name: str, text: str) -> None:
    file = GOLDEN / name
    if os.environ.get("LIFECYCLE_RECORD") == "1":
        file.write_text(text)
    assert text == file.read_text()


@pytest.mark.parametrize("name", LIFECYCLES)
def test_a_team_can_read_the_rules(name: str) -> None:
    """G5, G6, G8."""
    compare(f"{name}.txt", describe(BOOK.lifecycles[name], BOOK))


@pytest.mark.parametrize("name", LIFECYCLES)
def test_the_stages_are_drawn(name: str) -> None:
    """G8."""
    compare(f"{name}.mmd", diagram(BOOK.lifecycles[name], BOOK))


def test_a_sentence_by_itself_says_where_it_applies() -> None:
    line = next(
        one
        for one in BOOK.lifecycles["customer_stages"].automations
        if one.name == "onboarding_updates"
    )
    assert automation_words(line, BOOK) == (
        "When an opportunity is closed won, move to Onboarding"
        " (from any stage that is no end, or none; forward only)."
    )


def test_switched_off_and_shadow_lines_say_so_and_are_not_drawn() -> None:
    """V12, N11."""
    changed = SHIPPED["sales.yaml"].replace(
        "      - name: opportunity_makes", "      - published: no\n        name: opportunity_makes"
    )
    changed = changed.replace(
        "  - name: purchase_billed", "  - shadow: yes\n    name: purchase_billed"
    )
    found = book({"sales.yaml": changed})
    words, drawing = (make(found.lifecycles["sales"], found) for make in (describe, diagram))
    assert "move to Prospect. (Switched off.)" in words
    assert "move to Customer. (In shadow: only recorded, not done.)" in words
    assert "--> s_prospect" not in drawing
    assert "--> s_customer" not in drawing


def test_every_colour_can_be_drawn() -> None:
    """T5."""
    assert set(COLOUR_CODES) == set(COLOURS)


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("plan is not Pro", "Plan is not “Pro”"),
        ("arr < 1200.50", "ARR is below 1,200.50 EUR"),
        ("plan is not one of Pro, Free", "Plan is not “Pro” or “Free”"),
        ("renewal_date does not exist", "Renewal date is empty"),
        ("renewal_date is in the next 120 days", "Renewal date is in the next 120 days"),
        ("escalation does not exist", "Escalation is in no stage"),
        ("escalation exists", "Escalation is in a stage"),
        ("escalation is one of open, None", "Escalation is in Open or no stage"),
        ("onboarding is kickoff for more than 3 days", "Onboarding project is in Kickoff for more than 3 days"),
        ("onboarding changed from kickoff to None in the last 1 day",
         "Onboarding project changed from Kickoff to no stage in the last 1 day"),
        ("onboarding completed between 2026-01-01 and 2026-01-31",
         "Onboarding project was completed between 2026-01-01 and 2026-01-31"),
        ("has open cta of risk", "a CTA of kind “risk” is open"),
    ],
)  # fmt: skip
def test_conditions_read_as_people_speak(sentence: str, words: str) -> None:
    """G8."""
    assert condition_words(parse_sentence(sentence, scope_of(BOOK)), Labels(BOOK)) == words
