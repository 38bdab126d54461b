"""The demo book through the core alone: whatever the day it is loaded on, there is something to see everywhere."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from lifecycle.core import changes as c
from lifecycle.core.conditions import Facts
from lifecycle.core.inputs import SetStage, Undo
from lifecycle.core.state import AccountState
from lifecycle.embedded.demo import journeys
from lifecycle.embedded.demo.book import UNWANTED
from lifecycle.embedded.demo.companies import companies
from lifecycle.embedded.demo.today import still_to_do
from tests.definitions.sources import book
from tests.demo.lives import live

BOOK = book()
NOWS = [
    datetime(2026, 11, 22, 6, 10, tzinfo=UTC),
    datetime(2026, 12, 28, 0, 5, tzinfo=UTC),
    datetime(2027, 2, 26, 23, 50, tzinfo=UTC),
    datetime(2027, 3, 30, 12, 0, tzinfo=UTC),
    datetime(2028, 2, 29, 16, 30, tzinfo=UTC),
    datetime(2029, 6, 9, 9, 0, tzinfo=UTC),
]
WORSE = ["green", "yellow", "red"]


class Told:
    """Every account at the end of its story, and all that happened."""

    def __init__(self, now: datetime) -> None:
        self.now, self.journeys = now, journeys(now)
        self.states: dict[str, AccountState] = {}
        self.entries: dict[str, list[c.Entry]] = {}
        for account, journey in self.journeys.items():
            self.states[account], self.entries[account] = live(BOOK, journey, now)

    def changes(self, account: str, *, live_only: bool = False) -> list[c.Change]:
        until = self.journeys[account].until if live_only else datetime.min.replace(tzinfo=UTC)
        return [one for entry in self.entries[account] if entry.at > until for one in entry.changes]

    def lowest(self, account: str) -> str:
        """The worst band its health has been in."""
        sets = [one for one in self.changes(account) if isinstance(one, c.FieldSet)]
        return max((str(one.value) for one in sets if one.name == "health"), key=WORSE.index)


@pytest.fixture(scope="module", params=NOWS, ids=lambda now: now.date().isoformat())
def told(request: pytest.FixtureRequest) -> Told:
    return Told(request.param)


def test_nothing_is_refused_or_comes_late(told: Told) -> None:
    for account, entries in told.entries.items():
        assert [str(entry.refused) for entry in entries if entry.refused] == [], account
        notes = [note.code for entry in entries for note in entry.notes]
        assert not {"late", "early", "duplicate", "cascade_stopped"} & set(notes), account


def test_every_stage_of_every_lifecycle_has_somebody_in_it(told: Told) -> None:
    """T22: None, too."""
    for lifecycle in BOOK.lifecycles.values():
        tracks = [state.tracks.get(lifecycle.id) for state in told.states.values()]
        taken = Counter(track.stage if track else None for track in tracks)
        assert set(taken) == {None, *(stage.id for stage in lifecycle.stages)}, lifecycle.id


def test_there_are_about_forty_accounts_with_eighteen_months(told: Told) -> None:
    assert 38 <= len(told.journeys) <= 45
    assert set(told.journeys) == set(companies())
    begin = min(journey.created for journey in told.journeys.values())
    assert timedelta(days=530) <= told.now - begin <= timedelta(days=560)
    for journey in told.journeys.values():
        times = [event.time for event in (*journey.events, *journey.live)]
        assert times == sorted(times)
        assert all(journey.created <= time <= told.now for time in times)
        assert all(event.time <= journey.until for event in journey.events)


def test_some_are_late_stuck_on_hold_escalated_and_won_back(told: Told) -> None:
    states = told.states.values()
    tracks = [track for state in states for track in state.tracks.values()]
    assert sum(any(track.late for track in state.tracks.values()) for state in states) >= 5
    assert sum(track.stuck for track in tracks) >= 3
    assert sum(state.hold is not None for state in states) == 2
    back = told.states["atelier-blanc"].tracks["customer_journey"]
    assert (back.cycle, back.stage) == (2, "adopting")


def test_past_is_silent_and_the_last_days_are_not(told: Told) -> None:
    """R21: e-mails and CTAs come from what happened after history's end only."""
    effects = (c.MailDue, c.WebhookDue, c.CtaOpened)
    mails: set[str] = set()
    for account in told.journeys:
        after = told.changes(account, live_only=True)
        every = [one for one in told.changes(account) if isinstance(one, effects)]
        assert every == [one for one in after if isinstance(one, effects)]
        mails |= {one.template for one in after if isinstance(one, c.MailDue)}
    assert {"welcome", "renewal_notice", "payment_failed", "notice_alert"} <= mails
    assert {"pre_onboarding_alert", "lead_logged_in", "escalation_large_account"} <= mails
    kinds = Counter(cta.kind for state in told.states.values() for cta in state.ctas.values())
    assert set(kinds) >= {"onboarding", "risk", "renewal", "growth"}


