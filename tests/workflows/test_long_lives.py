"""Runs end and lives go on: continue-as-new under load, and what an event costs in history."""

import asyncio
from collections.abc import Awaitable, Iterable
from datetime import timedelta

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowUpdateFailedError

from lifecycle import contract
from tests.clock import fast_forward, until
from tests.workflows.town import Handle, Town

JOURNEY = "customer_journey"


def logins(first: int, count: int) -> list[dict[str, object]]:
    return [
        {"id": str(n), "source": "app", "type": "user.logged_in", "data": {"user": "u"}}
        for n in range(first, first + count)
    ]


async def runs_of(town: Town, handle: Handle) -> int:
    """How often the account was continued as new, and once more."""
    found = [one async for one in town.env.client.list_workflows(f'WorkflowId = "{handle.id}"')]
    return len(found)


@pytest.mark.parametrize("bounds", [{"signals": 20}, {"events": 60}], ids=["signals", "events"])
async def test_continuing_under_load_loses_and_doubles_nothing(
    town: Town, bounds: dict[str, int]
) -> None:
    """300 signals and 30 updates against runs of a tiny bound: each is recorded exactly once."""
    acme = town.account()
    start = {"account": acme, "bounds": bounds}
    deal = {"id": "deal", "source": "crm", "type": "opportunity.closed_won"}
    handle = await town.send(acme, contract.RECORD_EVENT, deal, start=start)
    updates = [_set_employees(town, acme, number) for number in range(30)]
    await asyncio.gather(_waves(town, handle, acme), _one_after_another(updates))
    state = await town.recorded(
        acme, lambda it: len(it.window) == 301 and it.fields.get("employees") == 29
    )
    assert state.duplicates == 0
    assert state.refused == 0
    entries = await town.journal(acme)
    assert [entry.revision for entry in entries] == list(range(1, len(entries) + 1))
    assert len(await town.events(acme)) == 301
    assert await until(lambda: runs_of(town, handle), lambda count: count > 3) > 3
    await no_task_failed(handle)


async def _waves(town: Town, handle: Handle, account: str) -> None:
    """Thirty signals at once, and the next thirty when the first of them is recorded."""
    for start in range(0, 300, 30):
        wave = logins(start, 30)
        await asyncio.gather(*(handle.signal(contract.RECORD_EVENT, event) for event in wave))
        await _window_over(town, account, start)


async def _window_over(town: Town, account: str, most: int) -> None:
    await town.recorded(account, lambda it: len(it.window) > most)


async def _set_employees(town: Town, account: str, number: int) -> None:
    await town.update(account, contract.SET_FIELDS, actor="ann", fields={"employees": number})


async def _one_after_another(updates: Iterable[Awaitable[None]]) -> None:
    for update in updates:
        await update


async def no_task_failed(handle: Handle) -> None:
    history = await handle.fetch_history()
    failed = EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
    assert not [event for event in history.events if event.event_type == failed]


async def test_a_continued_account_keeps_timers_units_and_refusals(town: Town) -> None:
    """R13, R20: after many runs the deadline is the first day's, undo works, duplicates are known."""
    acme = town.account()
    deal = {"id": "deal", "source": "crm", "type": "opportunity.closed_won"}
    start = {"account": acme, "bounds": {"signals": 2}}
    handle = await town.send(acme, contract.RECORD_EVENT, deal, start=start)
    await town.in_stage(acme, JOURNEY, "onboarding")
    await handle.signal("make_coffee")
    for event in logins(0, 10):
        await handle.signal(contract.RECORD_EVENT, event)
    await handle.signal(contract.RECORD_EVENT, deal)
    state = await town.recorded(acme, lambda it: it.duplicates == 1 and len(it.window) == 11)
    entered = state.tracks[JOURNEY].entered_at
    await town.forward(acme, days=14, hours=1)
    state = await town.in_stage(acme, JOURNEY, "launched")
    assert entered is not None
    assert state.tracks[JOURNEY].entered_at == entered + timedelta(days=14)
    await town.update(acme, contract.UNDO, actor="ann", reason="not yet")
    await town.in_stage(acme, JOURNEY, "onboarding")
    shown = await until(lambda: handle.query(contract.STATE), lambda it: it["entered"])
    assert "make_coffee" in shown["refused"][0]["door"]


async def history_length(handle: Handle) -> int:
    return len((await handle.fetch_history()).events)


async def settled(town: Town, handle: Handle, account: str) -> int:
    """The history's length once nothing is under way."""

    async def idle() -> int:
        described = await handle.describe()
        pending = described.raw_description.pending_workflow_task
        open_ = described.raw_description.pending_activities
        return 0 if pending.ByteSize() or open_ else await history_length(handle)

    return await until(idle)


