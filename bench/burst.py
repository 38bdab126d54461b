"""A burst over many accounts: events folded and recorded per second, beside the floor and the usual pattern."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Worker

from lifecycle import contract
from lifecycle.store.engine import make_engine
from worker import make_worker

from .crowd import ACCOUNTS, EVENTS, at_once, event, timed
from .floor import ActivityPerEvent, BareCounter, SaveRows
from .report import Figure
from .stack import Stack, stack

ROUNDS = 3
Job = Callable[..., Any]
Handle = WorkflowHandle[Any, Any]


async def measure() -> list[Figure]:
    """Each side in turn, several rounds; the median of the ratios."""
    async with stack() as ours:
        rows = SaveRows(make_engine(f"sqlite+aiosqlite:///{ours.settings.state_dir}/usual.db"))
        await rows.prepare()
        await _create_accounts(ours)
        to_bare, to_usual, rates = [], [], []
        for _ in range(ROUNDS):
            bare = await _burst_counting(ours.client, BareCounter, [])
            engine = await _burst_engine(ours)
            usual = await _burst_counting(ours.client, ActivityPerEvent, [rows.save_row])
            to_bare.append(bare / engine)
            to_usual.append(usual / engine)
            rates.append(ACCOUNTS * EVENTS / engine)
        await rows.engine.dispose()
    return _figures(to_bare, to_usual, rates)


def _figures(to_bare: list[float], to_usual: list[float], rates: list[float]) -> list[Figure]:
    floor, times = statistics.median(to_bare), statistics.median(to_usual)
    return [
        Figure("burst: recorded events per second / bare counting", floor, ">= 0.7", floor >= 0.7),
        Figure("burst: the same / one activity per event", times, ">= 3", times >= 3),
        Figure(
            "burst: events per second (this machine, this run)",
            statistics.median(rates),
            shown="{:,.0f}",
        ),
    ]


async def _create_accounts(ours: Stack) -> None:
    async def create(number: int) -> None:
        account = f"account {number}"
        await ours.client.start_workflow(
            contract.WORKFLOW,
            {"account": account},
            id=contract.workflow_id(account),
            task_queue=ours.settings.task_queue,
            start_signal=contract.RECORD_EVENT,
            start_signal_args=[{**event(0), "type": "opportunity.closed_won"}],
        )

    async with make_worker(ours.client, ours.settings):
        await at_once(create, ACCOUNTS)
        await _until_rows(ours, 2 * ACCOUNTS)
        # Mail and CTAs that the deals set off must not run on into the measurement.
        await asyncio.sleep(2)


async def _burst_engine(ours: Stack) -> float:
    """The accounts are in the worker's cache, as the floors' workflows are (see replay for what that saves)."""
    handles = [
        ours.client.get_workflow_handle(contract.workflow_id(f"account {number}"))
        for number in range(ACCOUNTS)
    ]
    async with make_worker(ours.client, ours.settings):
        await _send_and_wait(ours, handles, 1)
        return await timed(_send_and_wait(ours, handles, EVENTS))


async def _send_and_wait(ours: Stack, handles: list[Handle], each: int) -> None:
    rows = await ours.journal_rows() + each * len(handles)
    await _signal_all(handles, contract.RECORD_EVENT, each)
    await _until_rows(ours, rows)


async def _until_rows(ours: Stack, rows: int) -> None:
    while await ours.journal_rows() < rows:  # noqa: ASYNC110 -- another process's database
        await asyncio.sleep(0.1)


async def _burst_counting(client: Client, workflow: type, activities: list[Job]) -> float:
    queue = f"floor-{uuid4()}"
    async with Worker(client, task_queue=queue, workflows=[workflow], activities=activities):
        handles = [
            await client.start_workflow(
                workflow.__name__, EVENTS, id=f"{queue}-{number}", task_queue=queue
            )
            for number in range(ACCOUNTS)
        ]
        await asyncio.sleep(0.5)
        return await timed(_signal_and_wait(handles))


async def _signal_and_wait(handles: list[Handle]) -> None:
    await _signal_all(handles, "hit", EVENTS)
    await asyncio.gather(*(handle.result() for handle in handles))


async def _signal_all(handles: list[Handle], name: str, each: int) -> None:
    """So many to each, in turns, as a busy day would bring them."""

    async def signal(number: int) -> None:
        handle = handles[number % len(handles)]
        await handle.signal(name, event(number // len(handles)))

    await at_once(signal, each * len(handles))
