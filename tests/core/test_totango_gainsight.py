"""Many lifecycles at once and the customer journey, as shipped (T, G). Days in: test_clock.py."""

from __future__ import annotations

from datetime import date

import pytest

from lifecycle.core import changes as c
from lifecycle.core.conditions import (
    Between,
    Changed,
    Completed,
    Condition,
    Facts,
    InStage,
    Last,
    Not,
)
from lifecycle.core.durations import Duration

from .journey import START, Journey, day, shipped


@pytest.fixture
def customer() -> Journey:
    journey = Journey()
    journey.won(renewal_date="2026-12-31", csm="Ann")
    return journey


def holds(journey: Journey, condition: Condition, at: float) -> bool:
    return condition.holds(Facts(journey.state, day(at)))


def test_t1_many_lifecycles_at_once(customer: Journey) -> None:
    """T1: each with its own stage, clock and cycle."""
    customer.at(2).event("escalation.opened")
    stages = {name: track.stage for name, track in customer.state.tracks.items()}
    assert stages == {
        "customer_journey": "onboarding",
        "customer_stages": "onboarding",
        "onboarding": "kickoff",
        "sales": "lead",
        "escalation": "open",
    }


def test_t2_to_t7_what_a_lifecycle_says_of_itself() -> None:
    """T2, T3, T4, T5, T6, T7."""
    lifecycle = shipped().lifecycles["escalation"]
    assert (lifecycle.title, lifecycle.kind, lifecycle.flow) == (
        "Escalation",
        "status",
        "customer_journey",
    )
    assert lifecycle.description
    assert [stage.id for stage in lifecycle.stages if stage.end] == ["resolved", "withdrawn"]
    assert all(stage.colour for stage in lifecycle.stages)


def test_t9_people_move_accounts_through_it(customer: Journey) -> None:
    """T9: in any direction, with a reason."""
    for stage in ("open", "monitoring", "open", "resolved", "action_plan", None):
        customer.set("escalation", stage)
        assert customer.stage("escalation") == stage
    customer.set("escalation", "open", reason="")
    assert customer.refusals() == ["no_reason"]


def test_t16_stuck_accounts_are_found_and_the_csm_gets_a_task(customer: Journey) -> None:
    """T16, G11, G15, R19: configuration stuck after 20 business days; late after ten."""
    customer.event("kickoff.held")
    customer.at(14)
    assert customer.track("onboarding").late
    customer.at(27.9)
    assert "configuration_stuck" not in customer.ctas()
    customer.at(28)
    [cta] = [
        cta
        for cta in customer.state.ctas.values()
        if cta.automation == "onboarding.configuration_stuck"
    ]
    assert (cta.owner, cta.priority, cta.due) == ("csm", "high", day(29))


def test_t17_is_one_of_for_a_number_of_days(customer: Journey) -> None:
    """T17, R10."""
    long = InStage("customer_journey", ("onboarding", "renewal"), more_than=Duration(10))
    fresh = InStage("customer_journey", ("onboarding",), less_than=Duration(10))
    assert [holds(customer, long, at) for at in (9.9, 10, 12)] == [False, True, True]
    assert [holds(customer, fresh, at) for at in (9.9, 10)] == [True, False]
    customer.fields(status="cancelled")
    assert not holds(customer, long, 12)
    assert not holds(customer, fresh, 1)


def test_t18_t22_is_not_one_of_and_none(customer: Journey) -> None:
    """T18, T22, R17: None is not one of the stages, and has a name."""
    assert holds(customer, InStage("escalation", ("open",), negated=True), 0)
    assert holds(customer, InStage("escalation", ("None", "open")), 0)
    assert not holds(customer, InStage("escalation", ("None",), negated=True), 0)


def test_t19_changed_in_a_window_from_and_to(customer: Journey) -> None:
    """T19: undone moves never happened."""
    customer.at(2).event("kickoff.held")
    any_change = Changed("onboarding", Last(30))
    exact = Changed("onboarding", Last(30), "kickoff", "configuration")
    assert holds(customer, any_change, 3)
    assert holds(customer, exact, 31.9)
    assert not holds(customer, exact, 32)
    assert not holds(customer, Changed("onboarding", Last(30), "configuration"), 3)
    assert holds(customer, Changed("onboarding", Last(30), "None", "kickoff"), 3)
    assert holds(
        customer, Changed("onboarding", Between(date(2026, 1, 7), date(2026, 1, 7)), "kickoff"), 300
    )
    customer.undo()
    assert not holds(customer, exact, 3)
    assert holds(customer, Not(exact), 3)


def test_t20_completed(customer: Journey) -> None:
    """T20: reached an end stage, in a window or ever; undo takes it back."""
    customer.at(5).set("onboarding", "go_live")
    assert holds(customer, Completed("onboarding"), 300)
    assert holds(customer, Completed("onboarding", Last(90)), 94)
    assert not holds(customer, Completed("onboarding", Last(90)), 95)
    customer.undo()
    assert not holds(customer, Completed("onboarding"), 300)


def test_t21_cycles_repeat(customer: Journey) -> None:
    """T13, T21, R9: a second escalation is the second cycle."""
    for number in (1, 2):
        customer.at(number * 10).event("escalation.opened")
        assert customer.track("escalation").cycle == number
        customer.at(number * 10 + 3).event("escalation.withdrawn")
    assert [cycle.total / 86_400 for cycle in customer.track("escalation").cycles] == [3, 3]