async def test_a_stage_change_costs_thirteen_history_events(town: Town) -> None:
    """A signal, two workflow tasks, one activity, one upsert, one timer set anew: measured, not more."""
    acme = town.account()
    handle = await town.win(acme)
    await town.in_stage(acme, "onboarding", "kickoff")
    before = await settled(town, handle, acme)
    await town.report(acme, "kickoff.held")
    await town.in_stage(acme, "onboarding", "configuration")
    assert await settled(town, handle, acme) - before <= 13


async def test_an_event_that_changes_nothing_costs_ten(town: Town) -> None:
    """No upsert, no timer: only what it takes to record it."""
    acme = town.account()
    handle = await town.win(acme)
    before = await settled(town, handle, acme)
    await town.report(acme, "opportunity.closed_lost")
    await town.recorded(acme, lambda it: len(it.window) == 2)
    assert await settled(town, handle, acme) - before <= 10


async def test_a_burst_costs_at_most_two_events_each(town: Town) -> None:
    """Two hundred signals at once: folded together, recorded by few activities."""
    acme = town.account()
    handle = await town.win(acme)
    before = await settled(town, handle, acme)
    await asyncio.gather(*(handle.signal(contract.RECORD_EVENT, one) for one in logins(0, 200)))
    await town.recorded(acme, lambda it: len(it.window) == 201)
    assert await settled(town, handle, acme) - before <= 2 * 200


async def test_a_list_of_events_costs_ten_in_all(town: Town) -> None:
    """A client with many events of one account sends them in one signal."""
    acme = town.account()
    handle = await town.win(acme)
    before = await settled(town, handle, acme)
    lost = [{**event, "type": "opportunity.closed_lost", "data": {}} for event in logins(0, 200)]
    await handle.signal(contract.RECORD_EVENTS, lost)
    await town.recorded(acme, lambda it: len(it.window) == 201)
    assert await settled(town, handle, acme) - before <= 10


async def test_a_batch_holds_five_hundred_inputs_and_a_quarter_megabyte(town: Town) -> None:
    """More than fits is recorded in several batches, nothing is left over."""
    acme = town.account()
    handle = await town.win(acme)
    big = [{**event, "data": {"user": "x" * 1_500}} for event in logins(0, 600)]
    for start in range(0, 600, 200):
        await handle.signal(contract.RECORD_EVENTS, big[start : start + 200])
    await town.recorded(acme, lambda it: len(it.window) == 601)
    history = await handle.fetch_history()
    scheduled = [
        event.activity_task_scheduled_event_attributes
        for event in history.events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]
    sizes = [one.input.ByteSize() for one in scheduled if one.activity_type.name == contract.RECORD]
    assert len(sizes) >= 5
    assert max(sizes) < 300_000


async def test_an_idle_account_has_one_timer(town: Town) -> None:
    """A deadline that moves later starts no new timer: the alarm is lazy."""
    acme = town.account()
    handle = await town.win(acme)
    for _ in range(3):
        await town.report(acme, "training.completed")
    await town.in_stage(acme, JOURNEY, "launched")
    await fast_forward(town.env, handle, timedelta(days=1))
    history = await handle.fetch_history()
    kinds = [event.event_type for event in history.events]
    started = kinds.count(EventType.EVENT_TYPE_TIMER_STARTED)
    ended = kinds.count(EventType.EVENT_TYPE_TIMER_CANCELED) + kinds.count(
        EventType.EVENT_TYPE_TIMER_FIRED
    )
    assert started - ended == 1


async def test_a_nudge_is_harmless(town: Town) -> None:
    """After a deployment every account is nudged; with or without a message."""
    acme = town.account()
    handle = await town.win(acme)
    before = (await town.state(acme)).revision
    await handle.signal(contract.NUDGE)
    await handle.signal(contract.NUDGE, {})
    with pytest.raises(WorkflowUpdateFailedError):
        await town.update(acme, contract.RELEASE, actor="ann")
    assert (await town.state(acme)).revision == before
    await no_task_failed(handle)


@pytest.mark.parametrize("last", ["9999-12-31", "0001-01-01"])
async def test_a_date_at_the_end_of_all_time_wedges_no_account(town: Town, last: str) -> None:
    """R16: CRMs write "for ever" as the last day there is. The account keeps it, sleeps, and wakes for the next."""
    acme = town.account()
    handle = await town.win(acme)
    await town.update(acme, contract.SET_FIELDS, actor="ann", fields={"renewal_date": last})
    await town.update(acme, contract.SET_FIELDS, actor="ann", fields={"plan": "Pro"})
    state = await town.recorded(acme, lambda it: it.fields.get("plan") == "Pro")
    assert str(state.fields["renewal_date"]) == last
    await no_task_failed(handle)
