"""What one stage change costs in history events and billed actions, alone and in a burst."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle

from lifecycle import contract
from worker import make_worker

from .crowd import event
from .report import Figure
from .stack import Stack, stack

BURST = 100
BILLED = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
    EventType.EVENT_TYPE_TIMER_STARTED,
    EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
}
"""What Temporal Cloud counts as an action, by the history event it leaves."""


async def measure() -> list[Figure]:
    """Count history events; nothing here depends on the machine."""
    async with stack() as ours, make_worker(ours.client, ours.settings):
        handle = await _account(ours)
        before = await _events(handle)
        await handle.signal(contract.RECORD_EVENT, {**event(0), "type": "kickoff.held", "data": {}})
        await _settled(handle)
        alone = await _events(handle) - before
        actions = sum(count for kind, count in alone.items() if kind in BILLED)
        burst = await _burst(handle)
    total = sum(alone.values())
    return [
        Figure("history events of an isolated stage change", total, "<= 13", total <= 13, "{:.0f}"),
        Figure(
            "billed actions of an isolated stage change", actions, "<= 4", actions <= 4, "{:.0f}"
        ),
        Figure(f"history events per event of a burst of {BURST}", burst, "<= 2", burst <= 2),
    ]


async def _account(ours: Stack) -> WorkflowHandle[Any, Any]:
    handle = await ours.client.start_workflow(
        contract.WORKFLOW,
        {"account": "acme"},
        id=contract.workflow_id("acme"),
        task_queue=ours.settings.task_queue,
        start_signal=contract.RECORD_EVENT,
        start_signal_args=[{**event(0), "type": "opportunity.closed_won", "data": {}}],
    )
    await _settled(handle)
    return handle


async def _burst(handle: WorkflowHandle[Any, Any]) -> float:
    before = sum((await _events(handle)).values())
    await asyncio.gather(
        *(handle.signal(contract.RECORD_EVENT, event(number)) for number in range(BURST))
    )
    await _settled(handle)
    return (sum((await _events(handle)).values()) - before) / BURST


async def _events(handle: WorkflowHandle[Any, Any]) -> Counter[int]:
    return Counter([one.event_type async for one in handle.fetch_history_events()])


async def _settled(handle: WorkflowHandle[Any, Any]) -> None:
    """Wait until the history stops growing."""
    last = -1
    while (length := sum((await _events(handle)).values())) != last:
        last = length
        await asyncio.sleep(0.7)
