"""Lead, Prospect, Customer, as shipped (V). Joins (V8) and log-ins (V3) have files of their own."""

from __future__ import annotations

from lifecycle.core import changes as c

from .journey import Journey, day, flow, shipped, small


def lead() -> Journey:
    journey = Journey()
    journey.create()
    return journey


def test_v1_the_stages() -> None:
    """V1."""
    assert [stage.label for stage in shipped().lifecycles["sales"].stages] == [
        "Lead",
        "Prospect",
        "Customer",
    ]


def test_v5_v6_an_account_that_is_created_is_a_lead() -> None:
    """V5, V6: by hand or by its first event, once."""
    assert lead().stage("sales") == "lead"
    journey = Journey()
    journey.event("opportunity.closed_lost")
    assert journey.entered("sales") == ["lead"]


def test_v7_an_opportunity_makes_a_lead_a_prospect() -> None:
    """V7: and only a Lead."""
    journey = lead()
    journey.event("opportunity.created")
    assert journey.stage("sales") == "prospect"
    journey.set("sales", "customer")
    [entry] = journey.event("opportunity.created")
    assert journey.stage("sales") == "customer"
    assert entry.notes, "and says why (N3)"


def test_v4_a_transition_calls_outside_whatever_caused_it() -> None:
    """V4: by an event and by the drop-down, from Lead to Prospect only."""
    by_event, by_hand = lead(), lead()
    by_event.event("opportunity.created")
    by_hand.set("sales", "prospect")
    for journey in (by_event, by_hand):
        [call] = journey.changes(c.WebhookDue)
        assert (call.name, call.target, call.data) == (
            "activate_product",
            "product_platform",
            {"product": "Standard"},
        )
    by_hand.set("sales", "customer")
    by_hand.set("sales", "prospect")
    assert len(by_hand.changes(c.WebhookDue)) == 1


def test_v9_v10_a_person_sets_the_stage_forward_and_back() -> None:
    """V9, V10, R6: to skip a step, to repair an accidental move; with a reason and a name."""
    journey = lead()
    journey.at(1).set("sales", "customer", reason="signed on paper")
    assert list(journey.track("sales").last_entered) == ["lead", "customer"]
    journey.at(2).set("sales", "prospect", reason="wrong account")
    move = journey.changes(c.StageEntered)[-1]
    assert (move.entered, move.kind, move.actor, move.reason) == (
        "prospect",
        "person",
        "ann",
        "wrong account",
    )


def test_v11_a_manual_change_does_not_stop_automation_later() -> None:
    """V11."""
    journey = lead()
    journey.set("sales", "prospect")
    journey.set("sales", "lead")
    journey.event("opportunity.created")
    assert journey.stage("sales") == "prospect"


def test_v13_any_automation_may_set_a_stage() -> None:
    """V13: from another lifecycle, by time."""
    lines = flow(
        """
        stages:
          a: {label: A, do: [{name: push, after: 3 days, set stage: target.b}]}
        """
    )
    target = flow("stages:\n  a: {label: A}\n  b: {label: B}\n", id="target")
    journey = Journey(small(lines, target))
    journey.create()
    journey.set("flow", "a")
    journey.at(3)
    assert journey.stage("target") == "b"
    assert journey.track("target").entered_at == day(3)
    assert journey.changes(c.StageEntered)[-1].automation == "flow.push"
    journey.undo()
    assert journey.stage("target") is None
    journey.at(30)
    assert journey.stage("target") is None, "spent (R13)"
