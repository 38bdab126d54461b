"""The API over a real database and a real worker; one house for all tests of a module."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from temporalio.testing import WorkflowEnvironment

from lifecycle.core.changes import Entry
from lifecycle.publishing import publish_first
from lifecycle.roles import Role
from lifecycle.search_attributes import register
from lifecycle.settings import Settings
from lifecycle.store.accounts import carried_out, history
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import migrate_database
from lifecycle.web.app import make_app
from lifecycle.web.door import Door
from tests.admin.conftest import admin, doing, server, surroundings, town
from tests.web.as_who import as_role
from tests.web.conftest import SECRET, nowhere
from tests.workflows.town import Town

__all__ = ["admin", "carried_out", "doing", "server", "surroundings", "town"]
DEAL = "opportunity.closed_won"


@dataclass
class House:
    """A worker, the API before it, and who calls: a CSM unless another is named."""

    town: Town
    door: Door
    app: FastAPI
    csm: httpx2.AsyncClient
    by: dict[Role, httpx2.AsyncClient] = field(default_factory=dict)

    def event(self, account: str, type_: str = DEAL, /, **data: Any) -> dict[str, Any]:
        """An event nobody sent before."""
        return {
            "specversion": "1.0",
            "id": uuid4().hex,
            "source": "test",
            "type": type_,
            "subject": account,
            "data": data,
        }

    async def born(self, name: str = "acme", **fields: Any) -> str:
        """A new account, in Onboarding."""
        account = self.town.account(f"{name}-{uuid4().hex[:6]}")
        await self.town.win(account, **fields)
        return account

    async def journal(self, account: str) -> list[Entry]:
        """Its entries, oldest first."""
        return (await history(self.town.store, account, 500))[::-1]


@pytest.fixture(scope="module")
async def house(
    temporal_env: WorkflowEnvironment, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    await register(temporal_env.client)
    settings = settings_in(tmp_path_factory.mktemp("house"))
    await migrate_database(settings.database)
    store = Store(make_engine(settings.database))
    await publish_first(store, settings)
    town = Town(temporal_env, settings, store)
    door = Door(settings, store, town.client)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(town.open())
        yield await open_house(stack, town, door)
    await store.close()


def settings_in(folder: Path) -> Settings:
    return Settings(
        state_dir=folder, task_queue=f"test-{uuid4()}", secret=SecretStr(SECRET), zone="UTC"
    )


async def open_house(stack: AsyncExitStack, town: Town, door: Door) -> House:
    app = make_app(door)
    by = {
        role: await stack.enter_async_context(as_role(app, town.store, role, key=True))
        for role in Role
    }
    return House(town, door, app, by[Role.CSM], by)


@pytest.fixture
async def away(house: House) -> AsyncIterator[House]:
    """The same house while Temporal is away."""
    door = Door(house.door.settings, house.town.store, await nowhere())
    async with AsyncExitStack() as stack:
        yield await open_house(stack, house.town, door)
