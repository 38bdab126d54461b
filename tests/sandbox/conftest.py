"""A worker over a real server and a real database; or the database alone, for plays of accounts from nothing."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lifecycle.settings import Settings
from lifecycle.store.engine import Store, make_engine
from tests.sandbox.stage import Stage
from tests.workflows.conftest import published, quiet_town, registered, town

__all__ = ["published", "quiet_town", "registered", "town"]


@pytest.fixture
async def stage(published: Path, tmp_path: Path) -> AsyncIterator[Stage]:
    """The shipped definitions, contacts who may be written to at any hour, and no account."""
    shutil.copy(published, tmp_path / "lifecycle.db")
    settings = Settings(state_dir=tmp_path)
    store = Store(make_engine(settings.database))
    yield Stage(store, settings)
    await store.close()
