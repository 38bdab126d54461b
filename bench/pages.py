"""Pages on a book of 100,000 accounts: the whole answer of the server against its queries, sent bare one by one.

The door answers in this process: routes, rights, queries, core and template, without a network. What it asked of the
database is listened to and sent again, each statement with its values and its rows fetched, and nothing made of them.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx2
from pydantic import SecretStr
from sqlalchemy import text
from temporalio.client import Client

from lifecycle.access import digest_of, make_token
from lifecycle.converter import data_converter
from lifecycle.roles import Role
from lifecycle.settings import Settings
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.sessions import Lasting, Person, begin_session
from lifecycle.web.app import make_app
from lifecycle.web.callers import COOKIE
from lifecycle.web.door import Door
from tests.postgres import running_server

from .core import shipped_book
from .report import Figure
from .scale import enlarged, listening, seeded

GOAL: Final = 5
ROUNDS: Final = 60
SECRET: Final = "a secret of the benchmarks, long enough for one"
A_DAY: Final = Lasting(timedelta(days=1), timedelta(days=1))
LONGEST: Final = (
    "SELECT account FROM journal GROUP BY account ORDER BY count(*) DESC, account LIMIT 1"
)

BOARD: Final = "/board/customer_journey"
LIST: Final = "/accounts"

Statement = tuple[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A page by its name, and where it is."""

    name: str
    path: str


async def measure() -> list[Figure]:
    """Every page on PostgreSQL, then on SQLite."""
    book = shipped_book()
    with running_server() as server, tempfile.TemporaryDirectory() as folder:
        urls = {
            "PostgreSQL": await server.create_database(),
            "SQLite": f"sqlite:///{Path(folder) / 'book.db'}",
        }
        lives = f"sqlite:///{Path(folder) / 'lives.db'}"
        await seeded(lives, book)
        for url in urls.values():
            await enlarged(url, lives)
        return [one for name, url in urls.items() async for one in figures_of(name, url)]


async def figures_of(database: str, url: str) -> AsyncIterator[Figure]:
    """One for each page of a book."""
    settings = Settings(database_url=SecretStr(url), secret=SecretStr(SECRET))
    store = Store(make_engine(settings.database))
    nowhere = await Client.connect("127.0.0.1:1", data_converter=data_converter, lazy=True)
    transport = httpx2.ASGITransport(app=make_app(Door(settings, store, nowhere)))
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        client.cookies.update(await _signed_in(store))
        for page in await _pages(store):
            yield await _figure(store, client, database, page)
    await store.close()


async def _signed_in(store: Store) -> dict[str, str]:
    token, person = make_token(), Person("Ana Diaz", Role.CSM)
    await begin_session(store, digest_of(token), person, A_DAY, datetime.now(UTC), "bench")
    return {COOKIE: token}


async def _pages(store: Store) -> list[Asked]:
    async with store.engine.connect() as connection:
        longest = (await connection.execute(text(LONGEST))).scalar_one()
    return [
        Asked("account with the longest past", f"/accounts/{longest}"),
        Asked("board", BOARD),
        Asked("board of a segment", f"{BOARD}?segment=customers"),
        Asked("board, who is late with one CSM", f"{BOARD}?show=late&csm=Ana+Diaz"),
        Asked("board, what one account changed", f"{BOARD}/changes?account={longest}"),
        Asked("accounts", "/accounts"),
        Asked(
            "accounts of a segment, the highest ARR first", f"{LIST}?segment=customers&sort=-arr"
        ),
        Asked("accounts found by their name", f"{LIST}?search=company+77"),
    ]


async def _figure(store: Store, client: httpx2.AsyncClient, database: str, page: Asked) -> Figure:
    async def ask() -> None:
        answer = await client.get(page.path)
        assert answer.status_code == 200, answer.text

    await ask()
    statements: list[Statement] = []
    with listening(store, statements):
        await ask()
    whole, bare = await _best(ask, lambda: _sent(store, statements))
    print(f"  {database} {page.name}: {len(statements)} queries", file=sys.stderr, flush=True)
    return Figure(
        f"{database}: {page.name} / its {len(statements)} queries bare",
        whole / bare,
        f"<= {GOAL}",
        whole <= GOAL * bare,
        f"{{:.1f}} ({1_000 * whole:,.1f} ms)",
    )


async def _sent(store: Store, statements: list[Statement]) -> None:
    """One after the other over one connection."""
    async with store.engine.connect() as connection:
        for said, given in statements:
            (await connection.exec_driver_sql(said, given)).all()


async def _best(*asks: Callable[[], Awaitable[None]]) -> list[float]:
    """The shortest time of each, in turn: what else the machine does is then done to all."""
    best = [float("inf")] * len(asks)
    for _ in range(ROUNDS):
        for number, ask in enumerate(asks):
            begun = time.perf_counter()
            await ask()
            best[number] = min(best[number], time.perf_counter() - begun)
    return best
