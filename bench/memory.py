"""Memory per idle cached account, over a bare workflow. Each side is a worker process of its own."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import uuid4

import psutil
from temporalio.client import Client
from temporalio.worker import Worker

from lifecycle import contract
from lifecycle.connection import connect
from lifecycle.settings import Settings
from worker import make_worker

from .crowd import at_once, event
from .floor import BareCounter
from .report import Figure
from .stack import stack

WARM, MORE = 100, 700


async def measure() -> list[Figure]:
    """Grow a worker's cache by MORE workflows and divide what its process grew by."""
    async with stack() as ours:
        bare = await _child("bare", ours.settings)
        account = await _child("account", ours.settings)
    over = account - bare
    return [
        Figure(
            "memory per idle cached account over a bare workflow (kB)",
            over,
            "<= 80",
            over <= 80,
            "{:.0f}",
        ),
        Figure("memory per idle bare workflow (kB)", bare, shown="{:.0f}"),
    ]


async def _child(side: str, settings: Settings) -> float:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bench.memory", side, str(settings.state_dir)),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parent.parent,
        env={**os.environ, "MALLOC_ARENA_MAX": "2"},
    )
    out, _ = await process.communicate()
    return float(out)


async def _grow(side: str, settings: Settings) -> float:
    client = await connect(settings)
    if side == "account":
        async with make_worker(client, settings):
            return await _grown(lambda number: _start_account(client, settings, number))
    queue = f"floor-{uuid4()}"
    async with Worker(client, task_queue=queue, workflows=[BareCounter]):
        return await _grown(
            lambda number: client.start_workflow(
                "BareCounter", 10**9, id=f"{queue}-{number}", task_queue=queue
            )
        )


async def _start_account(client: Client, settings: Settings, number: int) -> None:
    account = f"memory {number}"
    handle = await client.start_workflow(
        contract.WORKFLOW,
        {"account": account},
        id=contract.workflow_id(account),
        task_queue=settings.task_queue,
        start_signal=contract.RECORD_EVENT,
        start_signal_args=[{**event(0), "type": "opportunity.created", "data": {}}],
    )
    await handle.query(contract.STATE)


async def _grown(start: Callable[[int], Awaitable[object]]) -> float:
    """kB per workflow, between a warm cache and a fuller one."""
    await at_once(start, WARM)
    before = await _resident()
    await at_once(lambda number: start(WARM + number), MORE)
    return (await _resident() - before) / MORE / 1000


async def _resident() -> float:
    await asyncio.sleep(5)
    gc.collect()
    return float(psutil.Process().memory_info().rss)


if __name__ == "__main__":
    side, folder = sys.argv[1:]
    print(asyncio.run(_grow(side, Settings(state_dir=Path(folder)))))
