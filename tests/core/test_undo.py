"""Undo: a move taken back as if it had not happened (N1, R13)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lifecycle.core import changes as c
from lifecycle.core.inputs import Undo

from .journey import Journey, day, flow, shipped, small

LINES = flow("""
    stages:
      a:
        label: A
        do:
          - {name: hello, email: welcome, to: contact}
          - {name: work, cta: Work, "on leaving": close}
        move:
          - {name: onward, after: 7 days, to: b}
          - {name: many, "as soon as": active_users > 5, to: b}
          - {name: live, when: product.went_live, to: b}
          - {name: near, at: renewal_date, to: b}
      b:
        label: B
        stuck after: 5 days
        do:
          - {name: work_b, cta: Work on}
          - {name: later, after: 2 days, cta: Later}
      c: {label: C}
    also:
      - {name: keep, when: product.went_live, set: {plan: Pro, seats_used: 5}}
      - {name: seats, when: usage.reported, set: {seats_used: event.seats_used}}
      - {name: failed, when: invoice.payment_failed, cta: Payment}
    """)


@pytest.fixture
def journey() -> Journey:
    made = Journey(small(LINES))
    made.create()
    made.set("flow", "a")
    return made


def test_r13_undo_restores_stage_timestamps_counters_and_fields(journey: Journey) -> None:
    """R13, N1, R5: and says what it restored."""
    before = journey.track("flow")
    entered = before.entered_at
    journey.at(3).event("product.went_live")
    assert journey.state.fields["plan"] == "Pro"
    journey.at(5)
    [entry] = journey.undo()
    track = journey.track("flow")
    assert (track.stage, track.entered_at, track.counting_since) == ("a", entered, entered)
    assert "b" not in track.first_entered
    assert "plan" not in journey.state.fields
    assert [note.code for note in entry.notes] == ["restored"]
    assert entry.refused is None


def test_r13_undo_restores_the_timers(journey: Journey) -> None:
    """R13: `after: 7 days` falls due on day 7 again, not seven days after the undo."""
    journey.at(3).event("product.went_live")
    journey.at(5).undo()
    journey.at(6.9)
    assert journey.stage("flow") == "a"
    journey.at(7)
    assert journey.track("flow").entered_at == day(7)


def test_r13_undo_of_a_deadlines_move_spends_that_automation_for_the_visit(
    journey: Journey,
) -> None:
    """R13: else its overdue timer would fire again at once. Other lines still move the account."""
    journey.at(8)
    assert journey.stage("flow") == "b"
    journey.undo()
    journey.at(60)
    assert journey.stage("flow") == "a"
    journey.fields(active_users=9)
    assert journey.stage("flow") == "b"


def test_r13_undo_of_a_conditions_move_spends_it_too(journey: Journey) -> None:
    """R13: turning true again moves nothing in the restored visit; in the next it does."""
    journey.fields(active_users=9)
    assert journey.stage("flow") == "b"
    journey.undo()
    journey.fields(active_users=9)
    assert journey.stage("flow") == "a"
    journey.set("flow", None)
    journey.set("flow", "a")
    journey.at(0.1)
    assert journey.stage("flow") == "b"


def test_r13_undo_of_a_dates_move_does_not_fire_again_for_that_date(journey: Journey) -> None:
    """R13: the date is past; it stays past."""
    journey.fields(renewal_date="2026-01-07")
    journey.at(4)
    assert journey.stage("flow") == "b"
    journey.undo()
    journey.at(6)
    assert journey.stage("flow") == "a"


def test_r13_the_spent_line_is_armed_again_in_the_next_visit(journey: Journey) -> None:
    """R13: spent for the restored visit only."""
    journey.at(8).undo()
    journey.at(9).set("flow", None)
    journey.set("flow", "a")
    journey.at(16)
    assert journey.stage("flow") == "b"


def test_r13_visit_numbers_are_never_used_twice(journey: Journey) -> None:
    """R13, R22: so that mail of the next visit is another mail."""
    journey.set("flow", "b")
    undone_visit = journey.track("flow").visit
    journey.undo()
    assert journey.track("flow").visit < undone_visit
    journey.set("flow", "b")
    assert journey.track("flow").visit > undone_visit


def test_r13_entry_mail_of_the_restored_visit_is_not_sent_again(journey: Journey) -> None:
    """R13, R22: nobody entered the stage."""
    journey.set("flow", "b")
    journey.undo()
    assert journey.mails() == ["hello"]


def test_r13_the_event_window_is_not_restored(journey: Journey) -> None:
    """R13, R20: the same event again is still the same event."""
    journey.event("product.went_live", id="once")
    journey.undo()
    journey.event("product.went_live", id="once")
    assert journey.stage("flow") == "a"
    assert journey.state.duplicates == 1


def test_r13_at_most_marks_are_not_restored() -> None:
    """R13, R22: `at most: once a day` counts what was done, undone or not."""
    lines = flow("""
        stages:
          a: {label: A, move: [{name: live, when: user.logged_in, to: b}]}
          b: {label: B}
        also:
          - {name: tell, when: user.logged_in, email: lead_logged_in, to: owner, at most: once a day}
        """)
    journey = Journey(small(lines))
    journey.create()
    journey.set("flow", "a")
    journey.event("user.logged_in")
    journey.undo()
    journey.event("user.logged_in")
    assert journey.mails() == ["tell"]


def test_r13_ctas_of_the_undone_visit_are_withdrawn_and_closed_ones_reopened(
    journey: Journey,
) -> None:
    """R13: also those that a timer and the stuck stage opened later in the visit."""
    [work] = journey.state.ctas
    journey.event("product.went_live")
    journey.at(6)
    titles = [cta.title for cta in journey.state.ctas.values()]
    assert titles == ["Work on", "Later", "Stuck in B"]
    journey.undo()
    assert list(journey.state.ctas) == [work]
    undone = journey.changes(c.Undone)[-1]
    assert len(undone.unit.ctas_opened) == 3, "what is withdrawn is named in the change"


def test_r13_ctas_of_no_stage_stay(journey: Journey) -> None:
    """R13: a failed payment belongs to the account, not to the undone visit."""
    journey.event("product.went_live")
    journey.event("invoice.payment_failed")
    journey.undo()
    assert "Payment" in [cta.title for cta in journey.state.ctas.values()]


def test_r13_undo_names_the_mail_that_may_be_sent_already() -> None:
    """R13: unsent mail is cancelled, sent mail is named: the change carries the ids of both."""
    journey = Journey()
    journey.won()
    [welcome] = [mail for mail in journey.changes(c.MailDue) if mail.template == "welcome"]
    journey.undo()
    assert welcome.id in journey.changes(c.Undone)[-1].unit.effects


def test_r13_a_field_changed_since_keeps_its_later_value(journey: Journey) -> None:
    """R13: an event reported another number of seats after the move; and the answer says so."""
    journey.event("product.went_live")
    journey.event("usage.reported", seats_used=50)
    [entry] = journey.undo()
    assert journey.state.fields["seats_used"] == 50
    assert "plan" not in journey.state.fields
    assert [note.code for note in entry.notes] == ["kept", "restored"]


def test_r13_the_unit_is_one_input_with_all_it_caused_in_every_lifecycle() -> None:
    """R13: a won deal moves three lifecycles and sets fields; one undo takes all back."""
    journey = Journey()
    journey.event("opportunity.created")
    stages = {name: journey.stage(name) for name in shipped().lifecycles}
    fields = dict(journey.state.fields)
    journey.at(1).won(csm="Ann", owner="Bob", arr="5000", renewal_date="2026-12-31")
    assert journey.stage("onboarding") == "kickoff"
    assert journey.stage() == "onboarding"
    journey.undo()
    assert {name: journey.stage(name) for name in shipped().lifecycles} == stages
    assert journey.state.fields == fields
    assert journey.state.ctas == {}


def test_r13_undo_of_a_churn_restores_type_status_and_every_clock() -> None:
    """R13, R8, R25: a slip of the mouse that churned a customer."""
    journey = Journey()
    journey.won()
    journey.at(3)
    since = {name: track.counting_since for name, track in journey.state.tracks.items()}
    journey.set("customer_journey", "churned")
    assert journey.state.fields["status"] == "cancelled"
    assert journey.stage("onboarding") == "called_off"
    journey.at(5).undo()
    assert journey.state.fields["status"] == "active"
    assert journey.state.fields["type"] == "Customer"
    assert {name: track.counting_since for name, track in journey.state.tracks.items()} == since
    assert journey.track().cycles == []
    journey.at(14)
    assert journey.stage() == "launched"


def test_r13_newest_first(journey: Journey) -> None:
    """R13: an older unit is refused until the newer ones are undone."""
    journey.set("flow", "b")
    older = journey.state.units[-1].revision
    journey.set("flow", "c")
    journey.undo(older)
    assert journey.refusals() == ["not_newest"]
    journey.undo()
    journey.undo(older)
    assert journey.stage("flow") == "a"


def test_r13_the_last_ten_can_be_undone(journey: Journey) -> None:
    """R13: ten at most."""
    for number in range(12):
        journey.set("flow", "b" if number % 2 == 0 else "c")
    for _ in range(10):
        journey.undo()
    assert journey.refusals() == []
    assert journey.stage("flow") == "c"
    journey.undo()
    assert journey.refusals() == ["nothing_to_undo"]


def test_r13_a_change_that_only_fields_saw_can_be_undone(journey: Journey) -> None:
    """R13: a person's field change is a unit too; undo is itself recorded and no unit."""
    journey.fields(arr=10)
    journey.fields(arr=20)
    journey.undo()
    assert journey.state.fields["arr"] == 1_000
    [entry] = journey.undo()
    assert "arr" not in journey.state.fields
    assert isinstance(entry.input, Undo)
    assert entry.input.reason == "a slip"


