"""Events by HTTP against events signalled by our client, one after the other in one run.

No worker runs: what is measured is how fast events are with Temporal. The door is a process of its own; both ways have
as many requests under way. Accounts exist, the definitions are those that ship.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import count, islice
from typing import Any

from lifecycle.client import Lifecycles
from lifecycle.publishing import publish_first
from lifecycle.roles import Role

from .door import door, key_for
from .report import Figure
from .stack import stack

ACCOUNTS, CONNECTIONS = 100, 16
ROUNDS, EVENTS, BATCHES, IN_A_BATCH, IN_A_ROW = 5, 600, 30, 100, 10
GOAL = 0.6

Event = dict[str, Any]


async def measure() -> list[Figure]:
    """One event a request, then a hundred."""
    async with stack() as found:
        await publish_first(found.store, found.settings)
        key = await key_for(found.store, Role.SERVICE)
        client = Lifecycles(found.client, found.settings.task_queue, {"opportunity.closed_won"})
        await asyncio.gather(*(client.record_event(one, "opportunity.closed_won") for one in NAMES))
        async with door(found.settings) as (_, port):
            one, some = _posted(port, key, 1), _posted(port, key, IN_A_BATCH)
            single = await _compared(_signalled(client), one, EVENTS)
            many = await _compared(_signalled_together(client), some, BATCHES * IN_A_BATCH)
    return [
        *_figures("one event a request", *single),
        *_figures(f"{IN_A_BATCH} events a request", *many),
    ]


def _figures(what: str, direct: float, posted: float) -> Iterator[Figure]:
    share = posted / direct
    yield Figure(f"intake: {what}, signalled by the client (events/s)", direct, shown="{:,.0f}")
    yield Figure(f"intake: {what}, by HTTP (events/s)", posted, shown="{:,.0f}")
    yield Figure(f"intake: {what}, HTTP / client", share, f">= {GOAL}", share >= GOAL)


# ── one way against the other

NAMES = [f"account-{number:03}" for number in range(ACCOUNTS)]
NUMBERS = count(1)


def _events(number: int) -> list[Event]:
    """Events that nobody sent before, ten of an account in a row."""
    return [
        {
            "specversion": "1.0",
            "id": f"e{each}",
            "source": "bench",
            "type": "usage.reported",
            "subject": NAMES[each // IN_A_ROW % ACCOUNTS],
            "data": {"active_users": 7, "weekly_logins": 20, "seats_used": 44},
        }
        for each in islice(NUMBERS, number)
    ]


Way = Callable[[list[Event]], Awaitable[None]]
"""Sends events, as many at once as there are connections."""


async def _compared(direct: Way, posted: Way, number: int) -> tuple[float, float]:
    """Events a second by each way: the median of rounds that take turns."""
    speeds: dict[Way, list[float]] = {direct: [], posted: []}
    for _ in range(ROUNDS):
        for way, found in speeds.items():
            events = _events(number)
            began = time.perf_counter()
            await way(events)
            found.append(number / (time.perf_counter() - began))
    return statistics.median(speeds[direct]), statistics.median(speeds[posted])


def _signalled(client: Lifecycles) -> Way:
    async def send(events: list[Event]) -> None:
        waiting = iter(events)

        async def one_after_the_other() -> None:
            for one in waiting:
                header = {"source": one["source"], "id": one["id"]}
                await client.record_event(one["subject"], one["type"], one["data"], **header)

        await asyncio.gather(*(one_after_the_other() for _ in range(CONNECTIONS)))

    return send


def _signalled_together(client: Lifecycles) -> Way:
    """Those of an account in one signal, as `record_events` does, a batch at a time."""

    async def send(events: list[Event]) -> None:
        waiting = iter(_batches(events, IN_A_BATCH))

        async def one_after_the_other() -> None:
            for batch in waiting:
                groups: dict[str, list[Event]] = {}
                for one in batch:
                    groups.setdefault(one["subject"], []).append(one)
                await asyncio.gather(*(client.record_events(*group) for group in groups.items()))

        await asyncio.gather(*(one_after_the_other() for _ in range(CONNECTIONS)))

    return send


def _posted(port: int, key: str, in_one: int) -> Way:
    async def send(events: list[Event]) -> None:
        waiting = iter(_batches(events, in_one))

        async def one_after_the_other(wire: Wire) -> None:
            for batch in waiting:
                await wire.post(batch[0] if in_one == 1 else batch)

        async with _wires(port, key) as wires:
            await asyncio.gather(*map(one_after_the_other, wires))

    return send


def _batches(events: list[Event], size: int) -> list[list[Event]]:
    return [events[start : start + size] for start in range(0, len(events), size)]


# ── HTTP


class Wire:
    """A connection that is kept. It speaks just enough HTTP: a client's own costs are not what is measured."""

    def __init__(self, reader: StreamReader, writer: StreamWriter, head: str) -> None:
        self._reader, self._writer, self._head = reader, writer, head

    async def post(self, body: Any) -> None:
        """Raises `RuntimeError` unless it is answered with 202."""
        content = json.dumps(body).encode()
        self._writer.write(f"{self._head}Content-Length: {len(content)}\r\n\r\n".encode() + content)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode()
        length = next(
            int(line.split(":")[1])
            for line in head.split("\r\n")
            if line.lower().startswith("content-length")
        )
        said = await self._reader.readexactly(length)
        if not head.startswith("HTTP/1.1 202"):
            raise RuntimeError(head + said.decode())

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


@asynccontextmanager
async def _wires(port: int, key: str) -> AsyncIterator[list[Wire]]:
    head = (
        f"POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {key}\r\n"
        "Content-Type: application/json\r\n"
    )
    wires = [
        Wire(*await asyncio.open_connection("127.0.0.1", port), head) for _ in range(CONNECTIONS)
    ]
    try:
        yield wires
    finally:
        for wire in wires:
            wire.close()
