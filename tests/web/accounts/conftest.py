"""A house for the pages about many accounts: a worker, a mail server, and the door; accounts are each test's own."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from pydantic import SecretStr
from temporalio.testing import WorkflowEnvironment

from lifecycle.checking import check_files
from lifecycle.handing_over import Plan, store_definitions
from lifecycle.search_attributes import register
from lifecycle.settings import Settings, Smtp
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import migrate_database
from lifecycle.web.app import make_app
from lifecycle.web.door import Door
from lifecycle.web.serving import address_of, listen, serving
from tests.definitions.sources import SHIPPED
from tests.smtp import SmtpServer, plain_server
from tests.web.conftest import SECRET
from tests.web.people.conftest import chromium
from tests.web.people.house import House
from tests.workflows.town import Town

__all__ = ["chromium"]


@pytest.fixture(scope="module")
async def post() -> AsyncIterator[SmtpServer]:
    """Where mail arrives."""
    async with plain_server() as server:
        yield server


async def publish_awake(store: Store, settings: Settings) -> None:
    """The shipped definitions with their texts, but without rules for mail to contacts: it goes at any hour."""
    before, head, after = SHIPPED["directory.yaml"].partition("mail to contacts:")
    assert head
    directory = before + after[after.index("day begins at:") :]
    checked = check_files(settings, {**SHIPPED, "directory.yaml": directory}, None)
    await store_definitions(store, checked, Plan(None), "tests", datetime.now(UTC))


@pytest.fixture(scope="module")
async def house(
    temporal_env: WorkflowEnvironment, post: SmtpServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """A worker polls, the door is open."""
    await register(temporal_env.client)
    settings = Settings(
        state_dir=tmp_path_factory.mktemp("many"),
        task_queue=f"test-{uuid4()}",
        secret=SecretStr(SECRET),
        mail="smtp",
        smtp=Smtp(host=post.host, port=post.port, tls="none"),
    )
    await migrate_database(settings.database)
    store = Store(make_engine(settings.database))
    await publish_awake(store, settings)
    town = Town(temporal_env, settings, store)
    door = Door(settings, store, town.client)
    app = make_app(door)
    async with town.open():
        with listen("127.0.0.1", 0) as listener:
            async with serving(app, listener):
                yield House(town, door, app, address_of(listener))
    await store.close()
