"""Scorecards: weighted measures, bands that do not flap, kept true by changes and by time alone (T16)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lifecycle.core import changes as c
from lifecycle.core.conditions import Facts
from lifecycle.core.inputs import Deadline
from lifecycle.core.scorecard import Band
from lifecycle.core.scoring import band_of, score

from .journey import Journey, day, flow, small

STAGES = """
    stages:
      a: {label: A}
      b: {label: B}
      out: {label: Out, end: true}
    from any stage:
      - {name: on, when: kickoff.held, to: b}
    """

CARD = """
scorecards:
  health:
    title: Customer health
    score field: health_score
    band field: health
    for: type is Customer
    measures:
      usage:
        title: Do they use it?
        weight: 40
        points:
          - {if: active_users >= 20, give: 100}
          - {if: active_users >= 10, give: 70}
          - {if: active_users exists, give: 0}
      progress:
        title: Do they get on?
        weight: 60
        points:
          - {if: flow is a for more than 30 days, give: 20}
          - {if: flow exists, give: 100}
    bands:
      green:  {from: 75, falls below: 70}
      yellow: {from: 45, falls below: 40}
      red:    {from: 0}
"""


def customer(card: str = CARD, body: str = STAGES, **fields: object) -> Journey:
    """An account of type Customer under a scorecard."""
    journey = Journey(small(flow(body), scorecards=card))
    journey.create(type="Customer", **fields)  # type: ignore[arg-type]
    return journey


def health(journey: Journey) -> tuple[object, object]:
    """Score and band as the account's fields have them."""
    fields = journey.state.fields
    return fields.get("health_score"), fields.get("health")


def test_t16_the_score_is_the_weighted_mean_and_a_measure_without_data_is_left_out() -> None:
    """T16: no measure applies: no score; one applies: it counts alone; both: weighted, halves up."""
    journey = customer()
    assert health(journey) == (None, None)
    journey.set("flow", "a")
    assert health(journey) == (100, "green")
    journey.fields(active_users=3)
    assert health(journey) == (60, "yellow")
    journey.fields(active_users=12)
    assert health(journey) == (88, "green")


def test_t16_for_all_others_both_fields_are_empty() -> None:
    """T16: `for` limits the card; an account that it no longer applies to loses both figures."""
    journey = customer()
    journey.set("flow", "a")
    journey.fields(type="Partner")
    assert health(journey) == (None, None)


def test_t16_time_alone_turns_the_score_at_the_very_instant() -> None:
    """T16: days in stage are a deadline in the account: nothing polls."""
    journey = customer()
    journey.set("flow", "a")
    assert journey.fold.wakes_at() == day(30)
    journey.at(30)
    assert health(journey) == (20, "red")
    [turned] = [one for one in journey.entries if isinstance(one.input, Deadline)]
    assert (turned.at, turned.input.what) == (day(30), "score:health")  # type: ignore[union-attr]
    journey.at(31).event("kickoff.held")
    assert health(journey) == (100, "green")


def test_t16_the_journal_says_what_made_the_score() -> None:
    """T16, N3: why is it red? Every measure with its line and the values that decided."""
    journey = customer(active_users=3)
    journey.set("flow", "a")
    journey.at(31)
    note = journey.notes("scored")[-1]
    assert (note.text, note.automation) == (
        "Customer health: 12 of 100, red (was yellow).",
        "scorecard.health",
    )
    assert note.deciding == [
        "usage: 0 of 100, weight 40 (active_users exists [active_users = 3])",
        "progress: 20 of 100, weight 60 (flow is a for more than 30 days [flow = a for 30 days])",
    ]


def test_t16_health_that_wavers_between_the_two_figures_does_not_flap() -> None:
    """T16: 72 entered from above stays green, from below stays yellow."""
    bands = (Band("green", 75, 70), Band("yellow", 45, 40), Band("red", 0, 0))
    said = []
    present = None
    for points in (80, 72, 69, 72, 74, 75, 42, 39, 44, 45):
        present = band_of(bands, points, present)
        said.append(present)
    assert said == [
        "green", "green", "yellow", "yellow", "yellow", "green", "yellow", "red", "red", "yellow",
    ]  # fmt: skip


@given(st.lists(st.integers(0, 100), min_size=1), st.sampled_from([None, "green", "red", "gone"]))
def test_t16_a_band_that_was_chosen_is_chosen_again(points: list[int], present: str | None) -> None:
    """T16: asking twice changes nothing, and a band always fits its figures."""
    bands = (Band("green", 75, 70), Band("yellow", 45, 40), Band("red", 0, 0))
    for mean in points:
        present = band_of(bands, mean, present)
        assert band_of(bands, mean, present) == present
        band = next(one for one in bands if one.id == present)
        better = [one for one in bands if one.at_least > band.at_least]
        assert mean >= min(band.at_least, band.falls_below)
        assert all(mean < one.at_least for one in better)


