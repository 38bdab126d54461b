"""A town: a worker over a real server and a real database, on a task queue of its own."""

import shutil
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from lifecycle.contract_verification import VERIFY_NOW_ID
from lifecycle.publishing import publish_first
from lifecycle.search_attributes import register
from lifecycle.settings import Settings
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import migrate_database
from tests.awake import keep_awake
from tests.workflows.town import Town


@pytest.fixture(scope="session")
async def registered(temporal_env: WorkflowEnvironment) -> WorkflowEnvironment:
    """The session's server, which knows our search attributes."""
    await register(temporal_env.client)
    return temporal_env


@pytest.fixture(scope="session")
async def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which the shipped definitions are published; each test copies it."""
    settings = Settings(state_dir=tmp_path_factory.mktemp("published"))
    await prepare(settings)
    return settings.state_dir / "lifecycle.db"


async def prepare(settings: Settings) -> None:
    await migrate_database(settings.database)
    store = Store(make_engine(settings.database))
    await publish_first(store, settings)
    await keep_awake(store)
    await store.close()


@pytest.fixture
async def quiet_town(
    registered: WorkflowEnvironment, published: Path, tmp_path: Path
) -> AsyncIterator[Town]:
    """No worker runs yet; e-mail goes into an outbox folder."""
    settings = Settings(state_dir=tmp_path, task_queue=f"test-{uuid4()}")
    shutil.copy(published, tmp_path / "lifecycle.db")
    store = Store(make_engine(settings.database))
    yield Town(registered, settings, store)
    await store.close()


@pytest.fixture
async def town(quiet_town: Town) -> AsyncIterator[Town]:
    """A worker is running."""
    async with quiet_town.open():
        yield quiet_town


@pytest.fixture
async def nobody_verifies(temporal_env: WorkflowEnvironment) -> None:
    """Verify now is one workflow for everybody: one whose worker ended with its test would be waited for in vain."""
    with suppress(RPCError):
        await temporal_env.client.get_workflow_handle(VERIFY_NOW_ID).terminate("another test's")
