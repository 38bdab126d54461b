"""Real parts for the benchmarks: the dev server, a migrated SQLite database, a worker, in a folder that goes away."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from temporalio.client import Client

from lifecycle.connection import connect
from lifecycle.embedded.server import embedded_server
from lifecycle.settings import Settings
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import migrate_database


@dataclass
class Stack:
    """What a benchmark works with."""

    client: Client
    settings: Settings
    store: Store

    async def journal_rows(self) -> int:
        """How many inputs are recorded."""
        async with self.store.engine.connect() as connection:
            return int(
                (await connection.execute(text("SELECT count(*) FROM journal"))).scalar_one()
            )


@asynccontextmanager
async def stack() -> AsyncIterator[Stack]:
    """A server of our own with an empty database; no worker yet."""
    async with database() as (settings, store), embedded_server(settings.state_dir):
        yield Stack(await connect(settings), settings, store)


@asynccontextmanager
async def database() -> AsyncIterator[tuple[Settings, Store]]:
    """An empty database alone."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(state_dir=Path(folder))
        await migrate_database(settings.database)
        store = Store(make_engine(settings.database))
        yield settings, store
        await store.close()
