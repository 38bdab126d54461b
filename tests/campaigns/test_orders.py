"""What people may order while a campaign runs: pause, resume, cancel, another pace (G14)."""

from datetime import UTC, datetime
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowExecutionStatus, WorkflowUpdateFailedError
from temporalio.common import RawValue

from lifecycle import contract
from lifecycle.core.refusal import Refusal
from lifecycle.store.effects import resend
from lifecycle.store.tables import CampaignStatus
from tests.campaigns.stand import Stand
from tests.clock import until

SIX = ["ada", "bob", "cyd", "dan", "eve", "fay"]


async def test_the_pace_is_kept_evenly(stand: Stand) -> None:
    """200 an hour are one every 18 seconds."""
    await stand.people(SIX)
    await stand.begin(per_hour=200)
    for sent in range(1, 4):
        await stand.counted(sent=sent, due=6 - sent)
        await stand.forward(seconds=18)
    await stand.forward(minutes=1)
    await stand.end()
    assert stand.reached() == [f"{name}@example.com" for name in SIX]


async def test_a_skipped_mail_costs_no_place_in_the_pace(stand: Stand) -> None:
    """The pace counts mails that are sent."""
    await stand.people(SIX[:4], contact_email=None)
    await stand.people(SIX[4:])
    await stand.begin(per_hour=1)
    assert await stand.counted(sent=1, skipped=4, due=1)
    await stand.order(contract.CANCEL)
    await stand.end()


async def test_a_paused_campaign_sends_nothing_until_it_is_resumed(both: Stand) -> None:
    """G14: with who ordered it and why, for everybody to read."""
    await both.people(SIX)
    await both.begin(per_hour=60)
    await both.counted(sent=1)
    answer = await both.order(contract.PAUSE, reason="a wrong link")
    assert (answer["status"], answer["reason"]) == ("paused", "paused by ann: a wrong link")
    assert (await both.row()).status is CampaignStatus.PAUSED
    await both.forward(hours=5)
    assert len(both.reached()) == 1
    await both.order(contract.RESUME, reason="mended")
    assert (await both.row()).reason == "resumed by ann: mended"
    await both.forward(minutes=6)
    assert await both.end() == {"sent": 6}


async def test_a_cancelled_campaign_takes_back_what_waits(both: Stand) -> None:
    """For good: it cannot be resumed, and the same name sends nothing more."""
    await both.people(SIX)
    await both.begin(per_hour=60)
    await both.counted(sent=1)
    await both.order(contract.CANCEL, reason="wrong audience")
    assert await both.end() == {"sent": 1, "cancelled": 5}
    said = "The campaign was cancelled by ann: wrong audience."
    assert (await both.outcomes())["bob"].reason == said
    assert (await both.row()).status is CampaignStatus.CANCELLED
    with pytest.raises(Refusal, match="was cancelled with its campaign"):
        await resend(both.store, (await both.mail("bob")).id, "ann", datetime.now(UTC))
    await both.begin()
    assert await both.end() == {"sent": 1, "cancelled": 5}
    with pytest.raises(Refusal, match="is not running"):
        await both.order(contract.RESUME)


async def test_a_paused_campaign_may_be_cancelled(stand: Stand) -> None:
    await stand.people(SIX)
    await stand.begin(per_hour=60)
    await stand.counted(sent=1)
    await stand.order(contract.PAUSE)
    await stand.order(contract.CANCEL)
    assert await stand.end() == {"sent": 1, "cancelled": 5}


async def test_another_pace_counts_from_the_next_mail_on(stand: Stand) -> None:
    """One an hour was too slow: the hour that was begun is not waited for."""
    await stand.people(SIX)
    await stand.begin(per_hour=1)
    await stand.counted(sent=1)
    await stand.order(contract.SET_PACE, per_hour=3600)
    assert (await stand.row()).per_hour == 3600
    await stand.forward(seconds=10)
    assert await stand.end() == {"sent": 6}


