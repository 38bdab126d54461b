"""Segments as the audience of automations: an account enters or leaves, by a change or by time alone (T16, V2)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lifecycle.core.conditions import Facts, InSegment
from lifecycle.core.explaining import explain

from .journey import Journey, day, flow, small

SEGMENTS = """
segments:
  slow:
    title: Slow starters
    where:
      - flow is a for more than 10 days
      - type is Customer
  slow_and_big:
    title: Slow and big
    where:
      - in segment slow
      - arr >= 100000
"""
BODY = """
    stages:
      a: {label: A}
      b: {label: B}
    also:
      - name: play
        enters segment: slow
        cta: Help them start
      - name: relief
        leaves segment: slow
        email: notice_alert
        to: csm
      - name: big
        enters segment: slow_and_big
        email: notice_alert
        to: csm
    """


def account(body: str = BODY, **fields: object) -> Journey:
    """A Customer in stage a."""
    journey = Journey(small(flow(body), segments=SEGMENTS))
    journey.create(type="Customer", **fields)  # type: ignore[arg-type]
    journey.set("flow", "a")
    return journey


def test_t16_an_account_enters_a_segment_by_time_alone() -> None:
    """T16, T17: the threshold is a deadline in the account."""
    journey = account()
    assert journey.fold.wakes_at() == day(10)
    journey.at(10)
    assert journey.ctas() == ["play"]
    assert journey.mails() == []


def test_t16_leaving_is_not_the_same_as_never_having_been_in() -> None:
    """T16: only an account that was in the segment leaves it."""
    journey = account()
    journey.at(5).set("flow", "b")
    assert journey.mails() == []
    journey.set("flow", "a")
    journey.at(20).set("flow", "b")
    assert journey.mails() == ["relief"]


def test_t16_entering_again_fires_again() -> None:
    """T16: an account that left is ready to enter again."""
    journey = account()
    journey.at(11)
    journey.close(next(iter(journey.state.ctas)))
    journey.fields(type="Partner")
    journey.fields(type="Customer")
    assert journey.ctas() == ["play", "play"]
    assert journey.mails() == ["relief"]


def test_t16_a_segment_of_a_segment_counts_time_through_both() -> None:
    """T16: `in segment` inside a segment, with its deadline."""
    journey = account(arr=150_000)
    journey.at(10)
    assert journey.mails() == ["big"]


def test_t16_leaving_by_time_alone() -> None:
    """T19: a window that runs out is a deadline too."""
    segments = """
segments:
  fresh: {title: Fresh, where: flow changed to a in the last 7 days}
"""
    body = """
    stages:
      a: {label: A}
    also:
      - {name: old, leaves segment: fresh, cta: No longer fresh}
    """
    journey = Journey(small(flow(body), segments=segments))
    journey.create()
    journey.set("flow", "a")
    journey.at(6.9)
    assert journey.ctas() == []
    journey.at(7)
    assert journey.ctas() == ["old"]


def test_t16_a_stage_line_that_leaves_a_segment_moves_the_account() -> None:
    """T16: in a stage the audience counts from the visit on."""
    segments = """
segments:
  weak: {title: Weak, where: active_users < 5}
"""
    body = """
    stages:
      a:
        label: A
        move:
          - {name: grown, leaves segment: weak, to: b}
      b: {label: B}
    """
    journey = Journey(small(flow(body), segments=segments))
    journey.create()
    journey.set("flow", "a")
    journey.fields(active_users=7)
    assert journey.stage("flow") == "a", "it was never weak in this visit"
    journey.fields(active_users=2)
    journey.fields(active_users=9)
    assert journey.stage("flow") == "b"


def test_r18_a_play_that_was_held_runs_at_the_end_of_the_hold_unless_the_account_left() -> None:
    """R18: what came true is done at the end, and what is no longer so is not."""
    journey = account()
    journey.hold(20)
    journey.at(12)
    assert journey.ctas() == []
    journey.at(21)
    assert journey.ctas() == ["play"]
    other = account()
    other.hold(20)
    other.at(12).set("flow", "b")
    other.at(21)
    assert other.ctas() == []


def test_r24_a_changed_segment_reaches_running_accounts() -> None:
    """R24: an account that the new wording covers enters at adoption."""
    journey = account()
    journey.at(5)
    shorter = SEGMENTS.replace("more than 10 days", "more than 3 days")
    journey.adopt(small(flow(BODY), segments=shorter))
    assert journey.ctas() == ["play"]


def test_n3_a_segment_explains_itself_by_its_sentences() -> None:
    """N3: the sentences of the segment are told with the values that decided."""
    journey = account()
    asked = Facts(journey.state, day(11), segments=journey.fold.book.segments)
    said = explain(InSegment("slow", "in segment slow"), asked)
    assert said == [
        ("in segment slow", True, "segment slow"),
        ("flow is a for more than 10 days", True, "flow = a for 11 days"),
        ("type is Customer", True, "type = Customer"),
    ]
    assert not InSegment("gone").holds(asked)


@pytest.mark.parametrize("many", [3, 4, 5])
def test_r23_lines_that_chase_each_other_by_a_field_are_stopped_once(many: int) -> None:
    """R23: time sets the chase off; it ends with a note, and nothing is due again at that instant."""
    lines = [
        f"      - {{name: l{n}, as soon as: [renewal_date is in the next 30 days, sector is s{n}],"
        f" set: {{sector: s{(n + 1) % many}}}}}\n"
        for n in reversed(range(many))
    ]
    body = BODY.split("    also:")[0] + "    also:\n" + "".join(lines)
    journey = Journey(small(flow(body), segments=SEGMENTS))
    journey.create(sector="s0", renewal_date="2026-04-01")
    [entry] = journey.fold.catch_up(day(60))
    assert [note.code for note in entry.notes].count("cascade_stopped") == 1
    assert journey.fold.wakes_at() == datetime(2026, 4, 2, tzinfo=UTC)
