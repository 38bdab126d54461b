"""A house of its own: what is published here would change the lives of others' accounts."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from pydantic import SecretStr
from temporalio.testing import WorkflowEnvironment

from lifecycle.publishing import publish_first
from lifecycle.search_attributes import register
from lifecycle.settings import Settings
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import migrate_database
from lifecycle.web.app import make_app
from lifecycle.web.door import Door
from lifecycle.web.serving import address_of, listen, serving
from tests.web.conftest import SECRET
from tests.web.people.conftest import chromium as chromium
from tests.web.people.house import House
from tests.workflows.town import Town


@pytest.fixture(scope="module")
async def house(
    temporal_env: WorkflowEnvironment, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """A worker polls, the door is open; the shipped definitions are published."""
    await register(temporal_env.client)
    settings = Settings(
        state_dir=tmp_path_factory.mktemp("lifecycles"),
        task_queue=f"test-{uuid4()}",
        secret=SecretStr(SECRET),
    )
    await migrate_database(settings.database)
    store = Store(make_engine(settings.database))
    await publish_first(store, settings)
    town = Town(temporal_env, settings, store)
    door = Door(settings, store, town.client)
    app = make_app(door)
    async with town.open():
        with listen("127.0.0.1", 0) as listener:
            async with serving(app, listener):
                yield House(town, door, app, address_of(listener))
    await store.close()
