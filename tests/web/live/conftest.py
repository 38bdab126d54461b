"""A house that answers over real HTTP, in a hurry."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from lifecycle.publishing import publish_first
from lifecycle.roles import Role
from lifecycle.settings import Settings
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import migrate_database
from lifecycle.web.app import make_app
from lifecycle.web.door import Door
from lifecycle.web.live.hub import Live, Pace
from lifecycle.web.serving import address_of, listen, serving
from tests.web.as_who import key_for
from tests.web.conftest import SECRET, nowhere
from tests.web.live.listening import House

PACE = Pace(look=0.02, beat=0.1, check=0.1, stalled=0.5, waiting=5)


@pytest.fixture
async def both(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    """A house on either database."""
    async with _opened(await _prepared(tmp_path, database_url)) as house:
        yield house


@pytest.fixture(scope="session")
async def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with published definitions; each test copies it."""
    folder = tmp_path_factory.mktemp("live")
    await _prepared(folder, f"sqlite:///{folder / 'lifecycle.db'}")
    return folder / "lifecycle.db"


@pytest.fixture
async def house(tmp_path: Path, book: Path) -> AsyncIterator[House]:
    """A house where it does not matter which database it stands on."""
    shutil.copy(book, tmp_path / "lifecycle.db")
    async with _opened(_settings(tmp_path, f"sqlite:///{tmp_path / 'lifecycle.db'}")) as house:
        yield house


@pytest.fixture
async def key(request: pytest.FixtureRequest) -> str:
    """Of somebody who may read, in the house of the test."""
    name = "both" if "both" in request.fixturenames else "house"
    house: House = request.getfixturevalue(name)
    return await key_for(house.store, Role.VIEWER)


def _settings(folder: Path, url: str) -> Settings:
    return Settings(state_dir=folder, database_url=SecretStr(url), secret=SecretStr(SECRET))


async def _prepared(folder: Path, url: str) -> Settings:
    settings = _settings(folder, url)
    await migrate_database(settings.database)
    store = Store(make_engine(settings.database))
    await publish_first(store, settings)
    await store.close()
    return settings


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[House]:
    store = Store(make_engine(settings.database))
    door = Door(settings, store, await nowhere())
    object.__setattr__(door, "live", Live(store, lambda: datetime.now(UTC), PACE))
    app = make_app(door)
    with listen("127.0.0.1", 0) as listener:
        async with serving(app, listener):
            yield House(door, app, address_of(listener))
    await store.close()
