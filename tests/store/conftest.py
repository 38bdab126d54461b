"""A migrated database on both systems."""

from collections.abc import AsyncIterator

import pytest

from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import migrate_database


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """A store over an empty, migrated database of this test."""
    await migrate_database(database_url)
    store = Store(make_engine(database_url))
    yield store
    await store.close()
