"""What reports are tried on: an empty database of a test's own, and the demo book as it had been lived."""

from datetime import datetime
from pathlib import Path

import pytest

from tests.admin.conftest import Admin, admin, surroundings
from tests.reports.scene import NOW, fill
from tests.store.conftest import store

__all__ = ["admin", "store", "surroundings"]


@pytest.fixture(scope="session")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder whose database holds the demo book; tests only read it."""
    folder = tmp_path_factory.mktemp("reports")
    await fill(f"sqlite:///{folder / 'lifecycle.db'}")
    return folder


@pytest.fixture
def standing_clock(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The wall clock of commands stands."""
    monkeypatch.setattr("lifecycle.console.desk.wall_clock", lambda: NOW)
    return NOW


@pytest.fixture
def report(
    admin: Admin, demo: Path, standing_clock: datetime, monkeypatch: pytest.MonkeyPatch
) -> Admin:
    """`report` commands over the demo book."""
    monkeypatch.setenv("LIFECYCLE_STATE_DIR", str(demo))
    return lambda *words, **env: admin("report", *words, **env)
