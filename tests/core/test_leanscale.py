"""The customer stages of a Salesforce record, as shipped (L)."""

from __future__ import annotations

import pytest

from lifecycle.core import changes as c
from lifecycle.core.sections import visible_sections

from .journey import START, Journey, day, shipped

STAGES = ["pre_onboarding", "onboarding", "implementation", "early_adoption", "mature_adoption"]
LIFECYCLE = "customer_stages"


def negotiated() -> Journey:
    journey = Journey()
    journey.event("opportunity.stage_changed", opportunity_id="o", stage="Negotiations Completed")
    return journey


def test_l1_the_ordered_stages() -> None:
    """L1: ids for ever, labels as people call them."""
    lifecycle = shipped().lifecycles[LIFECYCLE]
    assert [stage.id for stage in lifecycle.stages] == STAGES
    assert [stage.label for stage in lifecycle.stages] == [
        "Pre-Onboarding",
        "Onboarding",
        "Implementation",
        "Early Adoption",
        "Mature Adoption",
    ]


def test_l4_to_l7_negotiations_completed() -> None:
    """L4, L5, L6, L7: the account is created, enters Pre-Onboarding, and the team is told."""
    journey = negotiated()
    assert journey.state.created_at == START
    assert journey.stage(LIFECYCLE) == "pre_onboarding"
    [mail] = journey.changes(c.MailDue)
    assert (mail.template, mail.to) == ("pre_onboarding_alert", ("customer_success",))


def test_l4_another_stage_of_an_opportunity_is_recorded_only() -> None:
    """L4, L5, N3: the account is attached, no stage entered, and the journal says why."""
    journey = Journey()
    journey.event("opportunity.stage_changed", opportunity_id="o", stage="Proposal")
    assert journey.stage(LIFECYCLE) is None
    assert journey.codes("pre_onboarding_notification") == ["guard"]


def test_l8_to_l13_an_opportunity_closes() -> None:
    """L8, L9, L10, L11, L12, L13, R1: closed won; stage, timestamp, type, CSM and owner."""
    journey = negotiated()
    journey.at(5).won(csm="Ann", owner="Bob")
    track = journey.track(LIFECYCLE)
    assert (track.stage, track.last_entered["onboarding"]) == ("onboarding", day(5))
    assert {name: journey.state.fields[name] for name in ("type", "csm", "owner")} == {
        "type": "Customer",
        "csm": "Ann",
        "owner": "Bob",
    }


def test_l8_without_the_step_before_it() -> None:
    """L8, R2, R6: a deal may close at once; the skipped stage has no timestamp."""
    journey = Journey()
    journey.won()
    track = journey.track(LIFECYCLE)
    assert track.stage == "onboarding"
    assert list(track.last_entered) == ["onboarding"]


@pytest.mark.parametrize("stage", STAGES)
def test_l2_l3_l14_only_the_timestamp_of_the_stage_entered_is_written(stage: str) -> None:
    """L2, L3, L14, R5: any change counts; it is the latest entry, the first is kept too."""
    journey = negotiated()
    for number, name in enumerate(STAGES):
        journey.at(number + 1).set(LIFECYCLE, name)
    before = dict(journey.track(LIFECYCLE).last_entered)
    first = dict(journey.track(LIFECYCLE).first_entered)
    journey.at(20).set(LIFECYCLE, None)
    journey.at(21).set(LIFECYCLE, stage)
    assert journey.track(LIFECYCLE).last_entered == {**before, stage: day(21)}
    assert journey.track(LIFECYCLE).first_entered == first


def test_l14_the_door_does_not_matter() -> None:
    """L14: by automation, by hand and by an import, the same timestamp is written."""
    by_event, by_hand, imported = Journey(), Journey(), Journey()
    by_event.at(3).won()
    by_hand.create()
    by_hand.at(3).set(LIFECYCLE, "onboarding")
    imported.now = day(9)
    imported.event("opportunity.closed_won", time=day(3), historic=True)
    for journey in (by_event, by_hand, imported):
        assert journey.track(LIFECYCLE).last_entered == {"onboarding": day(3)}


def test_l15_l16_l17_r7_the_sections_of_the_page() -> None:
    """L15, L16, L17, R7: hidden at Pre-Onboarding as the type is not yet Customer; shown after the deal."""
    journey = negotiated()
    titles = ["Customer Success", "Customer Lifecycle Stage Timestamps"]

    def shown() -> dict[str, bool]:
        views = visible_sections(journey.fold.book, journey.state, journey.now)
        return {
            view.section.title: view.is_visible for view in views if view.section.title in titles
        }

    assert shown() == dict.fromkeys(titles, False)
    journey.won()
    assert shown() == dict.fromkeys(titles, True)
    journey.fields(type="Churn")
    assert shown() == dict.fromkeys(titles, True)
    journey.set(LIFECYCLE, None)
    assert shown() == dict.fromkeys(titles, False)