def test_people_have_overruled_and_taken_back(told: Told) -> None:
    """V9, R13: an override with its reason, and an undone one."""
    commands = [one for journey in told.journeys.values() for one in journey.commands]
    assert any(isinstance(one, SetStage) for one in commands)
    (undo,) = [one for one in commands if isinstance(one, Undo)]
    assert undo.reason
    assert told.states["ironbridge"].tracks["customer_stages"].stage == "early_adoption"
    assert told.states["quanta-labs"].tracks["customer_stages"].stage == "early_adoption"


def test_health_is_not_green_for_everybody_and_the_reasons_differ(told: Told) -> None:
    """T16: three are red, some are yellow, and it has gone down and up again."""
    bands = {account: state.fields.get("health") for account, state in told.states.items()}
    red = {account for account, band in bands.items() if band == "red"}
    assert red == {"sunmarket", "polar-parts", "mercado-sur"}
    assert 4 <= sum(band == "yellow" for band in bands.values()) <= 7
    assert {told.lowest("hansa-logistik"), told.lowest("tessera")} == {"red", "yellow"}
    assert bands["hansa-logistik"] == bands["tessera"] == "green"


def test_every_shipped_segment_has_somebody_in_it(told: Told) -> None:
    """T17–T22."""
    everybody = [Facts(one, told.now, segments=BOOK.segments) for one in told.states.values()]
    segments = BOOK.segments.values()
    empty = {one.id for one in segments if not any(map(one.where.holds, everybody))}
    assert empty <= {"configured_in_q3"}, "that quarter alone may be long past"


def test_a_csms_day_has_ctas_in_every_state(told: Told) -> None:
    """G11, G12: under way, overdue, snoozed, assigned, opened by hand, closed with an outcome."""
    ctas = [cta for state in told.states.values() for cta in state.ctas.values()]
    assert sum(bool(cta.tasks) for cta in ctas) >= 5
    assert any(cta.overdue for cta in ctas)
    assert [cta.title for cta in ctas if cta.snoozed_until] == ["Stuck in Renewal"]
    assert "Luca Moretti" in {cta.owner for cta in ctas}
    assert sum(bool(cta.opened_by) for cta in ctas) == 2
    closed = [one for one in told.changes("maple-and-stone") if isinstance(one, c.CtaClosed)]
    assert [one.outcome for one in closed] == ["Paid with a new card"]


def test_contacts_live_in_several_time_zones_and_one_wants_no_mail(told: Told) -> None:
    zones = {str(state.fields["time_zone"]) for state in told.states.values()}
    assert len(zones) >= 15
    account, why = UNWANTED
    assert told.states[account].fields["contact_email"]
    assert why


def test_what_was_done_is_not_done_again(told: Told) -> None:
    """R20: a first start that was killed while loading loads the book once more."""
    for account, journey in told.journeys.items():
        assert still_to_do(journey, told.states[account]) == []


def test_it_is_the_same_story_each_time() -> None:
    assert journeys(NOWS[0]) == journeys(NOWS[0])


def test_people_are_reached_at_example_addresses_only() -> None:
    for company in companies().values():
        fields = {**company.fields(), **company.contract()}
        addresses = [str(value) for name, value in fields.items() if name.endswith("_email")]
        assert len(addresses) == 3
        assert all(one.endswith(("@example.com", ".example.com")) for one in addresses)
        assert all(one.isascii() and " " not in one for one in addresses)
