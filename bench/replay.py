"""An event for an account that is not in the worker's cache, against the length of its run.

The account's whole run is replayed before the event is looked at, so short runs are cheap runs: the bound at which
an account continues as new (`workflows/carried.py`) is set from these figures.
"""

from __future__ import annotations

import statistics
from typing import Any

from temporalio.client import WorkflowHandle, WorkflowHistory
from temporalio.worker import Replayer

from lifecycle import contract
from worker import make_plugin, make_worker

from .crowd import event, timed
from .report import Figure
from .stack import Stack, stack

LENGTHS = (100, 300, 600, 1_200)
CACHED = 20
ROUNDS = 3


async def measure() -> list[Figure]:
    """Replay prefixes of one long run, beside an event that finds its account in the cache."""
    async with stack() as ours:
        cached = await _cached(ours)
        history = await _long_run(ours)
        times = [await _replayed(history, length) for length in LENGTHS]
    return [
        Figure(
            f"replay of a run of {length} history events / a cached event, end to end",
            spent / cached,
            shown="{:.1f}",
        )
        for length, spent in zip(LENGTHS, times, strict=True)
    ]


async def _cached(ours: Stack) -> float:
    async with make_worker(ours.client, ours.settings):
        handle = await _account(ours, "cached", {})
        times = [
            await timed(handle.execute_update(contract.REPORT_EVENT, event(number)))
            for number in range(CACHED)
        ]
    return statistics.median(times)


async def _long_run(ours: Stack) -> WorkflowHistory:
    """One event after the other, in a run whose bound is out of reach."""
    async with make_worker(ours.client, ours.settings):
        handle = await _account(ours, "long", {"bounds": {"events": 10_000, "signals": 10_000}})
        history = await handle.fetch_history()
        while len(history.events) < LENGTHS[-1]:
            for number in range(CACHED):
                await handle.execute_update(contract.REPORT_EVENT, event(number))
            history = await handle.fetch_history()
    return history


async def _replayed(history: WorkflowHistory, length: int) -> float:
    part = WorkflowHistory(history.workflow_id, list(history.events)[:length])
    while not part.events[-1].HasField("workflow_task_completed_event_attributes"):
        part.events.pop()  # type: ignore[attr-defined]
    replayer = Replayer(workflows=[], plugins=[make_plugin()])
    return min([await timed(replayer.replay_workflow(part)) for _ in range(ROUNDS)])


async def _account(ours: Stack, account: str, start: dict[str, object]) -> WorkflowHandle[Any, Any]:
    return await ours.client.start_workflow(
        contract.WORKFLOW,
        {"account": account, **start},
        id=contract.workflow_id(account),
        task_queue=ours.settings.task_queue,
        start_signal=contract.RECORD_EVENT,
        start_signal_args=[{**event(0), "type": "opportunity.closed_lost", "data": {}}],
    )
