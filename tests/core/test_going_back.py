"""Bringing an earlier version back: as if the later one had never run (R13, R24)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from lifecycle.core import changes as c
from lifecycle.core.deciding.going_back import KEPT
from lifecycle.core.evolve import apply
from lifecycle.core.inputs import GoBack
from lifecycle.core.model import Book
from lifecycle.core.state import AccountState

from .journey import Journey, day, flow, small

SLOW = """
    stages:
      a:
        label: A
        move:
          - {name: go, after: 45 days, to: b}
          - {name: live, when: product.went_live, to: b}
      b:
        label: B
        do:
          - {name: hello, email: welcome, to: contact}
          - {name: call, cta: Call}
        move: [{name: on, after: 30 days, to: c}]
      c: {label: C}
    also:
      - {name: keep, when: usage.reported, set: {active_users: event.active_users}}
    """
FAST = SLOW.replace("after: 45 days", "after: 14 days")
USE = SLOW.replace(
    "- {name: go, after: 45 days, to: b}",
    '- {name: go, "as soon as": active_users > 5, to: b}',
)


def book(body: str, version: int = 1) -> Book:
    return small(flow(body, version=version))


def back(journey: Journey, body: str = SLOW, left: int = 2) -> list[c.Entry]:
    """Version 2 is taken back."""
    item = GoBack(journey.now, "ops", "b1", id="", left={"flow": left}, reason="too early")
    journey.entries += (entries := journey.fold.take(item, book(body)))
    return entries


def kept(journey: Journey) -> list[str]:
    return [note.text for note in journey.notes(KEPT)]


def clockwork(state: AccountState) -> dict[str, Any]:
    """What stages, days and timers hang on."""
    track = asdict(state.tracks["flow"])
    for name in ("last_visit", "revision"):
        del track[name]
    return {"track": track, "dates": state.dates, "waiting": state.waiting, "true": state.true}


@pytest.fixture
def journey() -> Journey:
    made = Journey(book(SLOW))
    made.create()
    made.set("flow", "a")
    return made


def test_r24_a_move_made_too_early_is_as_if_it_had_never_been(journey: Journey) -> None:
    """R13, R24: 45 → 14 days moved it on day 14; on day 20 it is back, and its 45 days count on."""
    journey.at(3)
    before = clockwork(journey.state)
    journey.adopt(book(FAST, 2))
    journey.at(20)
    assert journey.stage("flow") == "b"
    [entry] = back(journey)
    assert clockwork(journey.state) == before
    assert journey.state.versions == {"flow": 1}
    assert journey.state.ctas == {}
    assert kept(journey) == []
    assert [change.unit.summary for change in entry.changes if isinstance(change, c.Undone)] == [
        "Flow: A → B"
    ]
    due = journey.fold.next_due()
    assert due is not None
    assert (due.what, due.at) == ("flow.go", day(45))
    journey.at(46)
    assert (journey.stage("flow"), journey.track("flow").entered_at) == ("b", day(45))


def test_r24_moves_that_followed_are_taken_back_with_it_while_they_are_the_version_s(
    journey: Journey,
) -> None:
    """R24: two timers of the version fired one after the other."""
    faster = FAST.replace("after: 30 days", "after: 2 days")
    journey.adopt(book(faster, 2))
    journey.at(17)
    assert journey.stage("flow") == "c"
    [entry] = back(journey)
    assert len([change for change in entry.changes if isinstance(change, c.Undone)]) == 2
    assert journey.stage("flow") == "a"
    assert journey.state.units[-1].summary == "Flow: None → A"


def test_r24_it_ends_at_what_is_somebody_else_s(journey: Journey) -> None:
    """R24: a person moved it on; it is kept, with why, and runs the version brought back."""
    journey.adopt(book(FAST, 2))
    journey.at(15).set("flow", "c")
    back(journey)
    assert journey.stage("flow") == "c"
    assert journey.state.versions == {"flow": 1}
    [said] = kept(journey)
    assert said.startswith("Kept: Flow: A → B. “Flow: B → C” is not the doing of version 2 alone.")


def test_r24_an_automation_that_is_the_same_in_both_ends_it(journey: Journey) -> None:
    """R24: `on` moved it as it would have under either version."""
    journey.adopt(book(FAST, 2))
    journey.at(50)
    assert journey.stage("flow") == "c"
    back(journey)
    assert journey.stage("flow") == "c"
    assert len(kept(journey)) == 1


def test_r24_who_was_not_moved_only_changes_over(journey: Journey) -> None:
    """R24: and what a person did before or since is nobody's business."""
    journey.adopt(book(FAST, 2))
    journey.at(5).set("flow", "b")
    back(journey)
    assert (journey.stage("flow"), kept(journey)) == ("b", [])
    assert journey.changes(c.Undone) == []


