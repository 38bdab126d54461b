"""Journeys of accounts through the shipped lifecycles, on a real server and a real database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import WorkflowUpdateFailedError

from lifecycle import contract
from lifecycle.core.changes import MailDue
from lifecycle.store.definitions import current_book, parts_of, publish
from tests.clock import current_time, until
from tests.workflows.town import Town

JOURNEY = "customer_journey"
MARIA = {"contact_email": "maria@example.com", "contact_name": "Maria"}


def stage_of(found: object) -> str | None:
    return getattr(found, "stage", None)


async def test_two_weeks_after_the_deal_an_account_is_launched(town: Town) -> None:
    """G4: by time. L9, L12: the deal brings Onboarding and the CSM."""
    acme = town.account()
    await town.win(acme)
    state = await town.state(acme)
    assert state.fields["csm"] == "Ana Torres"
    await town.forward(acme, days=13, hours=23)
    assert (await town.state(acme)).tracks[JOURNEY].stage == "onboarding"
    await town.forward(acme, hours=2)
    state = await town.in_stage(acme, JOURNEY, "launched")
    assert state.tracks[JOURNEY].seconds["onboarding"] == 14 * 86400


async def test_a_training_launches_an_account_at_once(town: Town) -> None:
    """G4: on an action; N3: the visit knows its automation."""
    acme = town.account()
    await town.win(acme)
    await town.report(acme, "training.completed", course="basics")
    await town.in_stage(acme, JOURNEY, "launched")
    moved = [
        change
        for entry in await town.journal(acme)
        for change in entry.changes
        if getattr(change, "entered", None) == "launched"
    ]
    assert [getattr(change, "automation", "") for change in moved] == [f"{JOURNEY}.first_milestone"]


async def test_the_welcome_is_mailed_once(town: Town) -> None:
    """R22: once per visit, whatever is sent twice; the mail names the account's CSM."""
    acme = town.account()
    await town.update_with_start(acme, MARIA)
    event = {
        "id": "deal",
        "source": "crm",
        "type": "opportunity.closed_won",
        "data": {"csm": "Ana"},
    }
    for _ in range(3):
        await town.send(acme, contract.RECORD_EVENT, event)
    [mail] = await town.mails(1)
    assert mail["To"] == "Maria <maria@example.com>"
    body = mail.get_body(("plain",))
    assert body is not None
    assert "Ana" in body.get_content()
    state = await town.recorded(acme, lambda it: it.duplicates == 2)
    assert stage_of(state.tracks[JOURNEY]) == "onboarding"
    assert len(town.outbox()) == 1


async def test_the_reminder_is_mailed_after_a_week_unless_trained(town: Town) -> None:
    """R22: mail on staying in a stage; its guard is asked when it is due."""
    slow, quick = town.account("slow"), town.account("quick")
    for account in (slow, quick):
        await town.update_with_start(account, MARIA)
        await town.win(account)
    await town.mails(2)
    await town.update(quick, contract.SET_FIELDS, actor="ann", fields={
        "training_completed_on": "2026-01-01"
    })  # fmt: skip
    for account in (slow, quick):
        await town.forward(account, days=8)
    [*_, reminder] = await town.mails(3)
    assert slow in str(reminder["X-Lifecycle-Account"])


async def test_an_override_arms_the_timers_of_the_stage_entered(town: Town) -> None:
    """R18, V9, V11: the old stage's timer is gone; automation goes on from the new stage."""
    acme = town.account()
    await town.win(acme)
    await town.handle(acme).signal(contract.OVERRIDE_STAGE, {
        "actor": "ann", "reason": "trained by phone", "lifecycle": JOURNEY, "stage": "adopting"
    })  # fmt: skip
    await town.in_stage(acme, JOURNEY, "adopting")
    await town.forward(acme, days=20)
    state = await town.recorded(acme, lambda it: it.clock)
    assert stage_of(state.tracks[JOURNEY]) == "adopting"
    await town.report(acme, "notice.given")
    await town.in_stage(acme, JOURNEY, "will_churn")


async def test_undo_restores_the_timer(town: Town) -> None:
    """R13, N1: after undo the account is launched on the day it would have been."""
    acme = town.account()
    await town.win(acme)
    await town.forward(acme, days=5)
    await town.update(
        acme, contract.SET_STAGE, actor="ann", reason="slip", lifecycle=JOURNEY, stage="renewal"
    )
    await town.forward(acme, days=2)
    await town.update(acme, contract.UNDO, actor="ann", reason="wrong account")
    state = await town.state(acme)
    entered = state.tracks[JOURNEY].entered_at
    assert stage_of(state.tracks[JOURNEY]) == "onboarding"
    await town.forward(acme, days=7, hours=1)
    state = await town.in_stage(acme, JOURNEY, "launched")
    assert entered is not None
    assert state.tracks[JOURNEY].entered_at == entered + timedelta(days=14)


async def test_a_hold_shifts_the_timer_by_its_length(town: Town) -> None:
    """R18, R19: ten days on hold; launched after twenty-four."""
    acme = town.account()
    handle = await town.win(acme)
    now = await current_time(town.env, handle)
    await town.update(
        acme,
        contract.HOLD,
        actor="ann",
        reason="merger",
        until=(now + timedelta(days=10)).isoformat(),
    )
    await town.forward(acme, days=23)
    assert stage_of((await town.state(acme)).tracks[JOURNEY]) == "onboarding"
    await town.forward(acme, days=1, hours=1)
    await town.in_stage(acme, JOURNEY, "launched")


