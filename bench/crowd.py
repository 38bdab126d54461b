"""Sending to many workflows at once, the same way for every side of a comparison."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import uuid4

ACCOUNTS, EVENTS, AT_ONCE = 100, 30, 50


def event(number: int) -> dict[str, object]:
    """A CloudEvents object: mostly usage reports, now and then a log-in."""
    kind = "user.logged_in" if number % 4 == 3 else "usage.reported"
    data = (
        {"user": "someone"}
        if number % 4 == 3
        else {"active_users": number, "weekly_logins": 2 * number}
    )
    return {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": "bench",
        "type": kind,
        "time": datetime.now(UTC).isoformat(),
        "data": data,
    }


async def at_once(job: Callable[[int], Awaitable[object]], count: int) -> None:
    """Run the job for 0 … count - 1, AT_ONCE at a time."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with gate:
            await job(number)

    async with asyncio.TaskGroup() as group:
        for number in range(count):
            group.create_task(one(number))


async def timed(work: Awaitable[object]) -> float:
    """Seconds a piece of work takes."""
    begun = time.perf_counter()
    await work
    return time.perf_counter() - begun
