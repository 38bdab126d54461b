"""Opening a house: a worker polls, the door is open; what is published in it is the caller's to say."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

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
from tests.awake import keep_awake
from tests.web.conftest import SECRET
from tests.web.people.house import House
from tests.workflows.town import Town

Publish = Callable[[Store, Settings], Awaitable[object]]


@asynccontextmanager
async def open_house(
    temporal_env: WorkflowEnvironment,
    state_dir: Path,
    publish: Publish = publish_first,
    prepare: Callable[[Door], object] = lambda _: None,
    **settings: Any,
) -> AsyncIterator[House]:
    """A house of its own task queue and database. `prepare` is shown the door before it opens."""
    await register(temporal_env.client)
    chosen = Settings(
        state_dir=state_dir,
        task_queue=f"test-{uuid4()}",
        secret=SecretStr(SECRET),
        **settings,
    )
    await migrate_database(chosen.database)
    store = Store(make_engine(chosen.database))
    await publish(store, chosen)
    town = Town(temporal_env, chosen, store)
    door = Door(chosen, store, town.client)
    prepare(door)
    app = make_app(door)
    async with town.open():
        with listen("127.0.0.1", 0) as listener:
            async with serving(app, listener):
                yield House(town, door, app, address_of(listener))
    await store.close()


async def publish_awake(store: Store, settings: Settings) -> None:
    """The shipped definitions, with contacts who may be written to at any hour."""
    await publish_first(store, settings)
    await keep_awake(store)