async def test_a_command_on_what_changed_since_is_refused(town: Town) -> None:
    """R18: it carries the revision it was decided on."""
    acme = town.account()
    await town.win(acme)
    seen = (await town.state(acme)).revision
    await town.report(acme, "training.completed")
    await town.in_stage(acme, JOURNEY, "launched")
    command = {"actor": "ann", "reason": "r", "lifecycle": JOURNEY, "stage": "adopting"}
    with pytest.raises(WorkflowUpdateFailedError) as failed:
        await town.update(acme, contract.SET_STAGE, **command, revision=seen)
    assert getattr(failed.value.cause, "type", "") == "changed_since"
    await town.update(acme, contract.SET_STAGE, **command, revision=seen, anyway=True)
    await town.in_stage(acme, JOURNEY, "adopting")


async def test_an_account_that_was_terminated_goes_on_where_it_was(town: Town) -> None:
    """An operator's slip: the next message finds state, clock and timers as recorded."""
    acme = town.account()
    handle = await town.win(acme)
    await handle.terminate("a slip")
    await town.report(acme, "kickoff.held")
    state = await town.in_stage(acme, "onboarding", "configuration")
    assert stage_of(state.tracks[JOURNEY]) == "onboarding"
    assert state.created_at is not None
    await town.forward(acme, days=14, hours=1)
    await town.in_stage(acme, JOURNEY, "launched")


async def test_what_was_known_before_the_end_is_still_known(town: Town) -> None:
    """R20: an event of the terminated run arrives again: it changes nothing."""
    acme = town.account()
    event = {"id": "deal", "source": "crm", "type": "opportunity.closed_won"}
    handle = await town.send(acme, contract.RECORD_EVENT, event)
    await town.in_stage(acme, JOURNEY, "onboarding")
    await handle.terminate()
    await town.send(acme, contract.RECORD_EVENT, event)
    state = await town.recorded(acme, lambda it: it.duplicates == 1)
    assert state.tracks[JOURNEY].visit == 1


async def publish_keep_latest(town: Town, type_: str) -> None:
    """The shipped events, of which one says `keep: latest`."""
    book, _ = await current_book(town.store)
    events = {**book.events, type_: replace(book.events[type_], keep_latest=True)}
    await publish(town.store, parts_of(replace(book, events=events), {}), "ops", datetime.now(UTC))


async def test_usage_is_coalesced_to_the_newest(quiet_town: Town) -> None:
    """`keep: latest`: a hundred reports that waited count as the newest one by its own time."""
    town, acme = quiet_town, quiet_town.account()
    await publish_keep_latest(town, "usage.reported")
    async with town.open():
        await town.win(acme)
    now = datetime.now(UTC)
    reports = [
        {
            "id": str(n),
            "source": "app",
            "type": "usage.reported",
            "time": (now - timedelta(seconds=abs(n - 90))).isoformat(),
            "data": {"weekly_logins": n},
        }
        for n in range(100)
    ]
    await town.handle(acme).signal(contract.RECORD_EVENTS, [*reports, {**reports[0], "type": "x"}])
    async with town.open():
        state = await town.recorded(acme, lambda it: it.refused == 1)
    assert state.fields["weekly_logins"] == 90
    assert [event.type for event in await town.events(acme)] == [
        "opportunity.closed_won", "usage.reported", "x",
    ]  # fmt: skip


async def test_an_event_older_than_the_window_is_looked_up(town: Town) -> None:
    """R20: a thousand ids later the journal still knows the first event."""
    acme, old = town.account(), datetime.now(UTC) - timedelta(minutes=4)
    first = {
        "id": "first",
        "source": "crm",
        "type": "opportunity.closed_won",
        "time": old.isoformat(),
    }
    handle = await town.send(acme, contract.RECORD_EVENT, first)
    await town.in_stage(acme, JOURNEY, "onboarding")
    later = [
        {"id": str(n), "source": "crm", "type": "user.logged_in", "time": old.isoformat()}
        for n in range(1_000)
    ]
    for start in range(0, 1_000, 250):
        await handle.signal(contract.RECORD_EVENTS, later[start : start + 250])
    state = await town.recorded(acme, lambda it: it.revision >= 1_002)
    assert state.window_floor > 0
    await handle.signal(contract.RECORD_EVENT, first)
    state = await town.recorded(acme, lambda it: it.duplicates == 1)
    assert state.tracks[JOURNEY].visit == 1


async def test_operators_can_list_accounts(town: Town) -> None:
    """Stage, type, CSM as a handle, next deadline; nothing personal."""
    acme = town.account()
    handle = await town.win(acme)
    query = (
        f'WorkflowId = "{handle.id}" AND LifecycleStage = "{JOURNEY}:onboarding"'
        ' AND Csm = "ana_torres" AND AccountType = "Customer" AND NextDeadline IS NOT NULL'
    )

    async def look() -> int:
        return (await town.env.client.count_workflows(query)).count

    await until(look, lambda count: count == 1)


async def test_an_effect_is_due_only_once_recorded(town: Town) -> None:
    """R22: the stage is saved first: the journal holds the mail before the outbox does."""
    acme = town.account()
    await town.update_with_start(acme, MARIA)
    await town.win(acme)
    await town.mails(1)
    due = [
        change.id
        for entry in await town.journal(acme)
        for change in entry.changes
        if isinstance(change, MailDue)
    ]
    assert due == [f"{acme}/{JOURNEY}.welcome/v1"]
