"""A reader of server-sent events over real HTTP, and the house it listens to."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx2
from fastapi import FastAPI

from lifecycle.store.engine import Store
from lifecycle.store.record import record
from lifecycle.web.door import Door
from tests.store.lives import Life

WITHIN = 10.0
JOURNEY = "customer_journey"


@dataclass(frozen=True)
class Heard:
    """One event as it came."""

    event: str
    data: Any
    id: str


@dataclass
class Listener:
    """An open stream."""

    answer: httpx2.Response
    lines: AsyncIterator[str] = field(init=False)

    def __post_init__(self) -> None:
        self.lines = self.answer.aiter_lines()

    async def block(self) -> list[str]:
        """The lines up to the next empty one; nothing at the end of the stream."""
        found: list[str] = []
        async for line in self.lines:
            if not line and found:
                return found
            if line:
                found.append(line)
        return found

    async def next(self) -> Heard:
        """The next event; what browsers overlook is overlooked."""
        async with asyncio.timeout(WITHIN):
            while block := await self.block():
                told = dict(line.split(": ", 1) for line in block if not line.startswith(":"))
                if "data" in told:
                    event = told.get("event", "message")
                    return Heard(event, json.loads(told["data"]), told.get("id", ""))
        raise AssertionError("the stream ended")

    async def ends(self) -> list[str]:
        """What comes until the stream ends."""
        rest: list[str] = []
        async with asyncio.timeout(WITHIN):
            while block := await self.block():
                rest += block
        return rest


@dataclass
class House:
    """An app that answers at an address."""

    door: Door
    app: FastAPI
    address: str

    @property
    def store(self) -> Store:
        return self.door.store

    @asynccontextmanager
    async def listening(self, path: str, key: str, **headers: str) -> AsyncIterator[Listener]:
        """A stream that is open, and has said its first line."""
        sent = {"Authorization": f"Bearer {key}", **headers}
        async with (
            httpx2.AsyncClient(base_url=self.address, timeout=WITHIN) as client,
            client.stream("GET", path, headers=sent) as answer,
        ):
            assert answer.status_code == 200, await answer.aread()
            assert answer.headers["content-type"].startswith("text/event-stream")
            listener = Listener(answer)
            assert await listener.block() == ["retry: 3000"]
            yield listener

    async def record(self, life: Life) -> None:
        """As the activity does."""
        await record(self.store, life.batch(), datetime.now(UTC))

    async def enter(self, account: str = "acme", stage: str = "onboarding") -> Life:
        """An account in a stage of the customer journey."""
        life = Life(account).create()
        life.move(1, JOURNEY, stage)
        await self.record(life)
        return life
