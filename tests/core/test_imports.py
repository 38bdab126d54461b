"""History that is imported: applied at its own times, and nobody hears of it (R21)."""

from __future__ import annotations

from lifecycle.core import changes as c
from lifecycle.core.inputs import EndHistory

from .journey import Journey, day

EFFECTS = (c.MailDue, c.WebhookDue, c.CtaOpened)


def imported(now: float = 100) -> Journey:
    """A deal won on day 0 and an escalation on day 30, told on day 100."""
    journey = Journey()
    journey.now = day(now)
    journey.event("opportunity.closed_won", time=day(0), historic=True)
    journey.event("escalation.opened", time=day(30), historic=True)
    return journey


def effects(journey: Journey) -> list[str]:
    return [
        type(x).__name__
        for entry in journey.entries
        for x in entry.changes
        if isinstance(x, EFFECTS)
    ]


def test_r21_historic_events_are_applied_at_their_own_times() -> None:
    """R21, T10."""
    journey = imported()
    assert journey.track("customer_stages").entered_at == day(0)
    assert journey.track("escalation").entered_at == day(30)


def test_r21_timers_in_between_fire_in_between_and_silently() -> None:
    """R21: launched after 14 days, in the past; nobody is e-mailed, called or given a CTA."""
    journey = imported()
    assert journey.stage() == "launched"
    assert journey.track().entered_at == day(14)
    assert effects(journey) == []
    assert "historic" in journey.codes()
    assert all(entry.historic for entry in journey.entries)


def test_r21_while_history_is_imported_nothing_falls_due_live() -> None:
    """R21: the account waits for the end of the import."""
    journey = imported()
    journey.at(100.5)
    assert journey.stage("escalation") == "open"
    assert not journey.track("escalation").stuck
    assert effects(journey) == []


def test_r21_the_end_of_history_applies_what_fell_due_up_to_it() -> None:
    """R21: up to T is past, what comes later is live."""
    journey = imported()
    journey.fold.take(EndHistory(day(100), day(99)))
    assert journey.track("escalation").stuck
    assert effects(journey) == []
    journey.fields(renewal_date="2026-08-01")
    journey.at(300)
    assert journey.ctas()
    assert journey.state.importing_since is None


def test_r21_something_live_ends_the_import() -> None:
    """R21: the live event's effects are done; what was due before is past."""
    journey = imported()
    entries = journey.event("invoice.payment_failed")
    assert type(entries[0].input).__name__ in ("Deadline", "EndHistory")
    assert journey.state.history_until == day(100)
    assert set(effects(journey)) == {"MailDue", "CtaOpened"}
    assert journey.mails() == ["payment_failed"]
    assert "nobody_reacted" not in journey.mails()


def test_r21_a_command_ends_the_import_too() -> None:
    """R21: a person sets a stage while the import is under way."""
    journey = imported()
    journey.set("escalation", "investigating")
    assert journey.state.importing_since is None
    assert journey.state.history_until == day(100)


def test_r21_an_import_that_never_ends_is_ended() -> None:
    """R21: so that no account waits for ever."""
    journey = imported()
    assert journey.fold.wakes_at() == day(101)
    journey.at(101)
    assert journey.state.importing_since is None
    assert effects(journey) == []


def test_r21_historic_events_older_than_the_clock_follow_r20() -> None:
    """R20, R21: applied at the account's clock, marked late, and still silent."""
    journey = imported()
    journey.end_history()
    clock = journey.state.clock
    [*_, entry] = journey.event("invoice.payment_failed", time=day(3), historic=True)
    assert entry.at == clock
    assert "late" in [note.code for note in entry.notes]
    assert effects(journey) == []


def test_r21_r18_mail_of_the_past_does_not_wait_for_a_holds_end() -> None:
    """R18, R21: the account is on hold when its past is imported."""
    journey = Journey()
    journey.create()
    journey.hold(50)
    journey.now = day(20)
    journey.event("invoice.payment_failed", time=day(5), historic=True)
    journey.end_history()
    journey.at(55)
    assert effects(journey) == []


def test_r21_the_days_of_an_imported_account_are_those_it_had() -> None:
    """R21, T11: as if the engine had been there."""
    live = Journey()
    live.won()
    live.at(30).event("escalation.opened")
    live.at(99)
    past = imported()
    past.fold.take(EndHistory(day(100), day(99)))
    for name, track in live.state.tracks.items():
        told = past.track(name)
        assert (told.stage, told.entered_at, told.counting_since) == (
            track.stage,
            track.entered_at,
            track.counting_since,
        )
