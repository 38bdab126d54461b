"""The web door over a real database, answering in this process."""

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import httpx2
import pytest
from pydantic import SecretStr
from starlette.types import ASGIApp, Receive, Scope, Send
from temporalio.client import Client

from lifecycle.converter import data_converter
from lifecycle.core.durations import zone_of
from lifecycle.core.model import Directory
from lifecycle.settings import Settings
from lifecycle.store.contact_mail import Reader, take
from lifecycle.store.effects import effect_row
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import migrate_database
from lifecycle.store.record import record
from lifecycle.store.tables import EffectRow
from lifecycle.unsubscribing import Link, Links
from lifecycle.web.app import make_app
from lifecycle.web.door import Door
from tests.store.lives import NOW, Life, mail

SECRET = "a secret of the tests, long enough for them"


async def nowhere() -> Client:
    """A client of a Temporal server that is away."""
    return await Client.connect("127.0.0.1:1", data_converter=data_converter, lazy=True)


def at_first_use(make: Callable[[], ASGIApp]) -> ASGIApp:
    """An app that is made when it is first asked: hundreds of routes take their time."""
    made = cache(make)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await made()(scope, receive, send)

    return app


@pytest.fixture
def one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rates are counted by minutes of the clock: none begins while a test counts."""
    middle = time.time() // 60 * 60 + 30
    monkeypatch.setattr(time, "time", lambda: middle)


@dataclass(frozen=True)
class Doorstep:
    """The app, and the link a mail to Clara at Acme carried."""

    browser: httpx2.AsyncClient
    store: Store
    settings: Settings
    path: str


@pytest.fixture
async def door(tmp_path: Path, database_url: str) -> AsyncIterator[Doorstep]:
    settings = Settings(
        state_dir=tmp_path, database_url=SecretStr(database_url), secret=SecretStr(SECRET)
    )
    await migrate_database(settings.database)
    store = Store(make_engine(settings.database))
    mailed = await _mailed(store)
    token = Links(SECRET, "").token(Link(mailed.id, 0))
    door = Door(settings, store, await nowhere())
    transport = httpx2.ASGITransport(app=at_first_use(lambda: make_app(door)))
    async with httpx2.AsyncClient(transport=transport, base_url="http://door") as browser:
        yield Doorstep(browser, store, settings, f"/unsubscribe/{token}")
    await store.close()


async def _mailed(store: Store) -> EffectRow:
    """A mail that went to Clara."""
    life = Life().create(name="Acme & Söhne")
    life.event(1, "e1", mail("m1", "contact"))
    await record(store, life.batch(), NOW)
    row = await effect_row(store, "m1")
    clara = Reader("Clara@example.com", zone_of("UTC"))
    await take(store, Directory(), clara, row, datetime.now(UTC))
    return row
