"""Ends, churn and cancelled accounts (R8–R11, R25, T12–T15, T28)."""

from __future__ import annotations

import pytest

from lifecycle.core import changes as c
from lifecycle.core.clock import days_in_stage, days_since_end

from .journey import Journey, day, flow, small

LINES = """
    stages:
      a:
        label: A
        stuck after: 8 days
        do:
          - {name: nag, after: 4 days, email: training_reminder, to: contact}
          - {name: low, "as soon as": active_users < 5, email: notice_alert, to: csm}
        move:
          - {name: on, after: 6 days, to: b}
          - {name: live, when: product.went_live, to: b}
      b: {label: B, do: [{name: hello, email: welcome, to: [contact, csm]}]}
      lost: {label: Lost, end: true, churn: true}
      done: {label: Done, end: true, do: [{name: thanks, after: 3 days, email: welcome, to: csm}]}
    also:
      - {name: paid, when: invoice.payment_failed, email: payment_failed, to: contact}
      - {name: many, "as soon as": active_users > 50, email: notice_alert, to: csm}
    """


@pytest.fixture
def journey() -> Journey:
    made = Journey(small(flow(LINES)))
    made.create()
    made.set("flow", "a")
    return made


def test_r25_time_and_condition_lines_sleep(journey: Journey) -> None:
    """R25: nothing falls due, late and stuck neither."""
    journey.at(2).fields(status="cancelled")
    assert journey.fold.wakes_at() is None
    journey.fields(active_users=1)
    journey.at(60)
    assert (journey.stage("flow"), journey.mails(), journey.ctas()) == ("a", [], [])
    assert not journey.track("flow").stuck


def test_r25_event_moves_run_and_mail_to_contacts_sleeps(journey: Journey) -> None:
    """R25: the team still hears of it; the contact does not."""
    journey.fields(status="cancelled")
    journey.event("product.went_live")
    journey.event("invoice.payment_failed")
    assert journey.stage("flow") == "b"
    assert [(mail.template, mail.to) for mail in journey.changes(c.MailDue)] == [
        ("welcome", ("csm",))
    ]
    assert journey.codes("paid") == ["cancelled"]


def test_r25_reactivation_starts_a_new_cycle_in_the_stage(journey: Journey) -> None:
    """R25: timers count from that instant; nobody entered the stage, so its timestamp stays (R5)."""
    journey.at(2).fields(status="cancelled")
    journey.at(30).fields(status="active")
    track = journey.track("flow")
    assert (track.stage, track.cycle, track.cycle_started_at) == ("a", 2, day(30))
    assert track.last_entered["a"] == day(0)
    journey.at(33.9)
    assert journey.mails() == []
    journey.at(34)
    assert journey.mails() == ["nag"]
    journey.at(36)
    assert journey.stage("flow") == "b"


def test_r25_conditions_that_turned_while_asleep_are_asked_on_reactivation(
    journey: Journey,
) -> None:
    """R25: also of lines outside stages, and where the track is in none."""
    journey.set("flow", None)
    journey.fields(status="cancelled")
    journey.fields(active_users=60)
    assert journey.mails() == []
    journey.fields(status="active")
    assert journey.mails() == ["many"]


def test_r25_a_track_in_an_end_stage_starts_no_new_cycle(journey: Journey) -> None:
    """R25."""
    journey.set("flow", "done")
    journey.fields(status="cancelled")
    journey.at(9).fields(status="active")
    assert journey.track("flow").cycle == 1
    assert days_since_end(journey.state, journey.track("flow"), day(10)) == 10


def test_r25_entry_lines_held_while_cancelled_are_done_at_the_holds_end(journey: Journey) -> None:
    """R18, R25: entering is neither time nor condition; only the contact's mail sleeps."""
    journey.fields(status="cancelled")
    journey.hold(5)
    journey.set("flow", "b")
    journey.at(5)
    assert [mail.to for mail in journey.changes(c.MailDue)] == [("csm",)]


