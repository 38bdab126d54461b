"""A person's `set`, answered after its commit, beside a bare update."""

from __future__ import annotations

import statistics
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from temporalio.client import WorkflowHandle
from temporalio.worker import Worker

from lifecycle import contract
from worker import make_worker

from .crowd import event, timed
from .floor import BareCounter
from .report import Figure
from .stack import Stack, stack

TIMES = 60
STAGES = ("implementation", "early_adoption")


async def measure() -> list[Figure]:
    """Both in turn, call by call; the ratio of the medians."""
    async with stack() as ours, make_worker(ours.client, ours.settings):
        queue = f"floor-{uuid4()}"
        async with Worker(ours.client, task_queue=queue, workflows=[BareCounter]):
            floor = await ours.client.start_workflow(
                "BareCounter", 10**9, id=queue, task_queue=queue
            )
            account = await _account(ours)
            bare, ours_times = await _in_turn(
                lambda number: floor.execute_update("bump", {"number": number}),
                lambda number: account.execute_update(contract.SET_STAGE, _command(number)),
            )
    ratio = statistics.median(ours_times) / statistics.median(bare)
    return [
        Figure("`set` answered, p50 / a bare update", ratio, "<= 2.5", ratio <= 2.5),
        Figure(
            "`set` answered, p50 (ms, this machine)",
            statistics.median(ours_times) * 1000,
            shown="{:.1f}",
        ),
    ]


async def _in_turn(
    one: Callable[[int], Awaitable[object]], other: Callable[[int], Awaitable[object]]
) -> tuple[list[float], list[float]]:
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(TIMES):
        times[0].append(await timed(one(number)))
        times[1].append(await timed(other(number)))
    return times[0][10:], times[1][10:]


def _command(number: int) -> dict[str, object]:
    stage = STAGES[number % 2]
    return {"actor": "bench", "reason": "measuring", "lifecycle": "customer_stages", "stage": stage}


async def _account(ours: Stack) -> WorkflowHandle[Any, Any]:
    return await ours.client.start_workflow(
        contract.WORKFLOW,
        {"account": "acme"},
        id=contract.workflow_id("acme"),
        task_queue=ours.settings.task_queue,
        start_signal=contract.RECORD_EVENT,
        start_signal_args=[{**event(0), "type": "opportunity.closed_lost", "data": {}}],
    )