def test_t16_lines_use_health_as_any_field() -> None:
    """T16: `changed: health` and `as soon as` hear the band that time alone has turned."""
    body = (
        STAGES
        + """
    also:
      - name: alarm
        as soon as: health is red
        cta: Health is red
      - name: tell
        changed: health
        email: notice_alert
        to: csm
    """
    )
    journey = customer(body=body)
    journey.set("flow", "a")
    journey.at(30)
    assert journey.ctas() == ["alarm"]
    assert journey.mails() == ["tell", "tell"]


def test_t16_undo_takes_the_score_back_with_the_move() -> None:
    """T16, R13: what an input did to health is undone with it, and health is right again."""
    journey = customer(active_users=25)
    journey.set("flow", "a")
    journey.at(30.5)
    assert health(journey) == (52, "yellow")
    journey.set("flow", "b")
    assert health(journey) == (100, "green")
    journey.undo()
    assert health(journey) == (52, "yellow")
    assert score(journey.fold.book.scorecards["health"], facts(journey)).score == 52


def test_t16_health_is_kept_while_automation_is_held() -> None:
    """T16, R18: a scorecard is no automation line: it is right during a hold too."""
    journey = customer()
    journey.set("flow", "a")
    journey.hold(60)
    journey.at(30)
    assert health(journey) == (20, "red")


def test_t28_days_in_a_stage_count_no_more_while_cancelled() -> None:
    """T28, R25: the sentence with days turns false with the status, and the score follows."""
    journey = customer()
    journey.set("flow", "a")
    journey.at(31).fields(status="cancelled")
    assert health(journey) == (100, "green")


def test_r24_a_changed_scorecard_reaches_a_running_account() -> None:
    """R24: adoption asks the card anew."""
    journey = customer(active_users=12)
    journey.set("flow", "a")
    assert health(journey) == (88, "green")
    journey.adopt(small(flow(STAGES), scorecards=CARD.replace("weight: 60", "weight: 10")))
    assert health(journey) == (76, "green")


def test_r24_a_scorecard_that_is_gone_leaves_no_score_behind() -> None:
    """T16, R24: nobody else may write the fields, so a last score would be taken for true for ever."""
    journey = customer(active_users=12)
    assert health(journey) == (70, "yellow")
    journey.adopt(small(flow(STAGES)))
    assert health(journey) == (None, None)
    assert [note.text for note in journey.notes("scored")[-2:]] == [
        "No scorecard writes health_score any more: it has no value.",
        "No scorecard writes health any more: it has no value.",
    ]


def test_r13_undo_does_not_speak_of_a_score_as_of_a_value_somebody_kept() -> None:
    """T16, R13: a score that time has changed since is reckoned anew, so nothing is told to be kept."""
    journey = customer(active_users=12)
    journey.set("flow", "a")
    journey.at(31)
    assert health(journey) == (40, "yellow")
    journey.undo()
    assert health(journey) == (70, "yellow")
    assert journey.notes("kept") == []


def facts(journey: Journey) -> Facts:
    """What a condition is asked of the account now."""
    return Facts(journey.state, journey.now, segments=journey.fold.book.segments)


def test_t16_the_card_agrees_with_the_fields_after_every_entry() -> None:
    """T16: whatever changed, the fields never say something else than the card."""
    journey = customer()
    for at, users in ((1, 5), (2, 15), (33, 25), (60, None)):
        journey.at(at).fields(active_users=users)
        journey.set("flow", "b" if at == 33 else "a")
        found = score(journey.fold.book.scorecards["health"], facts(journey))
        assert health(journey) == (found.score, found.band)
    assert len(journey.changes(c.FieldSet)) > 8


TOGGLED = """
scorecards:
  health:
    title: Customer health
    score field: health_score
    band field: health
    measures:
      progress:
        title: Do they get on?
        weight: 1
        points:
          - {if: [flow is a for more than 30 days, plan is Standard], give: 20}
          - {if: flow exists, give: 100}
    bands:
      green:  {from: 75, falls below: 70}
      red:    {from: 0}
"""


def test_r23_lines_that_toggle_health_are_stopped_and_health_is_right() -> None:
    """R23, T16: lines that chase each other by a score end with a note, also where time alone sets them off."""
    body = (
        STAGES
        + """
    also:
      - {name: up, changed: health, if: health is red, set: {plan: Pro}}
      - {name: down, changed: health, if: health is green, set: {plan: Standard}}
    """
    )
    journey = customer(TOGGLED, body, plan="Standard")
    journey.set("flow", "a")
    journey.at(31)
    assert "cascade_stopped" in journey.codes()
    found = score(journey.fold.book.scorecards["health"], facts(journey))
    assert health(journey) == (found.score, found.band)
    assert journey.fold.wakes_at() is None
