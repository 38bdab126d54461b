"""Events: identity, the account's one clock, late and early, who creates an account (R2, R4, R20, R22, N3)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lifecycle.core import changes as c
from lifecycle.core.inputs import Event, Unreadable

from .journey import START, Journey, day, flow, shipped, small


@pytest.fixture
def journey() -> Journey:
    made = Journey()
    made.create()
    return made


def test_r2_only_events_so_declared_create_an_account() -> None:
    """R2: others get "unknown account" and leave no trace but the refusal."""
    journey = Journey()
    journey.event("user.logged_in", user="u")
    assert journey.refusals() == ["unknown_account"]
    assert journey.state.created_at is None
    journey.won()
    assert journey.state.created_at == START


def test_r2_v6_the_creation_is_an_input_of_its_own_applied_first() -> None:
    """R2, V6: at the instant of the first event; a won deal finds a Lead."""
    journey = Journey()
    journey.now = day(2)
    journey.event("opportunity.created", time=day(1))
    creation, event = journey.entries
    assert type(creation.input).__name__ == "CreateAccount"
    assert creation.at == event.at == day(1)
    assert journey.entered("sales") == ["lead", "prospect"]
    assert (journey.state.fields["type"], journey.state.fields["status"]) == ("Prospect", "active")


def test_r20_the_same_event_again_changes_nothing_and_raises_a_counter(journey: Journey) -> None:
    """R20, N3: source and id make the identity, not type or data."""
    journey.event("opportunity.created", id="x")
    before = journey.stage("sales")
    [entry] = journey.event("opportunity.closed_won", id="x")
    assert journey.stage("sales") == before
    assert journey.state.duplicates == 1
    assert [note.code for note in entry.notes] == ["duplicate"]
    other = Event("x", "another source", "opportunity.closed_won", START, START)
    journey.fold.take(other)
    assert journey.stage("customer_stages") == "onboarding"


def test_r20_a_repeated_historic_event_is_counted_as_well(journey: Journey) -> None:
    """R20, N3: whoever sends it."""
    for _ in range(2):
        journey.event("opportunity.created", id="x", historic=True)
    assert journey.state.duplicates == 1
    assert journey.codes()[-1] == "duplicate"


def test_r20_a_late_event_is_applied_at_the_clock_and_marked(journey: Journey) -> None:
    """R20: both its own time and the time received are kept."""
    journey.at(10).won()
    journey.at(20)
    clock = journey.state.clock
    assert clock is not None
    assert clock > day(10), "deadlines moved it"
    [*_, entry] = journey.event("escalation.opened", time=day(5))
    assert entry.at == journey.state.clock == clock
    assert isinstance(entry.input, Event)
    assert (entry.input.time, entry.input.received) == (day(5), day(20))
    assert "late" in [note.code for note in entry.notes]
    assert journey.track("escalation").entered_at == clock


def test_r20_an_event_of_the_past_that_is_not_before_the_clock_is_not_late(
    journey: Journey,
) -> None:
    """R20: it is applied at its own time."""
    journey.now = day(3)
    [entry] = journey.event("escalation.opened", time=day(1))
    assert entry.at == day(1)
    assert "late" not in [note.code for note in entry.notes]


def test_r20_an_early_event_is_applied_when_received_and_marked(journey: Journey) -> None:
    """R20: more than five minutes in the future."""
    [near] = journey.event("user.logged_in", time=START + timedelta(minutes=5), user="u")
    [far] = journey.event("escalation.opened", time=START + timedelta(minutes=5, seconds=1))
    assert "early" not in [note.code for note in near.notes]
    assert "early" in [note.code for note in far.notes]
    assert far.at == START


def test_r20_nothing_is_applied_before_the_clock(journey: Journey) -> None:
    """R20: a command with an older instant is applied at the clock."""
    journey.at(10).won()
    journey.now = day(4)
    [entry] = journey.set("customer_stages", "mature_adoption")
    assert entry.at == day(10)


def test_r20_the_window_drops_the_oldest_and_remembers_how_far_it_reaches(journey: Journey) -> None:
    """R20: a thousand ids; below the floor the journal must be asked, and its answer decides."""
    for number in range(1_001):
        journey.now = day(number / 1_000)
        journey.event("user.logged_in", id=f"id{number}", user="u")
    assert len(journey.state.window) == 1_000
    assert journey.state.window_floor == START.timestamp()
    journey.event("user.logged_in", id="id1", user="u")
    assert journey.state.duplicates == 1
    old = Event("id0", "test", "user.logged_in", START, day(1), {"user": "u"}, seen_before=True)
    journey.fold.take(old)
    assert journey.state.duplicates == 2


def test_t27_r16_what_cannot_be_read_is_refused_with_every_problem(journey: Journey) -> None:
    """R16, T27, N3: unknown events, engine events, wrong data; the clock and the window stay."""
    clock = journey.state.clock
    journey.event("opportunity.closed_one")
    journey.event("stage.stuck")
    [entry] = journey.event("contract.renewed", id="r", renewal_date="soon", arr="much")
    assert journey.refusals() == ["unknown_event", "engine_event", "bad_data"]
    assert entry.refused is not None
    assert "data.renewal_date" in entry.refused.what
    assert "data.arr" in entry.refused.what
    assert journey.state.clock == clock
    journey.event("contract.renewed", id="r", renewal_date="2027-01-01")
    assert journey.state.duplicates == 0, "a corrected event may be sent again"


@pytest.mark.parametrize(
    ("lifecycle", "stage", "reason", "code"),
    [
        ("sales", "custommer", "why", "unknown_stage"),
        ("sails", "customer", "why", "unknown_lifecycle"),
        ("sales", "customer", " ", "no_reason"),
    ],
)
def test_t27_a_value_that_is_not_defined_is_refused(
    journey: Journey, lifecycle: str, stage: str, reason: str, code: str
) -> None:
    """T27, R16: with what to do about it."""
    [entry] = journey.set(lifecycle, stage, reason=reason)
    assert entry.refused is not None
    assert entry.refused.code == code
    assert entry.refused.remedy


def test_r16_an_unreadable_message_is_kept_with_its_reason(journey: Journey) -> None:
    """R16, N3: it changes nothing and is counted."""
    [entry] = journey.fold.take(Unreadable(day(1), "signal", "not JSON", "{{"))
    assert entry.refused is not None
    assert journey.state.refused == 1


def test_r4_an_empty_value_never_replaces_a_full_one(journey: Journey) -> None:
    """R4, L12, L13: missing, null, blank."""
    journey.won(csm="Ann", owner="Bob")
    for empty in ({}, {"csm": None, "owner": None}, {"csm": "", "owner": "  "}):
        journey.won(**empty)
        assert (journey.state.fields["csm"], journey.state.fields["owner"]) == ("Ann", "Bob")
    journey.won(csm="Cid")
    assert (journey.state.fields["csm"], journey.state.fields["owner"]) == ("Cid", "Bob")


def test_r22_mail_of_an_event_once_per_event_and_no_more_often_than_at_most() -> None:
    """R22: `once a day`, `once a visit`, and without a limit for each event."""
    lines = flow("""
        stages:
          a:
            label: A
            do:
              - {name: each, when: user.logged_in, email: welcome, to: csm}
              - {name: daily, when: user.logged_in, email: welcome, to: csm, at most: once a day}
              - {name: visit, when: user.logged_in, email: welcome, to: csm, at most: once a visit}
          b: {label: B}
        """)
    journey = Journey(small(lines))
    journey.create()
    journey.set("flow", "a")
    for hours in (1, 24.9, 25, 50):
        journey.at(hours / 24).event("user.logged_in")
    journey.set("flow", "b")
    journey.set("flow", "a")
    journey.event("user.logged_in")
    sent = journey.mails()
    assert [sent.count(name) for name in ("each", "daily", "visit")] == [5, 3, 2]
    ids = [mail.id for mail in journey.changes(c.MailDue)]
    assert len(set(ids)) == len(ids)


def test_r22_mail_on_entering_once_per_visit() -> None:
    """R22, L7: and again on the next visit."""
    journey = Journey()
    journey.event("opportunity.stage_changed", stage="Negotiations Completed")
    journey.event("opportunity.stage_changed", stage="Negotiations Completed")
    assert journey.mails() == ["alert_customer_success"]
    journey.set("customer_stages", "onboarding")
    journey.set("customer_stages", "pre_onboarding")
    assert journey.mails() == ["alert_customer_success"] * 2


def test_r1_a_lost_opportunity_is_recorded_and_moves_nothing(journey: Journey) -> None:
    """R1, N3."""
    [entry] = journey.event("opportunity.closed_lost")
    assert [note.code for note in entry.notes] == ["no_line"]
    assert {name: journey.stage(name) for name in shipped().lifecycles if journey.stage(name)} == {
        "sales": "lead"
    }


def test_r20_an_event_of_long_ago_is_applied_when_received() -> None:
    """R20, R21: only an import tells the past; a live event a month old mails nobody for that month."""
    journey = Journey()
    journey.now = day(40)
    journey.event("opportunity.closed_won", time=day(0))
    journey.at(41)
    assert journey.state.created_at == day(40)
    assert journey.stage() == "onboarding"
    assert journey.mails() == ["welcome"]
    assert "late" in journey.codes()


def test_r20_an_event_of_a_few_days_ago_keeps_its_own_time(journey: Journey) -> None:
    """R20: what waited during an outage is applied in the order in which it happened."""
    journey.now = day(40)
    journey.event("opportunity.closed_won", time=day(35))
    assert journey.track().entered_at == day(35)