def test_r13_undo_is_refused_when_a_version_was_adopted_in_between(journey: Journey) -> None:
    """R13, R24."""
    journey.set("flow", "b")
    journey.adopt(small(LINES.replace("version: 1", "version: 2")))
    journey.undo()
    assert journey.refusals() == ["adopted_since"]
    assert journey.stage("flow") == "b"


def test_r13_undo_is_refused_when_the_stage_is_gone(journey: Journey) -> None:
    """R13: even if the book lost it without a new version."""
    journey.set("flow", "b")
    lifecycle = journey.fold.book.lifecycles["flow"]
    shorter = replace(lifecycle, stages=lifecycle.stages[1:])
    journey.fold.book = replace(journey.fold.book, lifecycles={"flow": shorter})
    journey.undo()
    assert journey.refusals() == ["stage_gone"]


def test_r13_undo_goes_out_of_an_end_stage_and_takes_the_archive_back() -> None:
    """R13, R3, R9."""
    journey = Journey()
    journey.event("opportunity.created")
    journey.event("escalation.opened")
    journey.at(3).event("escalation.withdrawn")
    assert len(journey.track("escalation").cycles) == 1
    journey.at(4).undo()
    track = journey.track("escalation")
    assert (track.stage, track.cycles, track.ended_at) == ("open", [], None)
    assert [move.entered for move in track.moves] == ["open"]


