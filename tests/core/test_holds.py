"""Holds: automation paused for an account until a date (R18, R19), with all that meets it."""

from __future__ import annotations

import pytest

from lifecycle.core import changes as c
from lifecycle.core.clock import days_in_stage
from lifecycle.core.inputs import Deadline

from .journey import Journey, day, flow, shipped, small

TIMED = flow("""
    start: [{name: begin, when: kickoff.held, to: a}]
    stages:
      a:
        label: A
        do:
          - {name: hello, email: welcome, to: contact}
          - {name: nudge, after: 3 days, email: training_reminder, to: contact}
        move:
          - {name: onward, after: 7 days, to: b}
          - {name: live, when: product.went_live, to: b}
      b: {label: B}
    also:
      - {name: note, when: usage.reported, set: {active_users: event.active_users}}
      - {name: tell, when: usage.reported, email: notice_alert, to: csm}
    """)


@pytest.fixture
def journey() -> Journey:
    held = Journey(small(TIMED))
    held.create()
    return held


def test_r19_a_hold_shifts_after_by_its_length_and_leaves_days_in_alone(journey: Journey) -> None:
    """R19: entered day 0, `after: 7 days`, on hold from day 2 to day 12: due on day 17."""
    journey.event("kickoff.held")
    journey.at(2).hold(10)
    journey.at(16.9)
    assert journey.stage("flow") == "a"
    assert days_in_stage(journey.state, journey.track("flow"), day(16)) == 16
    journey.at(17)
    assert journey.track("flow").entered_at == day(17)


def test_r18_r19_a_hold_that_ends_early_shifts_only_by_what_it_lasted(journey: Journey) -> None:
    """R18, R19: released after one day of ten."""
    journey.event("kickoff.held")
    journey.at(2).hold(10)
    journey.at(3).release()
    journey.at(9)
    assert journey.track("flow").entered_at == day(8)


def test_r18_a_hold_can_be_prolonged_and_counts_from_its_beginning(journey: Journey) -> None:
    """R18, R19: two holds that overlap are one."""
    journey.event("kickoff.held")
    journey.at(2).hold(4)
    journey.at(4).hold(6)
    journey.at(20)
    assert journey.track("flow").entered_at == day(15)


def test_r18_entry_lines_are_held_and_done_at_the_end(journey: Journey) -> None:
    """R18: a person may enter a stage during a hold; the welcome mail waits for the end."""
    journey.hold(5)
    journey.set("flow", "a")
    assert journey.mails() == []
    assert "held" in journey.codes("hello")
    journey.at(5)
    assert journey.mails() == ["hello"]
    journey.at(7.9)
    assert journey.mails() == ["hello"]
    journey.at(8)
    assert journey.mails() == ["hello", "nudge"]


def test_r18_an_entry_line_is_forgotten_when_the_stage_was_left_meanwhile(journey: Journey) -> None:
    """R18, R22: mail of a visit that is over is not sent at the end of a hold."""
    journey.hold(5)
    journey.set("flow", "a")
    journey.set("flow", "b")
    journey.at(6)
    assert journey.mails() == []


def test_r18_set_lines_are_not_held(journey: Journey) -> None:
    """R18: facts are kept up to date during a hold; the mail of the same event waits."""
    journey.hold(5)
    journey.event("usage.reported", active_users=7)
    assert journey.state.fields["active_users"] == 7
    assert journey.mails() == []
    journey.at(5)
    assert journey.mails() == ["tell"]


def test_r18_events_are_tried_once_more_in_order(journey: Journey) -> None:
    """R18: two held events, each with its own effect, in the order in which they came."""
    journey.event("kickoff.held")
    journey.at(1).hold(3)
    journey.event("usage.reported", active_users=1)
    journey.event("product.went_live")
    assert journey.stage("flow") == "a"
    journey.at(4)
    assert journey.stage("flow") == "b"
    [mail] = [mail for mail in journey.changes(c.MailDue) if mail.automation == "flow.tell"]
    assert mail.event["active_users"] == 1
    kinds = [type(change) for change in journey.entries[-1].changes]
    assert kinds.index(c.MailDue) < kinds.index(c.StageEntered)
    journey.at(30)
    assert journey.mails().count("tell") == 1


