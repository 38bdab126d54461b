"""What should have moved an account, and what each automation waits for (G15, R15, R18, R19, V8, V13)."""

from __future__ import annotations

from datetime import UTC

import pytest

from lifecycle.store.reports.overdue import LastNote
from lifecycle.telling.awaited import Awaited, Why, awaited
from tests.core.journey import Journey, disabling, flow, small

A_AND_B = """
    stages:
      a: {label: A, move: [%s]}
      b: {label: B}
      c: {label: C}
    """


def begin(line: str, more: str = "", **fields: object) -> Journey:
    """An account that enters stage `a` now; `line` may move it on."""
    journey = Journey(small(flow(A_AND_B % line + more)))
    journey.create(**fields)  # type: ignore[arg-type]
    journey.set("flow", "a")
    return journey


def waits(journey: Journey) -> list[Awaited]:
    """What the lines wait for now, with what the journal knows."""
    entered = journey.track("flow").entered_at
    notes = {
        note.automation: LastNote(entry.at, note)
        for entry in journey.entries
        for note in entry.notes
        if note.automation and note.code != "because" and entered and entry.at >= entered
    }
    fold = journey.fold
    return awaited(fold.book, fold.state, "flow", journey.now, UTC, notes)


def one(journey: Journey) -> tuple[Why, str]:
    """The only line there is."""
    [found] = waits(journey)
    return found.why, found.text


def test_r19_a_timer_tells_its_instant() -> None:
    journey = begin("{name: go, after: 3 days, to: b}")
    [found] = waits(journey)
    assert found.line == "B: 3 days after entering A"
    assert (found.why, found.text) == (Why.TIMER, "a timer, at 8 Jan 2026, 10:00")
    assert found.at is not None
    assert found.at.day == 8


def test_r19_a_hold_shifts_the_timer() -> None:
    journey = begin("{name: go, after: 3 days, to: b}")
    journey.hold(5)
    assert one(journey) == (Why.TIMER, "a timer, at 13 Jan 2026, 10:00")


def test_a_date_that_is_missing_is_named() -> None:
    journey = begin("{name: go, at: 3 days before renewal_date, to: b}")
    assert one(journey) == (Why.NO_DATE, "Renewal date is empty")
    journey.fields(renewal_date="2026-02-01")
    assert one(journey) == (Why.TIMER, "a timer, at 29 Jan 2026, 09:00")


def test_n3_a_condition_tells_the_sentence_that_does_not_hold_and_its_value() -> None:
    journey = begin("{name: go, as soon as: [seats >= 5, plan is Pro], to: b}", plan="Pro", seats=3)
    assert one(journey) == (Why.CONDITION, "“seats >= 5” does not hold (seats = 3)")


def test_a_sentence_under_not_stands_in_the_way_when_it_holds() -> None:
    journey = begin("{name: go, as soon as: {not: plan is Pro}, to: b}", plan="Pro")
    assert one(journey) == (Why.CONDITION, "“plan is Pro” holds (plan = Pro)")


def test_n4_a_condition_that_time_turns_tells_when() -> None:
    journey = begin("{name: go, as soon as: flow is a for more than 30 days, to: b}")
    journey.at(4)
    assert one(journey) == (
        Why.CONDITION,
        (
            "“flow is a for more than 30 days” does not hold (flow = a for 4 days); "
            "time alone lets it go at 4 Feb 2026, 10:00"
        ),
    )


def test_r23_a_due_move_tells_the_guard_that_holds_it_back() -> None:
    journey = begin("{name: go, after: 3 days, unless: arr > 100, to: b}", arr=500)
    journey.at(9)
    assert one(journey) == (Why.CONDITION, "due, but “arr > 100” holds (arr = EUR 500)")


def test_r18_a_held_line_tells_until_when_and_why() -> None:
    journey = begin("{name: go, as soon as: seats >= 5, to: b}")
    journey.hold(14)
    journey.fields(seats=9)
    assert one(journey) == (
        Why.HELD,
        "due, but held until 19 Jan 2026, 10:00 by ann: “waiting for legal”",
    )


def test_r18_a_held_event_tells_when_it_came() -> None:
    journey = begin("{name: go, when: kickoff.held, to: b}")
    journey.hold(14)
    journey.at(2).event("kickoff.held")
    assert one(journey) == (
        Why.HELD,
        "came on 7 Jan 2026, 10:00, held until 19 Jan 2026, 10:00",
    )


def test_r15_a_parked_line_tells_the_disabled_stage() -> None:
    journey = begin("{name: go, after: 3 days, to: b}")
    journey.fold.book = disabling(journey.fold.book, "flow", "b")
    assert one(journey) == (Why.PARKED, "parked: B is disabled")
    journey.at(5)
    assert one(journey) == (Why.PARKED, "due, but parked: B is disabled")


def test_an_event_that_never_came_is_told() -> None:
    journey = begin("{name: go, when: kickoff.held, to: b}")
    [found] = waits(journey.at(20))
    assert (found.line, found.text) == (
        "B: the kickoff is held",
        "has not happened since 5 Jan 2026",
    )
    assert found.why is Why.EVENT


def test_n3_an_event_that_came_and_was_refused_is_told_with_what_decided() -> None:
    journey = begin("{name: go, when: kickoff.held, if: seats >= 5, to: b}", seats=3)
    journey.at(2).event("kickoff.held")
    assert one(journey) == (
        Why.EVENT,
        (
            "asked on 7 Jan 2026, 10:00: The condition of go does not hold "
            "(seats >= 5: no (seats = 3))"
        ),
    )


def test_v8_of_facts_that_wait_for_one_another_the_missing_one_is_told() -> None:
    both = "when: {all of: [product.purchased, wholesale.billed], same: order_id}"
    journey = begin(f"{{name: go, {both}, to: b}}")
    assert one(journey)[1] == "has not happened since 5 Jan 2026"
    journey.at(1).event("product.purchased", order_id="o-7")
    assert one(journey) == (Why.EVENT, "not yet for o-7: the wholesale cost is billed")


def test_r13_an_undone_move_has_had_its_turn() -> None:
    journey = begin("{name: go, after: 3 days, to: b}")
    journey.at(4).undo()
    assert one(journey) == (Why.SPENT, "it had its one turn in this visit")


@pytest.mark.parametrize("stage", ["b", "c"])
def test_r3_only_lines_that_can_move_it_on_are_told(stage: str) -> None:
    """From any stage leads forward only; a line of another stage is none of its business."""
    anywhere = "\n    from any stage: [{name: on, when: kickoff.held, to: b}]"
    journey = begin("{name: go, after: 90 days, to: c}", anywhere)
    assert [found.automation for found in waits(journey)] == ["flow.go", "flow.on"]
    journey.set("flow", stage)
    assert waits(journey) == []


def test_v13_an_action_that_sets_the_stage_is_told_too() -> None:
    also = '\n    also: [{name: jump, when: kickoff.held, "set stage": flow.c}]'
    journey = begin("{name: go, after: 90 days, to: b}", also)
    assert [found.automation for found in waits(journey)] == ["flow.go", "flow.jump"]


def test_v12_lines_that_are_switched_off_or_in_shadow_are_not_waited_for() -> None:
    lines = (
        "{name: off, after: 1 day, to: b, published: false},"
        "{name: shade, after: 1 day, to: b, shadow: true}, {name: go, after: 9 days, to: b}"
    )
    assert [found.automation for found in waits(begin(lines))] == ["flow.go"]