def test_r13_undo_of_a_reactivation_restores_the_clocks_from_before() -> None:
    """R13, R25."""
    journey = Journey()
    journey.won()
    journey.at(2).fields(status="cancelled")
    since = journey.track().counting_since
    journey.at(4).fields(status="active")
    assert journey.track().counting_since == day(4)
    journey.at(5).undo()
    assert journey.track().counting_since == since
    assert journey.state.is_cancelled


def test_r13_what_is_due_at_the_very_instant_of_entering_belongs_to_the_entry(
    journey: Journey,
) -> None:
    """R13: a date that is due to the second at which a person enters the stage; one undo takes both back."""
    journey.set("flow", "c")
    journey.fields(renewal_date="2026-01-07")
    journey.now = day(2) - timedelta(hours=1)
    journey.set("flow", "a")
    journey.at(2)
    assert journey.stage("flow") == "b"
    journey.undo()
    assert journey.stage("flow") == "c"


SEGMENT = "segments: {slow: {title: Slow, where: flow is a for more than 10 days}}"
TOLD = """
    stages:
      a: {label: A}
      b: {label: B}
    also:
      - {name: enters, enters segment: slow, email: notice_alert, to: csm}
      - {name: leaves, leaves segment: slow, email: notice_alert, to: csm}
    """


def test_r13_who_undoes_a_slip_has_neither_left_a_segment_nor_entered_it() -> None:
    """R13, T16: it is as if it had not happened, so nobody is told a second time."""
    journey = Journey(small(flow(TOLD), segments=SEGMENT))
    journey.create()
    journey.set("flow", "a")
    journey.at(11)
    assert journey.mails() == ["enters"]
    journey.set("flow", "b")
    journey.undo()
    journey.at(30)
    assert journey.mails() == ["enters", "leaves"], "the mail about leaving is cancelled if unsent"


def test_r13_what_time_made_true_after_the_slip_is_told_when_it_is_undone() -> None:
    """R13, T17: the clock is restored, and with it what fell due meanwhile."""
    journey = Journey(small(flow(TOLD), segments=SEGMENT))
    journey.create()
    journey.set("flow", "a")
    journey.at(5).set("flow", "b")
    journey.at(12).undo()
    assert journey.mails() == ["enters"]


def test_r13_r18_a_line_that_waited_in_a_hold_waits_again_after_undo() -> None:
    """R13, R18: what the slip took from those that wait is given back, and what it added is taken."""
    journey = Journey(small(flow(TOLD), segments=SEGMENT))
    journey.create()
    journey.set("flow", "a")
    journey.hold(40)
    journey.at(11).set("flow", "b")
    journey.undo()
    journey.at(12).release()
    assert journey.mails() == ["enters"]
