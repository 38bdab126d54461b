"""`Lifecycles`: what services and commands reach accounts by."""

from datetime import UTC, datetime, timedelta

import pytest

from lifecycle.client import Lifecycles, UnknownAccount
from lifecycle.core.changes import CtaOpened
from lifecycle.core.inputs import Deadline, SetStage
from lifecycle.core.refusal import Refusal
from tests.clock import until
from tests.workflows.town import Town

DEAL = "opportunity.closed_won"


def lifecycles(town: Town, *creating: str) -> Lifecycles:
    return Lifecycles(town.env.client, town.settings.task_queue, creating)


async def test_an_event_that_creates_accounts_creates_one(town: Town) -> None:
    """R2, L5: known as creating, or found out by asking the account."""
    known, asked = town.account("known"), town.account("asked")
    await lifecycles(town, DEAL).record_event(known, DEAL, source="crm")
    await lifecycles(town).record_event(asked, DEAL, source="crm")
    for account in (known, asked):
        await town.in_stage(account, "customer_journey", "onboarding")


async def test_an_event_of_an_account_nobody_knows_is_refused(town: Town) -> None:
    """R2: only events that create accounts may be the first."""
    nobody = town.account("nobody")
    with pytest.raises(UnknownAccount, match="There is no account"):
        await lifecycles(town).record_event(nobody, "kickoff.held")
    with pytest.raises(UnknownAccount):
        await lifecycles(town).undo(nobody, actor="ann")
    closed = await until(town.handle(nobody).describe, lambda it: it.close_time is not None)
    assert closed.status is not None
    assert closed.status.name == "COMPLETED"


async def test_a_command_is_answered_after_its_commit(town: Town) -> None:
    """V9, N3: the answer holds the entries it caused, and the database has them."""
    acme, api = town.account(), lifecycles(town)
    await api.start(acme, {"plan": "Pro"})
    answer = await api.set_stage(
        acme, "customer_journey", "adopting", actor="ann", reason="already trained"
    )
    state = await town.state(acme)
    assert state.revision >= answer.revision
    assert state.tracks["customer_journey"].stage == "adopting"
    command = answer.entries[0].input
    assert isinstance(command, SetStage)
    assert command.actor == "ann"
    assert (await api.state(acme)).fields["plan"] == "Pro"


async def test_refusals_come_back_whole(town: Town) -> None:
    """T27, R16: code, sentence and remedy as the core said it; nothing enters the history."""
    acme, api = town.account(), lifecycles(town)
    await api.start(acme, {})
    before = (await town.state(acme)).revision
    with pytest.raises(Refusal) as refused:
        await api.set_stage(acme, "customer_journey", "launchd", actor="ann", reason="x")
    assert refused.value.code == "unknown_stage"
    assert "Did you mean launched?" in refused.value.remedy
    with pytest.raises(Refusal, match="reason"):
        await api.set_stage(acme, "customer_journey", "launched", actor="ann", reason="")
    assert (await town.state(acme)).revision == before


async def test_hold_release_fields_and_tasks(town: Town) -> None:
    """R18, G12: what a CSM does in a day."""
    acme, api = town.account(), lifecycles(town)
    await town.win(acme)
    state = await town.in_stage(acme, "onboarding", "kickoff")
    [cta] = state.ctas.values()
    until_when = datetime.now(UTC) + timedelta(days=3)
    await api.hold(acme, until_when, actor="ann", reason="merger")
    held = (await town.state(acme)).hold
    assert held is not None
    assert held.reason == "merger"
    await api.release(acme, actor="ann")
    with pytest.raises(Refusal, match="not on hold"):
        await api.release(acme, actor="ann")
    await api.set_fields(acme, {"arr": "1200.50"}, actor="ann")
    assert (await town.state(acme)).fields["arr"] == 120_050
    await api.close_cta(acme, cta.id, actor="ann", outcome="held")
    assert cta.id not in (await town.state(acme)).ctas


async def test_ctas_by_hand(town: Town) -> None:
    """G11, T16: opened, given away, put aside and woken; each answered after the commit."""
    acme, api = town.account(), lifecycles(town)
    await api.start(acme, {})
    opened = await api.open_cta(acme, "Call", actor="ann", due="2 business days", priority="high")
    [cta] = [one.cta for one in opened.entries[0].changes if isinstance(one, CtaOpened)]
    assert (cta.opened_by, cta.owner, cta.priority) == ("ann", "csm", "high")
    await api.assign_cta(acme, cta.id, "bea@example.com", actor="ann")
    until_when = datetime.now(UTC) + timedelta(days=3)
    await api.snooze_cta(acme, cta.id, until_when, actor="ann")
    stored = (await town.state(acme)).ctas[cta.id]
    assert (stored.owner, stored.snoozed_until) == ("bea@example.com", until_when)
    await api.snooze_cta(acme, cta.id, None, actor="ann")
    with pytest.raises(Refusal, match="not snoozed"):
        await api.snooze_cta(acme, cta.id, None, actor="ann")


async def test_the_forecast_says_what_comes_next(town: Town) -> None:
    """N4."""
    acme = town.account()
    await town.win(acme)
    entries = await lifecycles(town).forecast(acme, days=15)
    whats = [entry.input.what for entry in entries if isinstance(entry.input, Deadline)]
    assert "customer_journey.training_reminder" in whats
    assert "customer_journey.two_weeks_passed" in whats


async def test_many_events_of_one_account_travel_together(town: Town) -> None:
    """Bursts: 450 events in three signals are recorded once each, in order."""
    acme, api = town.account(), lifecycles(town, DEAL)
    await town.win(acme)
    events = [
        {"id": str(n), "source": "app", "type": "user.logged_in", "data": {"user": "u"}}
        for n in range(450)
    ]
    await api.record_events(acme, events)
    state = await town.recorded(acme, lambda it: it.revision >= 450)
    assert len(state.window) == 451


async def test_an_import_is_past_and_silent(town: Town) -> None:
    """R21: timers fire in between, nobody is mailed; afterwards the account is live."""
    acme, api = town.account(), lifecycles(town)
    won = datetime.now(UTC) - timedelta(days=60)
    past = [{"id": "1", "source": "crm", "type": DEAL, "time": won.isoformat(), "data": {}}]
    await api.import_history(acme, past, {"contact_email": "m@example.com"}, won, datetime.now(UTC))
    state = await town.recorded(acme, lambda it: it.history_until is not None)
    track = state.tracks["customer_journey"]
    assert track.stage == "launched"
    assert track.entered_at == won + timedelta(days=14)
    assert state.importing_since is None
    assert town.outbox() == []
