"""Live streams: what a thousand open ones cost one process, and how long a change takes to reach all of them.

The door is a process of its own, started as operators start it; readers are plain sockets.
"""

from __future__ import annotations

import asyncio
import random
import resource
import statistics
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import psutil

from lifecycle import contract
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import CreateAccount, SetStage
from lifecycle.core.model import Book
from lifecycle.core.state import AccountState
from lifecycle.publishing import publish_first
from lifecycle.roles import Role
from lifecycle.settings import Settings
from lifecycle.store.definitions import current_book
from lifecycle.store.engine import Store
from lifecycle.store.record import record

from .door import door, key_for
from .report import Figure
from .stack import database

STREAMS, CHANGES = 1_000, 30
JOURNEY = "customer_journey"
QUIET_SECONDS = 10
SOON_SECONDS = 20.0
DICE = random.Random(7)


async def measure() -> list[Figure]:
    """A thousand readers of one board, then a thousand of an account each."""
    _allow_sockets()
    async with database() as (settings, store):
        await publish_first(store, settings)
        book, _ = await current_book(store)
        lives = [await _born(store, book, number) for number in range(STREAMS)]
        key = await key_for(store, Role.VIEWER)
        board = await _board(settings, store, lives, key)
        accounts = await _accounts(settings, store, lives, key)
    return [*board, *accounts]


# ── one board, many readers


async def _board(settings: Settings, store: Store, lives: list[Life], key: str) -> list[Figure]:
    async with door(settings) as (process, port):
        before = process.memory_info().rss
        paths = [f"/live/board/{JOURNEY}"] * STREAMS
        async with _readers(port, paths, key) as readers:
            grown = (process.memory_info().rss - before) / STREAMS / 1_000
            busy = await _busy(process)
            delays = [await _to_all(store, life, readers) for life in lives[:CHANGES]]
    return [
        Figure("live: streams held open by one process", len(readers), ">= 1000", True, "{:,.0f}"),
        Figure("live: memory per open stream (kB)", grown, shown="{:.0f}"),
        Figure("live: of one core while nothing happens, 1,000 streams (%)", busy, shown="{:.1f}"),
        *_figures("commit to the last of 1,000 readers of a board", delays),
    ]


async def _to_all(store: Store, life: Life, readers: list[Reader]) -> float:
    """Seconds from the commit until the last one has read the account's id."""
    # Somewhere between two looks of the door, not always right behind one.
    await asyncio.sleep(DICE.random())
    waiting = [asyncio.ensure_future(one.hears(life.account)) for one in readers]
    committed = await life.move(store)
    async with asyncio.timeout(SOON_SECONDS):
        return max(await asyncio.gather(*waiting)) - committed


# ── many accounts, a reader each


async def _accounts(settings: Settings, store: Store, lives: list[Life], key: str) -> list[Figure]:
    async with door(settings) as (_, port):
        paths = [f"/v1/accounts/{life.account}/stream" for life in lives]
        async with _readers(port, paths, key) as readers:
            delays = []
            for life, reader in list(zip(lives, readers, strict=True))[:: STREAMS // CHANGES]:
                delays.append(await _to_all(store, life, [reader]))
    return _figures("commit to the reader of its account, with its story", delays)


def _figures(what: str, delays: list[float]) -> list[Figure]:
    ms = sorted(delay * 1_000 for delay in delays)
    return [
        Figure(f"live: {what}, p50 (ms)", statistics.median(ms), shown="{:.0f}"),
        Figure(f"live: {what}, slowest (ms)", ms[-1], shown="{:.0f}"),
    ]


async def _busy(process: psutil.Process) -> float:
    """Per cent of a core, over some quiet seconds."""
    before = process.cpu_times()
    await asyncio.sleep(QUIET_SECONDS)
    after = process.cpu_times()
    used = after.user + after.system - before.user - before.system
    return float(used) / QUIET_SECONDS * 100


# ── accounts


class Life:
    """An account as its workflow would record it."""

    def __init__(self, book: Book, number: int) -> None:
        self.account = f"account-{number:04}"
        self.fold = Fold(book, AccountState(self.account))
        self.at = datetime.now(UTC) - timedelta(days=30)

    async def born(self, store: Store) -> None:
        """It exists, in a stage."""
        await self.take(store, CreateAccount(self.at, {"name": self.account}))
        await self.take(store, self._set("onboarding"))

    async def move(self, store: Store) -> float:
        """To the stage it is not in; answers with when it was committed."""
        track = self.fold.state.tracks[JOURNEY]
        await self.take(
            store, self._set("launched" if track.stage == "onboarding" else "onboarding")
        )
        return time.perf_counter()

    def _set(self, stage: str) -> SetStage:
        self.at += timedelta(minutes=1)
        return SetStage(self.at, "bench", "measuring", JOURNEY, stage)

    async def take(self, store: Store, item: CreateAccount | SetStage) -> None:
        """Fold and record."""
        entries = self.fold.take(item)
        request = contract.RecordRequest(self.account, entries)
        await record(store, request, datetime.now(UTC))


async def _born(store: Store, book: Book, number: int) -> Life:
    life = Life(book, number)
    await life.born(store)
    return life


# ── those before the door


class Reader:
    """An open stream."""

    def __init__(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def hears(self, account: str) -> float:
        """When a line of data with the account's id was there."""
        sign = f'"{account}"'.encode()
        while line := await self.reader.readline():
            if line.startswith(b"data: ") and sign in line:
                return time.perf_counter()
        raise RuntimeError("A stream ended.")


@asynccontextmanager
async def _readers(port: int, paths: list[str], key: str) -> AsyncIterator[list[Reader]]:
    readers: list[Reader] = []
    try:
        for start in range(0, len(paths), 50):
            part = (_reader(port, path, key) for path in paths[start : start + 50])
            readers += await asyncio.gather(*part)
        yield readers
    finally:
        for one in readers:
            one.writer.close()


async def _reader(port: int, path: str, key: str) -> Reader:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {key}\r\n\r\n".encode()
    )
    head = await reader.readuntil(b"retry: 3000")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head.decode())
    return Reader(reader, writer)


def _allow_sockets() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4 * STREAMS
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