def test_r24_what_the_event_said_stays(journey: Journey) -> None:
    """R24: the move that hung on a condition goes, the field an unchanged line set stays."""
    journey.adopt(book(USE, 2))
    journey.event("usage.reported", active_users=9)
    assert journey.stage("flow") == "b"
    back(journey)
    assert journey.stage("flow") == "a"
    assert journey.state.fields["active_users"] == 9
    assert kept(journey) == []


def test_r24_what_both_versions_decide_on_otherwise_is_kept(journey: Journey) -> None:
    """R24: the event will not come again, so nobody can say what version 1 would have done."""
    journey.adopt(book(SLOW.replace("product.went_live, to: b", "product.went_live, to: c"), 2))
    journey.event("product.went_live")
    back(journey)
    assert journey.stage("flow") == "c"
    assert "decides on, too, and otherwise" in kept(journey)[0]


def test_r24_only_who_runs_the_version_goes_back(journey: Journey) -> None:
    """R24: `never` and `at the next move`: nothing waits any more, nothing else changes."""
    journey.adopt(book(FAST, 2), "at the next move")
    assert journey.state.pending == {"flow": 2}
    back(journey)
    assert (journey.state.pending, journey.state.versions) == ({}, {"flow": 1})
    journey.at(15)
    assert journey.stage("flow") == "a"
    assert journey.fold.book.pending == {}
    other = Journey(book(SLOW))
    other.create()
    other.adopt(book(FAST, 2), "never")
    back(other)
    assert other.state.adopted == 0


def test_r24_the_move_that_adopted_was_the_version_before_s(journey: Journey) -> None:
    """R24: at the next move the old version decides; that move stays."""
    journey.adopt(
        book(FAST.replace("to: b}\n          - {name: live", "to: c}\n          - {name: live"), 2),
        "at the next move",
    )
    journey.at(46)
    assert (journey.stage("flow"), journey.state.versions["flow"]) == ("b", 2)
    back(journey)
    assert (journey.stage("flow"), journey.state.versions["flow"], kept(journey)) == ("b", 1, [])


def test_r24_stages_take_their_old_names_again(journey: Journey) -> None:
    """R24, T24: renamed, split and merged; who is in a stage that is new stands in the one before."""
    renamed = """
        migration: {a: first, b: second}
        stages:
          first: {label: First, move: [{name: go, after: 2 days, to: between}]}
          between: {label: Between}
          second: {label: Second}
          c: {label: C}
        """
    journey.adopt(book(renamed, 2))
    journey.at(4)
    assert journey.stage("flow") == "between"
    back(journey)
    track = journey.track("flow")
    assert (track.stage, track.entered_at, track.last_entered) == ("a", day(0), {"a": day(0)})
    journey.adopt(book(renamed, 3))
    journey.set("flow", "between")
    back(journey, left=3)
    assert journey.stage("flow") == "a"


def test_r24_an_account_the_version_took_out_is_named(journey: Journey) -> None:
    """R24: `a: None`; nothing can be worked out from nothing."""
    journey.adopt(book("migration: {a: None}\nstages:\n  b: {label: B}\n  c: {label: C}\n", 2))
    assert journey.stage("flow") is None
    back(journey)
    assert "has no stage a and took the account out" in kept(journey)[0]


def test_r24_a_date_that_was_used_up_counts_again() -> None:
    """R24: `at` has one turn per date; the version brought back has its own."""
    early = "stages:\n  a: {label: A, move: [{name: go, at: 90 days before renewal_date, to: b}]}\n  b: {label: B}\n"
    made = Journey(book(early.replace("90", "10")))
    made.create(renewal_date="2026-04-15")
    made.set("flow", "a")
    made.adopt(book(early, 2))
    made.at(20)
    assert made.stage("flow") == "b"
    back(made, early.replace("90", "10"))
    made.at(80)
    assert made.stage("flow") == "a"
    made.at(99)
    assert made.stage("flow") == "b"


def test_r24_a_line_that_waited_is_due_when_its_own_version_says(journey: Journey) -> None:
    """R24: due on day 2 under one version and held back by its guard; 45 days are 45 days."""
    guarded = "{name: go, after: 2 days, if: arr > 5, to: b}"
    quick = SLOW.replace("{name: go, after: 45 days, to: b}", guarded)
    journey.adopt(book(quick, 2))
    journey.at(5)
    assert journey.track("flow").waiting == ["flow.go"]
    journey.adopt(book(quick.replace("2 days", "45 days"), 3))
    journey.fields(arr=9)
    assert journey.stage("flow") == "a"
    journey.at(46)
    assert journey.stage("flow") == "b"


def test_n9_what_going_back_recorded_folds_to_the_same_state(journey: Journey) -> None:
    """N9: evolve needs no definitions."""
    journey.adopt(book(FAST, 2))
    journey.at(20)
    back(journey)
    folded = AccountState("acme")
    for entry in journey.entries:
        apply(folded, entry)
    assert asdict(folded) == asdict(journey.state)
