"""A thousand timers that fell due while no worker ran: how long they take, in turns and all at once (N8)."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from activities.catching_up import CatchingUp
from lifecycle import contract
from lifecycle.publishing import publish_first
from lifecycle.search_attributes import register
from lifecycle.store.tables import AccountRow, table_of
from lifecycle.store.turns import Policy
from worker import build, make_activities

from .crowd import at_once
from .report import Figure
from .stack import Stack, stack

ACCOUNTS = 1_000
TRIED = 50
"""Begun first, to know how long it takes to begin them all before they fall due."""
WEEK = timedelta(days=7)
NEVER = 10**9
"""Seconds late: nobody asks for a turn."""
NO_PACE = Policy(timedelta(seconds=1), timedelta(0), per_minute=10**6)
ACCOUNT = table_of(AccountRow)


async def measure() -> list[Figure]:
    """Each side with a server, a database and accounts of its own."""
    turns, all_at_once = await _seconds(late=1), await _seconds(late=NEVER)
    return [
        Figure("1,000 overdue timers in turns without a pace / all at once", turns / all_at_once),
        Figure("1,000 overdue timers in turns without a pace (s, this machine)", turns, "", None),
    ]


async def _seconds(late: int) -> float:
    async with stack() as ours:
        await publish_first(ours.store, ours.settings)
        await register(ours.client)
        async with build(ours.client, ours.settings, _activities(ours)):
            due = await _due(ours, late)
            await at_once(lambda number: _begin(ours, f"a{number}", due, late), ACCOUNTS)
            await _until(ours, ACCOUNT.c.next_deadline >= due, ACCOUNTS + TRIED)
        if await _count(ours, ACCOUNT.c.next_deadline == due) < ACCOUNTS:
            raise RuntimeError("some did not fall asleep in time: the machine became slower")
        await asyncio.sleep(max(0.0, (due - datetime.now(UTC)).total_seconds()) + 2)
        begun = time.perf_counter()
        async with build(ours.client, ours.settings, _activities(ours)):
            await _until(ours, ACCOUNT.c.next_deadline > due, ACCOUNTS + TRIED)
            return time.perf_counter() - begun


async def _due(ours: Stack, late: int) -> datetime:
    """When they are to fall due: once they are all begun, twice over."""
    begun, week = time.perf_counter(), datetime.now(UTC) + WEEK
    await at_once(lambda number: _begin(ours, f"t{number}", week, late), TRIED)
    await _until(ours, ACCOUNT.c.next_deadline.is_not(None), TRIED)
    seconds = (time.perf_counter() - begun) / TRIED * ACCOUNTS * 2
    return datetime.now(UTC) + timedelta(seconds=seconds)


def _activities(ours: Stack) -> list[Any]:
    turns = CatchingUp(ours.store, NO_PACE)
    usual = make_activities(ours.store, ours.settings)
    others = [one for one in usual if one.__name__ not in ("admit", "let_go")]
    return [*others, turns.admit, turns.let_go]


async def _begin(ours: Stack, name: str, due: datetime, late: int) -> None:
    """A deal won a week before: its reminder falls due at the instant asked."""
    at, now = due - WEEK, datetime.now(UTC)
    deal = {"id": "deal", "source": "bench", "type": "opportunity.closed_won", "data": {}}
    history = {
        "created": (at - timedelta(days=1)).isoformat(),
        "events": [{**deal, "time": at.isoformat()}],
        "until": now.isoformat(),
    }
    await ours.client.start_workflow(
        contract.WORKFLOW,
        {"account": name, "bounds": {"late": late}},
        id=contract.workflow_id(name),
        task_queue=ours.settings.task_queue,
        start_signal=contract.IMPORT_HISTORY,
        start_signal_args=[history],
    )


async def _until(ours: Stack, condition: Any, number: int) -> None:
    """Wait until it holds of so many accounts."""
    async with asyncio.timeout(1_200):
        while await _count(ours, condition) < number:  # noqa: ASYNC110 - a worker does it
            await asyncio.sleep(0.1)


async def _count(ours: Stack, condition: Any) -> int:
    async with ours.store.connected() as connection:
        query = select(func.count()).where(condition)
        return int((await connection.execute(query)).scalar_one())