def test_r18_a_held_event_ends_the_search_and_it_goes_on_at_the_end() -> None:
    """R3, R18: at the end of the hold a refused line is passed over and the search goes on."""
    lines = flow("""
        start: [{name: begin, when: kickoff.held, to: a}]
        stages:
          a:
            label: A
            move:
              - {name: first, when: product.went_live, if: arr > 100, to: b}
              - {name: second, when: product.went_live, to: c}
          b: {label: B}
          c: {label: C}
        """)
    journey = Journey(small(lines))
    journey.create(arr=500)
    journey.event("kickoff.held")
    journey.hold(3)
    journey.event("product.went_live")
    assert journey.codes("second") == []
    journey.fields(arr=5)
    journey.at(4)
    assert journey.stage("flow") == "c"


def test_r18_conditions_that_came_true_are_done_and_those_no_longer_true_are_not() -> None:
    """R18: at its end what came true is done; what has turned false again meanwhile is not."""
    lines = flow("""
        start: [{name: begin, when: kickoff.held, to: a}]
        stages:
          a:
            label: A
            move:
              - {name: many, "as soon as": active_users > 9, to: b}
              - {name: busy, "as soon as": weekly_logins > 9, to: c}
          b: {label: B}
          c: {label: C}
        """)
    journey = Journey(small(lines))
    journey.create()
    journey.event("kickoff.held")
    journey.hold(3)
    journey.fields(active_users=10, weekly_logins=10)
    journey.fields(active_users=3)
    assert journey.stage("flow") == "a"
    journey.at(3)
    assert journey.stage("flow") == "c"


PASSING = """
    stages:
      a:
        label: A
        do: [{name: tell, as soon as: renewal_date is in the next 3 days, email: notice_alert, to: csm}]
        move: [{name: go, as soon as: renewal_date is in the next 3 days, to: b}]
      b: {label: B}
    also:
      - {name: near, enters segment: near, cta: Near}
      - {name: far, leaves segment: near, cta: Far}
    """
BACK = """
segments:
  near:
    title: Near
    where: {any of: [plan is Pro, flow is a for more than 10 days]}
"""
NEAR = "segments: {near: {title: Near, where: renewal_date is in the next 3 days}}"


def test_r18_a_condition_that_time_turns_back_during_a_hold_is_due_no_more() -> None:
    """R18: a held line that was due, and is not when the hold ends, does nothing; and it polls for nothing."""
    journey = Journey(small(flow(PASSING), segments=NEAR))
    journey.create(renewal_date="2026-01-20")
    journey.set("flow", "a")
    journey.at(5).hold(60)
    journey.at(30)
    deadlines = [one for one in journey.entries if isinstance(one.input, Deadline)]
    assert len(deadlines) <= 8
    journey.release()
    assert journey.mails() == []
    assert journey.stage("flow") == "a"
    assert journey.ctas() == ["far"]
    assert journey.fold.wakes_at() is None


def test_r18_a_line_that_waits_to_leave_is_due_no_more_when_time_brings_the_account_back() -> None:
    """R18, T16: `leaves segment` the same, the other way round."""
    journey = Journey(small(flow(PASSING), segments=BACK))
    journey.create(renewal_date="2026-01-25", plan="Pro")
    journey.set("flow", "a")
    journey.hold(60)
    journey.fields(plan="Free")
    journey.at(15).release()
    assert "far" not in journey.ctas()
    assert len([one for one in journey.entries if isinstance(one.input, Deadline)]) < 8


def test_r18_events_of_the_engine_are_held_and_tried_once_more() -> None:
    """R18, G15: `stage.stuck` falls due during a hold; its CTA is opened at the end, not lost."""
    journey = Journey()
    journey.won()
    journey.event("kickoff.held")
    journey.at(20).hold(30)
    journey.at(40)
    assert journey.track("onboarding").stuck
    assert "configuration_stuck" not in journey.ctas()
    journey.at(50)
    assert journey.ctas().count("configuration_stuck") == 1


def test_r18_g7_a_playbook_finished_during_a_hold_moves_at_its_end() -> None:
    """R18, G7: the tasks were done; the stage moves when automation runs again."""
    journey = Journey()
    journey.won()
    [cta] = [cta for cta in journey.state.ctas.values() if cta.playbook == "kickoff"]
    journey.hold(5)
    for task in shipped().playbooks["kickoff"].tasks:
        journey.task(cta.id, task.id)
    assert journey.stage("onboarding") == "kickoff"
    journey.at(5)
    assert journey.stage("onboarding") == "configuration"