def test_r25_whoever_sets_the_status(journey: Journey) -> None:
    """R25, T28: by an automation, by a stage, by a person: days are null."""
    journey.set("flow", "b")
    other = Journey(
        small(
            flow(
                LINES.rstrip()
                + "\n      - {name: bye, when: notice.given, set: {status: cancelled}}\n"
            )
        )
    )
    other.create()
    other.set("flow", "a")
    other.event("notice.given")
    assert other.state.is_cancelled
    assert days_in_stage(other.state, other.track("flow"), day(3)) is None


def test_r8_entering_a_churn_stage_sets_type_and_status_leaving_it_sets_them_back(
    journey: Journey,
) -> None:
    """R8: three different things, tied by `churn: true` only."""
    journey.set("flow", "lost")
    assert (journey.state.fields["type"], journey.state.fields["status"]) == ("Churn", "cancelled")
    journey.set("flow", "a")
    assert (journey.state.fields["type"], journey.state.fields["status"]) == ("Customer", "active")
    journey.set("flow", "done")
    assert (journey.state.fields["type"], journey.state.fields["status"]) == ("Customer", "active")


def test_r8_a_churned_account_can_leave_for_none_or_another_end(journey: Journey) -> None:
    """R8, R9: either way it has left; end to end is no restart."""
    for target in (None, "done"):
        journey.set("flow", "lost")
        cycle = journey.track("flow").cycle
        journey.set("flow", target)
        assert journey.state.fields["status"] == "active"
        assert journey.track("flow").cycle == cycle


def test_r8_leaving_churn_reactivates_the_other_lifecycles(journey: Journey) -> None:
    """R8, R25: in every lifecycle."""
    made = Journey(small(flow(LINES), flow("stages:\n  x: {label: X}\n", id="other")))
    made.create()
    made.set("other", "x")
    made.set("flow", "lost")
    made.at(9).set("flow", "a")
    assert (made.track("other").cycle, made.track("other").counting_since) == (2, day(9))
    assert made.track("flow").cycle == 2
    kinds = [move.kind for move in made.changes(c.StageEntered) if move.lifecycle == "flow"]
    assert "reactivation" not in kinds, "the move itself restarted its clock"


def test_r9_the_archived_cycle_keeps_every_count(journey: Journey) -> None:
    """R9, T21: per stage and overall, and the next cycle starts from zero."""
    journey.at(2).event("product.went_live")
    journey.at(5).set("flow", "done")
    journey.at(9).set("flow", "a")
    [cycle] = journey.track("flow").cycles
    assert (cycle.number, cycle.end_stage, cycle.total) == (1, "done", 5 * 86_400)
    assert cycle.seconds == {"a": 2 * 86_400, "b": 3 * 86_400}
    assert journey.track("flow").seconds == {}
    assert journey.track("flow").cycle_started_at == day(9)


def test_t17_r10_for_n_days_on_an_end_stage_means_days_since_end() -> None:
    """T17, R10: and while cancelled it is false."""
    lines = """
        stages:
          a: {label: A}
          done: {label: Done, end: true}
          gone: {label: Gone, end: true}
        also: [{name: long, "as soon as": "flow is one of done, gone for more than 10 days", email: welcome, to: csm}]
        """
    journey = Journey(small(flow(lines)))
    journey.create()
    journey.set("flow", "a")
    journey.at(20).set("flow", "done")
    journey.at(25).set("flow", "gone")
    journey.at(29.9)
    assert journey.mails() == []
    journey.at(30)
    assert journey.mails() == ["long"]
    journey.set("flow", "a")
    journey.set("flow", "done")
    journey.fields(status="cancelled")
    journey.at(90)
    assert journey.mails() == ["long"]


def test_timers_of_an_end_stage_run(journey: Journey) -> None:
    """T12: the counting stops, the flow after the end does not."""
    journey.at(1).set("flow", "done")
    journey.at(4)
    assert journey.mails() == ["thanks"]