async def test_no_pace_is_as_fast_as_it_goes(stand: Stand) -> None:
    await stand.people(SIX)
    await stand.begin(per_hour=1)
    await stand.counted(sent=1)
    await stand.order(contract.SET_PACE, per_hour=None)
    assert await stand.end() == {"sent": 6}


@pytest.mark.parametrize(
    ("order", "more", "why"),
    [
        (contract.RESUME, {}, "is running already"),
        (contract.SET_PACE, {"per_hour": 0}, "whole number of mails an hour"),
        (contract.SET_PACE, {"per_hour": True}, "whole number of mails an hour"),
        (contract.SET_PACE, {"per_hour": "fast"}, "whole number of mails an hour"),
        (contract.PAUSE, {"reason": 7}, "`reason` is a text"),
        (contract.CANCEL, {"actor": ""}, "who gives the command"),
    ],
)
async def test_an_order_that_makes_no_sense_is_refused(
    stand: Stand, order: str, more: dict[str, Any], why: str
) -> None:
    await stand.people(SIX[:2])
    await stand.begin(per_hour=1)
    await stand.counted(sent=1)
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await stand.handle.execute_update(order, {"actor": "ann", **more})
    assert why in str(refused.value.cause)
    assert await is_well(stand)
    await stand.order(contract.CANCEL)
    await stand.end()


async def test_two_orders_at_once_are_both_answered(stand: Stand) -> None:
    """The second of two who pause is told that it is paused already."""
    import asyncio

    await stand.people(SIX[:2])
    await stand.begin(per_hour=1)
    await stand.counted(sent=1)
    both = await asyncio.gather(
        stand.order(contract.PAUSE), stand.order(contract.PAUSE), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in both) == ["Refusal", "dict"]
    await stand.order(contract.CANCEL)
    await stand.end()


GARBAGE = RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b"{broken"))


@pytest.mark.parametrize(
    ("signal", "args"),
    [("make_coffee", ["now"]), ("make_coffee", [GARBAGE]), (contract.NUDGE, [1, 2, 3])],
)
async def test_no_signal_wedges_a_campaign(stand: Stand, signal: str, args: list[Any]) -> None:
    """The table of messages that could kill a workflow: it is noted, shown, and changes nothing."""
    await stand.people(SIX[:2])
    await stand.begin(per_hour=1)
    await stand.counted(sent=1)
    await stand.handle.signal(signal, args=args)
    await until(
        lambda: stand.campaigns.progress(stand.name), lambda seen: len(seen["refused"]) == 1
    )
    assert await is_well(stand)
    await stand.order(contract.CANCEL)
    await stand.end()


@pytest.mark.parametrize("argument", [GARBAGE, [], 7, "x", None])
async def test_no_update_wedges_a_campaign(stand: Stand, argument: Any) -> None:
    await stand.people(SIX[:2])
    await stand.begin(per_hour=1)
    await stand.counted(sent=1)
    with pytest.raises(WorkflowUpdateFailedError):
        await stand.handle.execute_update(contract.PAUSE, argument)
    assert await is_well(stand)
    await stand.order(contract.CANCEL)
    await stand.end()


@pytest.mark.parametrize("start", [GARBAGE, None, 7, {"plan": 7}, {"plan": {"name": "other"}}])
async def test_a_campaign_started_with_anything_ends_with_the_reason(
    stand: Stand, start: Any
) -> None:
    handle = await stand.env.client.start_workflow(
        contract.CAMPAIGN_WORKFLOW,
        start,
        id=contract.campaign_id(stand.name),
        task_queue=stand.settings.task_queue,
    )
    described = await until(
        handle.describe, lambda it: it.status is not WorkflowExecutionStatus.RUNNING
    )
    assert described.status is WorkflowExecutionStatus.FAILED


async def is_well(stand: Stand) -> bool:
    """Running, not one task failed."""
    described = await stand.handle.describe()
    history = await stand.handle.fetch_history()
    failed = [
        one for one in history.events if one.HasField("workflow_task_failed_event_attributes")
    ]
    return described.status is WorkflowExecutionStatus.RUNNING and not failed