def test_r18_the_plain_cta_of_a_stuck_stage_waits_for_the_end_of_a_hold() -> None:
    """R18, R19: also where no line uses `stage.stuck`."""
    lines = flow("""
        start: [{name: begin, when: kickoff.held, to: a}]
        stages:
          a: {label: A, stuck after: 5 days}
        """)
    journey = Journey(small(lines))
    journey.create()
    journey.event("kickoff.held")
    journey.hold(10)
    journey.at(9)
    assert journey.ctas() == []
    journey.at(10)
    assert journey.ctas() == ["stage_is_stuck"]


def test_r18_an_event_held_within_a_cascade_is_tried_for_the_right_event() -> None:
    """R18: an engine event set off by a person's move is held under its own name."""
    lines = flow("""
        start: [{name: begin, when: kickoff.held, to: a}]
        stages:
          a:
            label: A
            do:
              - {name: work, cta: Work, "on leaving": close}
          b: {label: B}
        also:
          - {name: closed, when: cta.closed, email: notice_alert, to: csm}
        """)
    journey = Journey(small(lines))
    journey.create()
    journey.event("kickoff.held")
    journey.hold(4)
    journey.set("flow", "b")
    assert journey.mails() == []
    journey.at(4)
    [mail] = journey.changes(c.MailDue)
    assert (mail.automation, mail.event["outcome"]) == ("flow.closed", "stage left")


def test_r18_undo_during_and_after_a_hold_restores_the_timer(journey: Journey) -> None:
    """R13, R19: held from day 1 to day 5, moved away on day 2, undone on day 6: due on day 11."""
    journey.event("kickoff.held")
    journey.at(1).hold(4)
    journey.at(2).set("flow", "b")
    journey.at(6).undo()
    assert journey.stage("flow") == "a"
    journey.at(10.9)
    assert journey.stage("flow") == "a"
    journey.at(11)
    assert journey.track("flow").entered_at == day(11)


def test_r18_undo_during_a_hold_counts_the_hold_once(journey: Journey) -> None:
    """R13, R19: undone while the hold still lasts."""
    journey.event("kickoff.held")
    journey.at(1).hold(4)
    journey.at(2).set("flow", "b")
    journey.at(3).undo()
    journey.at(12)
    assert journey.track("flow").entered_at == day(11)


def test_r18_a_hold_needs_a_reason_and_a_future_end(journey: Journey) -> None:
    """R18: a hold has an end date."""
    journey.hold(-1)
    journey.release()
    assert journey.refusals() == ["bad_time", "not_on_hold"]


def test_r18_a_manual_move_cancels_the_timers_left_and_arms_those_entered(journey: Journey) -> None:
    """R18, V9, V11: and it locks nothing: automation moves the stage later."""
    journey.event("kickoff.held")
    journey.at(2).set("flow", "b")
    journey.at(20)
    assert journey.stage("flow") == "b"
    assert journey.mails() == ["hello"]
    journey.set("flow", "a")
    journey.at(26.9)
    assert journey.stage("flow") == "a"
    journey.at(27)
    assert journey.stage("flow") == "b"


def test_r18_a_command_decided_on_an_older_stage_is_refused_unless_anyway(journey: Journey) -> None:
    """R18: the refusal says what happened; `--anyway` overrules it."""
    journey.event("kickoff.held")
    seen = journey.state.revision
    journey.event("usage.reported", active_users=2)
    journey.set("flow", "b", revision=seen)
    assert journey.refusals() == []
    [entry] = journey.set("flow", "a", revision=seen)
    assert entry.refused is not None
    assert entry.refused.code == "changed_since"
    assert "B" in entry.refused.what
    journey.set("flow", "a", revision=seen, anyway=True)
    assert journey.stage("flow") == "a"


def test_r18_the_timer_that_fell_due_before_the_command_is_what_happened(journey: Journey) -> None:
    """R18: the deadline due before the command is applied first, so the command is out of date."""
    journey.event("kickoff.held")
    seen = journey.state.revision
    journey.now = day(8)
    entries = journey.set("flow", None, revision=seen)
    assert entries[-1].refused is not None
    assert journey.stage("flow") == "b"


def test_r18_n3_held_events_that_are_too_many_are_dropped_and_recorded(journey: Journey) -> None:
    """R18, N3: a hundred are kept; the oldest of more is named when it is dropped."""
    journey.hold(5)
    for number in range(101):
        journey.event("usage.reported", id=f"u{number}", active_users=number)
    [note] = journey.notes("held_dropped")
    assert "u0" in note.text
    journey.at(5)
    assert journey.mails().count("tell") == 100
