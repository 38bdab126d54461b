"""A town: a worker over a real server and a real database, on a task queue of its own."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.testing import WorkflowEnvironment

from lifecycle.publishing import publish_first
from lifecycle.search_attributes import register
from lifecycle.settings import Settings
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import migrate_database
from tests.workflows.town import Town


@pytest.fixture(scope="session")
async def registered(temporal_env: WorkflowEnvironment) -> WorkflowEnvironment:
    """The session's server, which knows our search attributes."""
    await register(temporal_env.client)
    return temporal_env


@pytest.fixture
async def town(registered: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[Town]:
    """A worker is running; e-mail goes into an outbox folder."""
    settings = Settings(state_dir=tmp_path, task_queue=f"test-{uuid4()}")
    await migrate_database(settings.database)
    store = Store(make_engine(settings.database))
    await publish_first(store, settings)
    town = Town(registered, settings, store)
    async with town.open():
        yield town
    await store.close()
