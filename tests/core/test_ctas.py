"""CTAs by hand: open, snooze, assign, tick off; and what automations hear of it (G11, G12, G7, T16)."""

from __future__ import annotations

import pytest

from lifecycle.core import changes as c
from lifecycle.core.durations import Duration, Unit
from lifecycle.core.inputs import AssignCta, OpenCta, SnoozeCta

from .journey import Journey, day, flow, small

BODY = """
    stages:
      a:
        label: A
        move:
          - when: {event: task.done, if: event.task is hold_call}
            name: called
            to: b
      b:
        label: B
        move:
          - {name: finished, when: {event: playbook.finished, if: event.playbook is kickoff}, to: c}
      c: {label: C}
    also:
      - {name: escalate, when: cta.overdue, email: notice_alert, to: csm}
    """


def account() -> Journey:
    """In stage a, on a Monday."""
    journey = Journey(small(flow(BODY)))
    journey.create()
    journey.set("flow", "a")
    return journey


def opened(journey: Journey, **what: object) -> str:
    """Open a CTA by hand; its id."""
    journey.cta(OpenCta, title="Call them", **what)
    return next(reversed(journey.state.ctas))


def test_g11_a_person_opens_a_cta_due_in_business_days() -> None:
    """G11, R19: five business days from a Monday is the next Monday."""
    journey = account()
    cta = journey.state.ctas[opened(journey, within=Duration(5, Unit.BUSINESS_DAYS), kind="risk")]
    assert (cta.due, cta.owner, cta.opened_by, cta.automation) == (day(7), "csm", "ann", "")
    journey.at(7)
    assert journey.mails() == ["escalate"]


def test_g11_a_snoozed_cta_becomes_overdue_when_its_snooze_ends() -> None:
    """G11: not before, and at that very instant."""
    journey = account()
    cta = opened(journey, due=day(3))
    journey.at(1).cta(SnoozeCta, cta=cta, until=day(10))
    assert journey.fold.wakes_at() == day(10)
    journey.at(9.9)
    assert journey.mails() == []
    journey.at(10)
    assert journey.mails() == ["escalate"]


def test_g11_a_cta_that_is_woken_is_due_as_before() -> None:
    """G11: waking takes the snooze off."""
    journey = account()
    cta = opened(journey, due=day(3))
    journey.cta(SnoozeCta, cta=cta, until=day(10))
    journey.cta(SnoozeCta, cta=cta, until=None)
    journey.at(3)
    assert journey.mails() == ["escalate"]


def test_g11_assigning_keeps_who_had_it() -> None:
    """G11: the change names both owners; the same owner again is no change."""
    journey = account()
    cta = opened(journey)
    journey.cta(AssignCta, cta=cta, owner="Bob Berg")
    journey.cta(AssignCta, cta=cta, owner="Bob Berg")
    assert [(one.before, one.owner) for one in journey.changes(c.CtaAssigned)] == [
        ("csm", "Bob Berg")
    ]
    assert journey.codes()[-1] == "already_there"


def test_g7_required_tasks_move_the_stage() -> None:
    """G7, G12: one task moves it, the finished playbook moves it on; the optional one is not asked for."""
    journey = account()
    cta = opened(journey, playbook="kickoff")
    journey.task(cta, "hold_call")
    assert journey.stage("flow") == "b"
    playbook = journey.fold.book.playbooks["kickoff"]
    required = [one.id for one in playbook.tasks if not one.optional and one.id != "hold_call"]
    for task in required[:-1]:
        journey.task(cta, task)
    assert journey.stage("flow") == "b"
    journey.task(cta, required[-1])
    assert journey.stage("flow") == "c"


def test_g11_a_cta_by_hand_may_belong_to_the_visit_and_close_with_it() -> None:
    """G11: `close_on_leaving` works for people's CTAs as for automations'."""
    journey = account()
    cta = opened(journey, lifecycle="flow", close_on_leaving=True)
    kept = opened(journey, lifecycle="flow")
    journey.set("flow", "b")
    assert cta not in journey.state.ctas
    assert kept in journey.state.ctas


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ({"title": " "}, "no_title"),
        ({"title": "x" * 201}, "long_title"),
        ({"title": "x", "priority": "urgent"}, "unknown_priority"),
        ({"title": "x", "playbook": "kickof"}, "unknown_playbook"),
        ({"title": "x", "owner": "cms"}, "unknown_owner"),
        ({"title": "x", "owner": ""}, "no_owner"),
        ({"title": "x", "due": day(-1)}, "bad_time"),
        ({"title": "x", "lifecycle": "flo"}, "unknown_lifecycle"),
        ({"title": "x", "close_on_leaving": True}, "no_lifecycle"),
    ],
)
def test_r16_a_cta_that_makes_no_sense_is_refused(what: dict[str, object], code: str) -> None:
    """R16: before anything changes, with a code."""
    journey = account()
    before = dict(journey.state.ctas)
    journey.cta(OpenCta, **what)
    assert journey.refusals() == [code]
    assert journey.state.ctas == before


def test_r16_snooze_and_assign_check_what_they_are_told() -> None:
    """R16: an unknown CTA, a snooze into the past, waking what is awake, an owner that is a slip."""
    journey = account()
    cta = opened(journey)
    journey.at(1)
    journey.cta(SnoozeCta, cta="gone", until=day(2))
    journey.cta(SnoozeCta, cta=cta, until=day(0.5))
    journey.cta(SnoozeCta, cta=cta, until=None)
    journey.cta(AssignCta, cta=cta, owner="ownr")
    assert journey.refusals() == ["unknown_cta", "bad_time", "not_snoozed", "unknown_owner"]


def test_r16_a_cta_that_belongs_to_no_stage_is_not_tied_to_one() -> None:
    """R16: the account is in no stage of the lifecycle named."""
    journey = account()
    journey.set("flow", None)
    journey.cta(OpenCta, title="x", lifecycle="flow")
    assert journey.refusals() == ["no_stage"]
