"""A town whose accounts stand in Onboarding, and change-sets over it."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.testing import WorkflowEnvironment

from lifecycle.settings import Settings
from lifecycle.store.engine import Store, make_engine
from tests.changes.crowd import Crowd
from tests.workflows.conftest import prepare, published, quiet_town, registered, town
from tests.workflows.town import Town

__all__ = ["published", "quiet_town", "registered", "town"]


@pytest.fixture
async def crowd(town: Town) -> Crowd:
    """Over SQLite."""
    return Crowd(town)


@pytest.fixture
async def both(
    registered: WorkflowEnvironment, tmp_path: Path, database_url: str
) -> AsyncIterator[Crowd]:
    """Once over SQLite, once over PostgreSQL."""
    settings = Settings(state_dir=tmp_path, task_queue=f"test-{uuid4()}", database_url=database_url)
    await prepare(settings)
    store = Store(make_engine(settings.database))
    town = Town(registered, settings, store)
    async with town.open():
        yield Crowd(town)
    await store.close()
