"""A migrated database on both systems, with the shipped definitions published."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lifecycle.core.model import Book
from lifecycle.publishing import publish_first
from lifecycle.settings import Settings
from lifecycle.store.definitions import current_book
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import migrate_database


@pytest.fixture
def now() -> datetime:
    """The wall clock of a test: a Wednesday, long after the definitions were published."""
    return datetime(2031, 6, 4, 10, tzinfo=UTC)


@pytest.fixture
async def store(database_url: str, tmp_path: Path) -> AsyncIterator[Store]:
    """Nobody has an account yet."""
    await migrate_database(database_url)
    store = Store(make_engine(database_url))
    await publish_first(store, Settings(state_dir=tmp_path))
    yield store
    await store.close()


@pytest.fixture
async def book(store: Store) -> Book:
    """What is live."""
    return (await current_book(store))[0]
