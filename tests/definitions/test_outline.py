"""Conditions as plain text: several lines, groups, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.core.conditions import All, AnyOf, Compare, Condition, InStage, Not
from lifecycle.core.refusal import Refusal
from lifecycle.definition import parse_condition, scope_of
from lifecycle.definition.asked import condition_asked
from lifecycle.definition.conditions import read_condition
from lifecycle.definition.nodes import parse
from lifecycle.definition.outline import as_yaml, outline_of, read_outline, written
from lifecycle.definition.problems import Report
from tests.definitions.sources import book

BOOK = book()
SCOPE = scope_of(BOOK)
RISK = """\
renewal_date is in the next 120 days
any of:
  health is red
  escalation is one of open, investigating
  all of:
    plan is Pro
    not: has open cta of risk
not: customer_journey is churned
"""
LEAVES = st.sampled_from(
    [
        "health is red",
        "arr >= 1000",
        'name contains "a: b # c"',
        "sales completed",
        "has open cta of risk",
        "not in segment leads",
        "onboarding changed from kickoff to configuration in the last 30 days",
        "customer_journey is one of onboarding, launched for more than 2 weeks",
    ]
)


def groups(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.one_of(several.map(All), several.map(AnyOf), parts.map(Not))


CONDITIONS = st.recursive(LEAVES.map(lambda one: parse_condition(one, SCOPE)), groups, max_leaves=6)


def refused(text: str) -> Refusal:
    with pytest.raises(Refusal) as caught:
        condition_asked([text], BOOK)
    return caught.value


def test_t18_lines_hold_together_and_groups_stand_further_in() -> None:
    found = condition_asked([RISK], BOOK)
    assert isinstance(found, All)
    renewal, trouble, gone = found.of
    assert renewal == parse_condition("renewal_date is in the next 120 days", SCOPE)
    assert isinstance(trouble, AnyOf)
    assert isinstance(trouble.of[0], Compare)
    assert isinstance(trouble.of[2], All)
    assert isinstance(trouble.of[2].of[1], Not)
    assert isinstance(gone, Not)
    assert isinstance(gone.of, InStage)


def test_it_is_the_text_of_segments_yaml() -> None:
    """Dashes may be there; what stands below `where:` is read as the definitions read it."""
    dashed = as_yaml(read_outline(RISK))
    assert condition_asked([dashed], BOOK) == condition_asked([RISK], BOOK)
    assert "  - not: has open cta of risk" in dashed
    assert written(read_outline(dashed)) + "\n" == RISK


@given(CONDITIONS)
def test_what_is_written_is_read_again(condition: Condition) -> None:
    outline = outline_of(condition, SCOPE)
    assert condition_asked([written(outline)], BOOK) == condition
    assert condition_asked([as_yaml(outline, "      ")], BOOK) == condition


@given(CONDITIONS)
def test_the_definitions_read_the_same_from_the_yaml(condition: Condition) -> None:
    report = Report({})
    node = parse("segments.yaml", as_yaml(outline_of(condition, SCOPE)), report)
    assert node is not None
    found = read_condition(node, SCOPE, report)
    assert report.problems() == []
    assert found is not None
    assert plain(found) == condition


def plain(condition: Condition) -> Condition:
    """Without lists of one, which mean what is in them."""
    if isinstance(condition, Not):
        return Not(plain(condition.of))
    if not isinstance(condition, All | AnyOf):
        return condition
    parts = tuple(plain(one) for one in condition.of)
    alone = isinstance(condition, All) and len(parts) == 1
    return parts[0] if alone else type(condition)(parts)


def test_every_wrong_line_is_told_with_its_caret() -> None:
    refusal = refused("helth is red\nany of:\n  plan is Pro\n  plan is\nplan is Free")
    assert refusal.code == "unknown_field"
    assert refusal.what.splitlines()[1:3] == ["  helth is red", "  ^^^^^"]
    assert "The sentence ends here; expected a value." in refusal.what
    assert "plan is Free" not in refusal.what


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("any of:\nplan is Pro", "Line 1: Nothing stands under `any of:`."),
        ("plan is Pro\n  plan is Free", "Line 2: The line stands further in"),
        ("any of: plan is Pro", "no field or lifecycle `any`"),
        ("\n".join("  " * deep + "not:" for deep in range(12)), "too deep"),
        ("plan is Pro\n" * 201, "201 lines"),
        ("not:", "Nothing stands under `not:`."),
    ],
)
def test_a_wrong_outline_is_refused(text: str, said: str) -> None:
    assert said in refused(text).what


def test_comments_and_empty_lines_say_nothing() -> None:
    found = condition_asked(["# those at risk\n\n  - plan is Pro\n"], BOOK)
    assert found == parse_condition("plan is Pro", SCOPE)
