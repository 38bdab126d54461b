"""The dashboard over the demo book as it had been lived, on the day that stands still."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from shutil import copy

import httpx2
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from lifecycle.roles import Role
from lifecycle.settings import Settings
from lifecycle.store.engine import Store, make_engine
from lifecycle.web.app import make_app
from lifecycle.web.door import Door
from tests.admin.conftest import Admin, admin, surroundings
from tests.reports.conftest import demo, report, standing_clock
from tests.reports.scene import NOW
from tests.web.as_who import as_role
from tests.web.conftest import SECRET, nowhere

__all__ = ["Admin", "admin", "demo", "report", "standing_clock", "surroundings"]


class Standing(Door):
    """A door whose clock stands."""

    def now(self) -> datetime:
        """The day of the demo book."""
        return NOW


@dataclass(frozen=True)
class House:
    """The app over a copy of the book, and its database."""

    app: FastAPI
    store: Store


@pytest.fixture
async def house(demo: Path, tmp_path: Path) -> AsyncIterator[House]:
    copy(demo / "lifecycle.db", tmp_path / "lifecycle.db")
    url = f"sqlite:///{tmp_path / 'lifecycle.db'}"
    settings = Settings(state_dir=tmp_path, database_url=SecretStr(url), secret=SecretStr(SECRET))
    store = Store(make_engine(url))
    yield House(make_app(Standing(settings, store, await nowhere())), store)
    await store.close()


@pytest.fixture
async def viewer(house: House) -> AsyncIterator[httpx2.AsyncClient]:
    """Somebody who may look and no more."""
    async with as_role(house.app, house.store, Role.VIEWER) as client:
        yield client
