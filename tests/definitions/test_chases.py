"""Automations that chase each other, and when conditions can hold together (N7)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.core.conditions import All, Condition, Facts
from lifecycle.core.state import AccountState, Track
from lifecycle.definition import parse_condition
from lifecycle.definition.contradictions import can_hold
from tests.definitions.sources import codes, read
from tests.definitions.test_sentences import FIELDS, LITERALS, SCOPE, STAGES, TREES

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)

ONE = """
lifecycle: one
title: One
version: 1
stages:
  a:
    label: A
    by hand: true
    move:
      - {{entered: two.y, to: b{guard}}}
  b:
    label: B
    by hand: true
    move:
      - {{entered: two.x, to: a}}
"""
TWO = """
lifecycle: two
title: Two
version: 1
stages:
  x:
    label: X
    by hand: true
    move:
      - {{entered: one.a, to: y{guard}}}
  y:
    label: Y
    by hand: true
    move:
      - {{entered: one.b, to: x}}
"""


def chased(one: str = "", two: str = "") -> list[str]:
    """The codes when the lines of two lifecycles carry these guards."""
    return codes(read({"one.yaml": ONE.format(guard=one), "two.yaml": TWO.format(guard=two)}))


def test_a_chase_across_two_lifecycles_is_found_once() -> None:
    """N7."""
    assert chased() == ["chase"]


@pytest.mark.parametrize(
    ("one", "two", "found"),
    [
        (", if: plan is Pro", ", if: plan is Free", []),
        (", if: plan is Pro", ', if: "plan is one of Free, Pro"', ["chase"]),
        (", if: plan is Pro", ", unless: plan is Pro", []),
        (", if: seats > 5", ", if: seats <= 5", []),
        (", if: seats >= 5", ", if: seats <= 5", ["chase"]),
        (", if: plan exists", ", unless: plan exists", []),
        (", if: escalation is open", ", if: escalation does not exist", []),
        (", if: in segment leads", ", if: in segment prospects", []),
        (", if: in segment leads", ", unless: in segment leads", []),
        (", if: in segment leads", ", if: sales is lead", ["chase"]),
        (", if: in segment without_csm", ", if: in segment customers", ["chase"]),
        (", if: in segment without_csm", ", if: type is Partner", []),
        (", if: has open cta", "", []),
        (", if: health is red", "", []),
        (", if: one is a for more than 3 days", "", []),
        (", published: no", "", []),
        (", shadow: yes", "", []),
        (", at most: once a day", "", []),
    ],
)
def test_only_what_is_proven_is_a_chase(one: str, two: str, found: list[str]) -> None:
    """N7: conditions that exclude each other, or that the circle itself may change, prove nothing."""
    assert chased(one, two) == found


SWING = """
lifecycle: swing
title: Swing
version: 1
stages:
  here:
    label: Here
    by hand: true
    move:
      - {{{first}: customers, to: there}}
  there:
    label: There
    by hand: true
    move:
      - {{{second}: {segment}, to: here}}
"""


@pytest.mark.parametrize(
    ("first", "second", "segment", "found"),
    [
        ("enters segment", "enters segment", "customers", ["chase"]),
        ("enters segment", "enters segment", "ready_to_grow", []),  # asks for an open CTA
        ("enters segment", "leaves segment", "customers", []),
        ("leaves segment", "leaves segment", "customers", []),
    ],
)
def test_lines_of_segments_chase_only_where_the_account_is_in_both(
    first: str, second: str, segment: str, found: list[str]
) -> None:
    """N7, T16: entering holds on the way in; leaving needs something to change."""
    swing = SWING.format(first=first, second=second, segment=segment)
    assert codes(read({"swing.yaml": swing})) == found


def test_fields_that_the_circle_writes_prove_nothing() -> None:
    """A line that runs on entering may make the condition false."""
    acting = ONE.format(guard=", if: plan is Pro").replace(
        "    by hand: true\n", "    by hand: true\n    do:\n      - {set: {plan: Free}}\n", 1
    )
    assert codes(read({"one.yaml": acting, "two.yaml": TWO.format(guard="")})) == []


def crossing(count: int, condition: str) -> str:
    """A lifecycle in which every stage leads to every other."""
    stages = "".join(
        f"  s{here}:\n    label: Stage {here}\n    move:\n"
        + "".join(
            f"      - {{name: m{here}_{there}, as soon as: {condition.format(here * count + there)}, to: s{there}}}\n"
            for there in range(count)
            if there != here
        )
        for here in range(count)
    )
    start = "start:\n  - {when: account.created, to: s0}\n"
    return f"lifecycle: crossing\ntitle: Crossing\nversion: 1\nstages:\n{stages}{start}"


@pytest.mark.parametrize(("condition", "chases"), [("seats is {}", 0), ("seats > {}", 19)])
def test_many_ways_do_not_keep_the_reader_busy(condition: str, chases: int) -> None:
    """400 lines have more circles than can be tried; each stage is named in one chase at most."""
    assert codes(read({"crossing.yaml": crossing(20, condition)})) == ["chase"] * chases


@st.composite
def accounts(draw: st.DrawFn) -> Facts:
    fields = {name: draw(st.none() | LITERALS[datum.kind]) for name, datum in FIELDS.items()}
    state = AccountState("a", NOW, NOW, fields=fields)
    for name, stages in STAGES.items():
        stage = draw(st.none() | st.sampled_from(stages))
        since = NOW - timedelta(days=draw(st.integers(0, 500)))
        state.tracks[name] = Track(
            name, stage, entered_at=since, counting_since=since if stage else None
        )
    event = {"amount": draw(LITERALS[FIELDS["arr"].kind]), "text": "x", "day": date(2026, 6, 1)}
    return Facts(state, NOW, event)


@settings(deadline=None, max_examples=300)
@given(TREES, accounts())
def test_what_holds_of_an_account_is_never_called_impossible(tree: Condition, facts: Facts) -> None:
    assert can_hold([tree]) or not tree.holds(facts)


@pytest.mark.parametrize(
    "sentences",
    [
        ["plan is Pro", "plan is Free"],
        ["plan is Pro", "plan is not Pro"],
        ["plan is Pro", "plan is one of Free, Pro Plus"],
        ["plan is Pro", "plan does not exist"],
        ["seats > 5", "seats < 5"],
        ["seats > 5", "seats <= 5"],
        ["seats is 7", "seats < 5"],
        ["arr >= 100", "arr does not exist"],
        ["journey is start", "journey does not exist"],
        ["journey is start", "journey is not one of start, middle"],
        ["renewal is after 2026-01-31", "renewal is before 2026-01-31"],
    ],
)
def test_contradictions_are_seen(sentences: list[str]) -> None:
    """And their parts may hold each by itself."""
    parts = tuple(parse_condition(sentence, SCOPE) for sentence in sentences)
    assert not can_hold([All(parts)])
    assert all(can_hold([part]) for part in parts)
