"""The sentence builder as a form: what its controls and buttons come to."""

from datetime import date

import pytest

from lifecycle.definition.outline import read_outline, written
from lifecycle.web.pages.accounts.sentence import Choices, Form, Row
from tests.definitions.sources import book

BOOK = book()
TODAY = date(2026, 6, 1)
RISK = """\
renewal_date is in the next 120 days
any of:
  health is red
  has open cta of risk
not: customer_journey is churned"""


def controls(rows: tuple[Row, ...]) -> list[tuple[str, str]]:
    """What a browser sends of a form that shows these rows."""
    found: list[tuple[str, str]] = []
    for row in rows:
        if row.is_group:
            found += [(row.name("word"), row.word), *controls(row.rows)]
            continue
        phrase = row.phrase
        found.append((row.name("was"), phrase.subject))
        for name in ("subject", "verb", "how", "number", "unit", "window", "first", "last"):
            found.append((row.name(name), getattr(phrase, name)))
        for name in ("left", "entered", "raw"):
            found.append((row.name(name), getattr(phrase, name)))
        found += [(row.name("values"), value) for value in phrase.values]
    return found


def sent(text: str, do: str = "", **changed: str) -> str:
    """The text after the form of `text` was sent, some controls changed (`2.verb` as `_2__1_verb`)."""
    items = controls(Choices(BOOK).rows(read_outline(text)))
    named = {name.replace("_", "-").lstrip("-"): value for name, value in changed.items()}
    items = [(name, named.pop(name, value)) for name, value in items] + list(named.items())
    return written(Form(BOOK, items, TODAY).outline(do))


@pytest.mark.parametrize(
    "text",
    [
        RISK.replace("not: customer_journey is churned", "customer_journey is not churned"),
        "customer_journey is one of onboarding, launched for more than 2 weeks",
        "onboarding changed from kickoff in the last 30 days\nsales completed",
        "onboarding changed to configuration between 2026-07-01 and 2026-09-30",
        'name is "csm"\narr >= 1000\nseats_used >= seats',
        "in segment leads\nnot in segment prospects\nnot: has open cta",
        "helth is red",
        "any of:\n  all of:\n    plan is Pro\n    arr exists\n  sales does not exist",
    ],
)
def test_a_form_that_nobody_touched_says_the_same(text: str) -> None:
    assert sent(text) == text


def test_another_subject_begins_a_sentence_of_its_own() -> None:
    assert sent("arr >= 1000", _0_subject="customer_journey") == "customer_journey is onboarding"
    assert sent("arr >= 1000", _0_subject="has open cta") == "has open cta"
    assert sent("customer_journey is lead", _0_subject="name") == "name exists"


def test_another_verb_keeps_what_still_fits() -> None:
    assert (
        sent("plan is one of Pro, Free", _0_verb="is not one of") == "plan is not one of Pro, Free"
    )
    assert sent("plan exists", _0_verb="is one of") == "plan is Free"
    assert sent("renewal_date exists", _0_verb="is before") == "renewal_date is before 2026-06-01"
    assert (
        sent("sales is lead", _0_how="more than", _0_number="5")
        == "sales is lead for more than 5 days"
    )
    assert sent("has open cta of risk", _0_verb="is not") == "not: has open cta of risk"
    assert sent("sales completed", _0_verb="changed") == "sales changed in the last 30 days"


def test_lines_and_groups_come_and_go() -> None:
    assert sent("plan is Pro", "add:") == "plan is Pro\ncustomer_journey is onboarding"
    assert sent("", "group:") == "any of:\n  customer_journey is onboarding"
    assert sent(RISK, "remove:0").startswith("any of:")
    assert sent(RISK, "remove:1.0").splitlines()[1:3] == ["any of:", "  has open cta of risk"]
    assert "  customer_journey is onboarding" in sent(RISK, "add:1")
    only = "any of:\n  plan is Pro"
    assert sent(only, "remove:0.0") == ""


def test_what_no_form_of_ours_sends_does_no_harm() -> None:
    """Hostile names of controls: too deep, too many, none at all."""
    deep = ".".join(["1"] * 50)
    items = [
        (f"{deep}-subject", "plan"),
        ("99999-subject", "plan"),
        ("x-subject", "plan"),
        ("٣-subject", "plan"),
        ("0-subject", "__class__"),
        ("0-verb", "is"),
        ("1-word", "drop table"),
        ("1.0-subject", "plan"),
        ("1.0-was", "plan"),
        ("1.0-verb", "explodes"),
    ]
    assert (
        written(Form(BOOK, items, TODAY).outline("add:9.9"))
        == "__class__ is\nany of:\n  plan is Free"
    )