def test_g1_g2_the_stages() -> None:
    """G1, G2."""
    labels = [stage.label for stage in shipped().lifecycles["customer_journey"].stages]
    assert labels == ["Onboarding", "Launched", "Adopting", "Renewal", "Will Churn", "Churned"]


def test_g9_stages_are_tracked(customer: Journey) -> None:
    """G9: every stage that was entered is known with its instants, and the moves between them."""
    customer.at(20)
    track = customer.track("customer_journey")
    assert list(track.first_entered) == ["onboarding", "launched"]
    assert [(move.left, move.entered, move.at) for move in track.moves] == [
        (None, "onboarding", track.first_entered["onboarding"]),
        ("onboarding", "launched", track.last_entered["launched"]),
    ]


@pytest.mark.parametrize(
    ("kind", "data", "moves"),
    [
        ("training.completed", {}, True),
        ("product.went_live", {}, True),
        ("usage.reported", {"active_users": 5}, True),
        ("usage.reported", {"active_users": 4}, False),
        ("kickoff.held", {}, False),
    ],
)
def test_g3_g4_any_of_several_actions(
    customer: Journey, kind: str, data: dict[str, int], moves: bool
) -> None:
    """G3, G4, G7: on specific actions."""
    customer.at(3)
    customer.event(kind, id="", time=None, historic=False, **data)
    assert customer.stage() == ("launched" if moves else "onboarding")


def test_g4_or_after_a_set_time(customer: Journey) -> None:
    """G4: fourteen days, to the second; the entry mail and the reminder on the way."""
    customer.at(13.999)
    assert customer.stage() == "onboarding"
    customer.at(14)
    assert customer.track().entered_at == day(14)
    assert customer.mails()[:2] == ["welcome", "training_reminder"]


def test_g4_the_reminder_asks_whether_it_is_needed(customer: Journey) -> None:
    """G4, N3: no reminder of a training that took place."""
    customer.fields(training_completed_on="2026-01-06")
    customer.at(8)
    assert "training_reminder" not in customer.mails()
    assert customer.codes("training_reminder") == ["guard"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_g7_all_of_with_any_of_inside_in_whichever_order(
    customer: Journey, order: tuple[int, int]
) -> None:
    """G7: training and use, in either order."""
    customer.set("customer_journey", "launched")
    steps = [("training.completed", {}), ("usage.reported", {"weekly_logins": 30})]
    for number, index in enumerate(order):
        assert customer.stage() == "launched"
        kind, data = steps[index]
        customer.at(number + 1).event(kind, id="", time=None, historic=False, **data)
    assert customer.stage() == "adopting"


def test_g7_g12_required_tasks_move_the_stage(customer: Journey) -> None:
    """G7, G12: the playbook's required tasks; optional ones are not asked for."""
    [cta] = [cta for cta in customer.state.ctas.values() if cta.playbook == "kickoff"]
    tasks = shipped().playbooks["kickoff"].tasks
    required = [task.id for task in tasks if not task.optional]
    for task in required[:-1]:
        customer.task(cta.id, task)
    assert customer.stage("onboarding") == "kickoff"
    customer.task(cta.id, required[-1])
    assert customer.stage("onboarding") == "configuration"
    assert cta.id not in customer.state.ctas, "closed on leaving"
    assert customer.changes(c.CtaClosed)[-1].outcome == "stage left"


def test_g11_ctas_per_stage(customer: Journey) -> None:
    """G11, G12: with owner, due day, playbook; not twice while open."""
    customer.event("notice.given", reason="price")
    [rescue] = [
        cta for cta in customer.state.ctas.values() if cta.automation == "customer_journey.rescue"
    ]
    assert (rescue.owner, rescue.priority, rescue.playbook, rescue.due) == (
        "csm",
        "high",
        "at_risk_rescue",
        day(1),
    )
    customer.close(rescue.id)
    assert rescue.id not in customer.state.ctas


def test_g11_a_cta_is_not_opened_while_the_last_one_is_open(customer: Journey) -> None:
    """G11, N3, R22: and after it was closed no sooner than `at most` says."""
    customer.fields(seats=1)
    for number in (1, 2):
        customer.at(number).event("usage.reported", seats_used=5)
    assert customer.ctas().count("offer_seats") == 1
    [cta] = [
        cta
        for cta in customer.state.ctas.values()
        if cta.automation == "customer_journey.offer_seats"
    ]
    customer.close(cta.id)
    customer.at(5).event("usage.reported", seats_used=5)
    assert customer.ctas().count("offer_seats") == 1
    customer.at(31).event("usage.reported", seats_used=5)
    assert customer.ctas().count("offer_seats") == 2


def test_a_customer_comes_back(customer: Journey) -> None:
    """T13, R8, R9, R25: churned, won back; the next cycle in journey and project, the first archived."""
    customer.at(20).event("subscription.cancelled")
    assert (customer.stage(), customer.stage("onboarding")) == ("churned", "called_off")
    assert customer.state.fields["type"] == "Churn"
    customer.at(50).won()
    assert (customer.stage(), customer.stage("onboarding")) == ("onboarding", "kickoff")
    assert (customer.track().cycle, customer.track("onboarding").cycle) == (2, 2)
    assert customer.state.fields["status"] == "active"
    assert customer.track().first_entered["onboarding"] == START
    assert customer.track("customer_stages").cycle == 2
