"""The shipped definitions: read clean, and every automation can be unpublished and edited (V5, V12–V14)."""

import json
import re
from datetime import time

import pytest

from lifecycle import mail
from lifecycle.core.codec import from_data, to_data
from lifecycle.core.conditions import All, Compare, Const, EventField, InSegment, Op, leaves
from lifecycle.core.durations import Duration
from lifecycle.core.model import (
    After,
    AsSoonAs,
    Automation,
    Book,
    ContactRules,
    Email,
    EventMatch,
    OnAll,
    OnEvent,
    OpenCta,
    Place,
    SetFields,
    Webhook,
)
from lifecycle.definition import load, render
from tests.definitions.sources import LIFECYCLES, ROOT, SHIPPED, book, codes, read

BOOK = book()
AUTOMATIONS = [one for name in LIFECYCLES for one in BOOK.lifecycles[name].automations]


def test_they_read_without_a_problem_and_with_the_shipped_templates() -> None:
    reading = load(ROOT / "definitions", ROOT / "templates" / "email", mail.variables)
    assert render(reading.problems) == ""
    assert reading.book == BOOK
    assert tuple(BOOK.lifecycles) == LIFECYCLES


def test_the_book_survives_json() -> None:
    assert from_data(Book, json.loads(json.dumps(to_data(BOOK)))) == BOOK


def test_the_stages_stand_in_the_order_of_their_sources() -> None:
    """L1, V1, G1, G2."""
    labels = {name: [stage.label for stage in BOOK.lifecycles[name].stages] for name in LIFECYCLES}
    assert labels["customer_stages"] == [
        "Pre-Onboarding", "Onboarding", "Implementation", "Early Adoption", "Mature Adoption",
    ]  # fmt: skip
    assert labels["sales"] == ["Lead", "Prospect", "Customer"]
    assert labels["customer_journey"] == [
        "Onboarding", "Launched", "Adopting", "Renewal", "Will Churn", "Churned",
    ]  # fmt: skip


def test_end_stages_are_marked() -> None:
    """T6: one or more."""
    ends = {
        name: [stage.id for stage in BOOK.lifecycles[name].stages if stage.end]
        for name in LIFECYCLES
    }
    assert ends["escalation"] == ["resolved", "withdrawn"]
    assert ends["onboarding"] == ["go_live", "called_off"]
    assert ends["customer_journey"] == ["churned"]
    assert ends["sales"] == ends["customer_stages"] == []


def test_lifecycles_know_the_flow_they_belong_to() -> None:
    """T2, T3, T7."""
    onboarding = BOOK.lifecycles["onboarding"]
    assert (onboarding.kind, onboarding.flow) == ("status", "customer_journey")
    assert onboarding.title == "Onboarding project"
    assert onboarding.description


def named(key: str) -> Automation:
    """An automation by its key."""
    return next(one for one in AUTOMATIONS if one.key == key)


def test_a_negotiation_that_completes_enters_pre_onboarding() -> None:
    """L4, L6: the guard compares the event's stage."""
    line = named("customer_stages.pre_onboarding_notification")
    assert (line.place, line.to) == (Place.ANYWHERE, "pre_onboarding")
    assert line.trigger == OnEvent((EventMatch("opportunity.stage_changed"),))
    said = "event.stage is Negotiations Completed"
    assert line.guard == Compare(EventField("stage"), Op.IS, Const("Negotiations Completed"), said)


def test_the_team_is_told_on_entering() -> None:
    """L7."""
    line = named("customer_stages.alert_customer_success")
    assert line.actions == (Email("pre_onboarding_alert", ("customer_success",)),)


def test_a_won_deal_updates_the_account() -> None:
    """L11–L13, R1."""
    line = named("customer_stages.won_deal_updates_account")
    (action,) = line.actions
    assert isinstance(action, SetFields)
    assert action.values["type"] == "Customer"
    assert line.trigger == OnEvent((EventMatch("opportunity.closed_won"),))


def test_a_log_in_is_told_of_a_lead_only() -> None:
    """V3: the line stands under Lead, so a Customer's log-in tells nobody."""
    line = named("sales.lead_logged_in")
    assert (line.place, line.stage) == (Place.DO, "lead")
    assert line.trigger == OnEvent((EventMatch("user.logged_in"),))
    assert line.actions == (Email("lead_logged_in", ("owner",)),)
    heard = [one.key for one in AUTOMATIONS if one.trigger == line.trigger]
    assert heard == ["sales.lead_logged_in"]


