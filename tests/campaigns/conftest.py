"""A worker with campaigns over real parts; mail to contacts may go at any hour unless a test says otherwise."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.testing import WorkflowEnvironment

from lifecycle.core.model import Book, ContactRules
from lifecycle.embedded.record import ServerRecord, remember
from lifecycle.search_attributes import register
from lifecycle.settings import Settings, Smtp
from lifecycle.store.definitions import parts_of, publish
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import migrate_database
from tests.admin.conftest import Admin, Said, admin, surroundings
from tests.campaigns.stand import Stand
from tests.core.journey import shipped
from tests.smtp import SmtpServer

__all__ = ["admin", "surroundings"]


def ruled(rules: ContactRules) -> Book:
    """The shipped definitions under other rules for mail to contacts."""
    book = shipped()
    return replace(book, directory=replace(book.directory, contact_rules=rules))


async def make_stand(
    env: WorkflowEnvironment, smtp: SmtpServer, folder: Path, url: str | None = None
) -> Stand:
    server = Smtp(host=smtp.host, port=smtp.port, tls="none")
    queue = f"test-{uuid4()}"
    settings = Settings(
        state_dir=folder, task_queue=queue, mail="smtp", smtp=server, database_url=url
    )
    await migrate_database(settings.database)
    store, book = Store(make_engine(settings.database)), ruled(ContactRules())
    await publish(store, parts_of(book, {}), "test", datetime.now(UTC))
    return Stand(env, settings, store, book, smtp)


@pytest.fixture
async def quiet_stand(
    temporal_env: WorkflowEnvironment, smtp_server: SmtpServer, tmp_path: Path
) -> AsyncIterator[Stand]:
    """No worker runs yet."""
    await register(temporal_env.client)
    stand = await make_stand(temporal_env, smtp_server, tmp_path)
    yield stand
    await stand.store.close()


@pytest.fixture
async def stand(quiet_stand: Stand) -> AsyncIterator[Stand]:
    """A worker is running."""
    async with quiet_stand.open():
        yield quiet_stand


@pytest.fixture
async def both(
    temporal_env: WorkflowEnvironment, smtp_server: SmtpServer, tmp_path: Path, database_url: str
) -> AsyncIterator[Stand]:
    """A worker is running, once over SQLite and once over PostgreSQL."""
    stand = await make_stand(temporal_env, smtp_server, tmp_path, database_url)
    async with stand.open():
        yield stand
    await stand.store.close()


Commands = Callable[..., Awaitable[Said]]


@pytest.fixture
async def commands(stand: Stand, surroundings: Path, admin: Admin) -> Commands:
    """Commands as typed, over the stand's database and server; the worker goes on meanwhile."""
    port = stand.env.client.service_client.config.target_host.rpartition(":")[2]
    remember(surroundings, ServerRecord(int(port), 0))
    here = {
        "LIFECYCLE_STATE_DIR": str(stand.settings.state_dir),
        "LIFECYCLE_TASK_QUEUE": stand.settings.task_queue,
    }

    async def run(*words: str, **env: str) -> Said:
        return await asyncio.to_thread(admin, *words, **here, **env)

    return run
