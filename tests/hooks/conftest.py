"""A town with a door for webhooks."""

from collections.abc import AsyncIterator, Callable
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr
from temporalio.testing import WorkflowEnvironment

from lifecycle.settings import Settings
from lifecycle.store.engine import Store, make_engine
from tests.hooks.yard import Yard, opened, salesforce_id
from tests.workflows.conftest import prepare, published, quiet_town, registered, town
from tests.workflows.town import Town

__all__ = ["published", "quiet_town", "registered", "town"]

Number = Callable[..., str]


@pytest.fixture
async def yard(town: Town) -> AsyncIterator[Yard]:
    """A worker runs, and the door is open."""
    async with opened(town) as yard:
        yield yard


@pytest.fixture
async def yard_on_both(
    registered: WorkflowEnvironment, database_url: str, tmp_path: Path
) -> AsyncIterator[Yard]:
    """The same over either database."""
    settings = Settings(
        state_dir=tmp_path, task_queue=f"test-{uuid4()}", database_url=SecretStr(database_url)
    )
    await prepare(settings)
    town = Town(registered, settings, Store(make_engine(settings.database)))
    async with town.open(), opened(town) as yard:
        yield yard
    await town.store.close()


NUMBERS = count(int(uuid4().int % 10**9) * 1000)


@pytest.fixture
def new_id() -> Number:
    """Salesforce ids nobody else uses."""
    return lambda prefix="001": salesforce_id(next(NUMBERS), prefix)