def test_a_segment_is_the_audience_of_a_play() -> None:
    """T16, G11, G12: entering it opens a CTA with a playbook; a health that turns red opens one, too."""
    play = named("customer_journey.renewal_at_risk")
    assert play.trigger == AsSoonAs(InSegment("renewals_at_risk", "in segment renewals_at_risk"))
    (rescue,) = play.actions
    assert isinstance(rescue, OpenCta)
    assert (rescue.kind, rescue.playbook) == ("risk", "at_risk_rescue")
    alarm = named("customer_journey.health_turned_red")
    assert [leaf.said for leaf in leaves(alarm.guard)] == [
        "has open cta of risk", "in segment renewals_at_risk",
    ]  # fmt: skip


def test_a_playbook_has_a_goal_and_every_task_a_date() -> None:
    """G12."""
    for playbook in BOOK.playbooks.values():
        assert playbook.goal
        required = [task for task in playbook.tasks if not task.optional]
        assert all(task.due is not None for task in playbook.tasks), playbook.id
        assert len(required) >= 4


def test_mail_to_contacts_has_rules() -> None:
    """V2, G14: over midnight, in the account's time zone."""
    assert BOOK.directory.contact_rules == ContactRules(time(20), time(8), 5, Duration(7))


def test_both_facts_of_one_order_make_a_customer() -> None:
    """V8."""
    facts = (EventMatch("product.purchased"), EventMatch("wholesale.billed"))
    assert named("sales.purchase_billed").trigger == OnAll(facts, "order_id", Duration(90))


def test_becoming_a_prospect_calls_outside() -> None:
    """V4."""
    hook = Webhook("activate_product", "product_platform", {"product": "Standard"})
    assert named("sales.activate_standard").actions == (hook,)


def test_money_in_a_condition_is_whole_cents() -> None:
    guard = named("escalation.tell_leadership").guard
    assert isinstance(guard, Compare)
    assert guard.right == Const(10_000_000)


def test_a_list_of_sections_carries_its_rule() -> None:
    """L15–L17."""
    first, stamps, *_ = BOOK.account.page
    assert first.title == "Customer Success"
    assert isinstance(first.show_when, All)
    assert first.show_when == stamps.show_when
    assert stamps.timestamps_of == "customer_stages"


def test_events_that_may_create_an_account_are_declared() -> None:
    """R2."""
    creating = [name for name, event in BOOK.events.items() if event.creates_account]
    assert creating == [
        "opportunity.created", "opportunity.stage_changed",
        "opportunity.closed_won", "opportunity.closed_lost",
    ]  # fmt: skip


def switched_off(name: str) -> str:
    """The lifecycle's source in which one named line carries `published: false`."""
    file, line = name.split(".")
    source = SHIPPED[f"{file}.yaml"]
    flow = re.sub(rf"{{name: {line},", f"{{name: {line}, published: false,", source)
    return re.sub(rf"(?m)^( +)- name: {line}\b", rf"\1- published: false\n\1  name: {line}", flow)


@pytest.mark.parametrize("key", [one.key for one in AUTOMATIONS])
def test_every_automation_can_be_unpublished(key: str) -> None:
    """V5, V12: all of them ship switched on, and each can be switched off."""
    assert named(key).published
    changed = book({f"{key.split('.')[0]}.yaml": switched_off(key)})
    lines = changed.lifecycles[key.split(".")[0]].automations
    assert [one.key for one in lines if not one.published] == [key]


def test_a_line_of_ones_own_replaces_a_shipped_one() -> None:
    """V12, V13: as the remark in sales.yaml says."""
    mine = switched_off("sales.opportunity_makes_prospect").replace(
        "  prospect:\n",
        "      - name: big_opportunity_makes_prospect\n"
        "        when: opportunity.created\n"
        "        if: event.amount >= 5000\n"
        "        to: prospect\n"
        "  prospect:\n",
    )
    lines = {one.name: one for one in book({"sales.yaml": mine}).lifecycles["sales"].automations}
    assert not lines["opportunity_makes_prospect"].published
    assert lines["big_opportunity_makes_prospect"].to == "prospect"


def test_shipped_lines_can_be_edited() -> None:
    """V14: another time, another mail, another stage."""
    source = SHIPPED["customer_journey.yaml"]
    edited = source.replace("after: 14 days", "after: 21 days").replace(
        "email: welcome", "email: notice_alert"
    )
    changed = book({"customer_journey.yaml": edited}).lifecycles["customer_journey"]
    lines = {one.name: one for one in changed.automations}
    assert lines["two_weeks_passed"].trigger == After(Duration(21))
    assert lines["welcome"].actions == (Email("notice_alert", ("contact",)),)


def test_setting_a_stage_is_a_step_of_any_automation() -> None:
    """V13."""
    line = "\n  - {name: start_project, when: contract.renewed, set stage: onboarding.kickoff}\n"
    assert (
        codes(read({"sales.yaml": SHIPPED["sales.yaml"].replace("\nalso:\n", f"\nalso:{line}")}))
        == []
    )
