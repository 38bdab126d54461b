"""The real command in this process: its settings by environment, its clock standing at NOW."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from temporalio.testing import WorkflowEnvironment
from typer.testing import CliRunner

from lifecycle.console.app import app
from lifecycle.embedded.record import ServerRecord, remember
from lifecycle.publishing import publish_first
from lifecycle.search_attributes import register
from lifecycle.settings import load
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import migrate_database
from tests.admin.book import NOW, fill
from tests.admin.recorded import Golden
from tests.awake import keep_awake
from tests.workflows.town import Town

Admin = Callable[..., "Said"]


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    status: int
    out: str
    err: str


@pytest.fixture(scope="session")
async def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder whose database holds the book; tests only read it."""
    folder = tmp_path_factory.mktemp("state")
    await fill(f"sqlite:///{folder / 'lifecycle.db'}")
    return folder


@pytest.fixture
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Nothing of this machine shines through: zone, width, servers, files, user."""
    for name, value in {
        "LIFECYCLE_STATE_DIR": str(tmp_path),
        "LIFECYCLE_ZONE": "UTC",
        "LIFECYCLE_ACTOR": "ann",
        "COLUMNS": "100",
        "TEMPORAL_CONFIG_FILE": str(tmp_path / "none.toml"),
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("LIFECYCLE_DATABASE_URL", "TEMPORAL_ADDRESS", "FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def admin(surroundings: Path) -> Admin:
    """Run a command as typed; every one in a thread, as commands have an event loop of their own."""

    def run(*words: str, **env: str) -> Said:
        with ThreadPoolExecutor(1) as pool:
            result = pool.submit(CliRunner().invoke, app, list(words), env=env).result()
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Said(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture
def at_now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The wall clock stands."""
    monkeypatch.setattr("lifecycle.console.desk.wall_clock", lambda: NOW)
    return NOW


@pytest.fixture
def looking(admin: Admin, filled: Path, at_now: Any, monkeypatch: pytest.MonkeyPatch) -> Admin:
    """Commands over the book."""
    monkeypatch.setenv("LIFECYCLE_STATE_DIR", str(filled))
    return admin


Doing = Callable[..., Awaitable[Said]]


@pytest.fixture(scope="session")
async def server(temporal_env: WorkflowEnvironment) -> WorkflowEnvironment:
    """The session's Temporal server, which knows our search attributes."""
    await register(temporal_env.client)
    return temporal_env


@pytest.fixture
async def town(
    server: WorkflowEnvironment, surroundings: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Town]:
    """A worker that runs over the database and the server the commands find."""
    monkeypatch.setenv("LIFECYCLE_TASK_QUEUE", f"test-{uuid4()}")
    settings = load()
    port = server.client.service_client.config.target_host.rpartition(":")[2]
    remember(surroundings, ServerRecord(int(port), 0))
    await migrate_database(settings.database)
    store = Store(make_engine(settings.database))
    await publish_first(store, settings)
    await keep_awake(store)
    town = Town(server, settings, store)
    async with town.open():
        yield town
    await store.close()


@pytest.fixture
def doing(admin: Admin, town: Town) -> Doing:
    """Commands to running accounts; the worker goes on meanwhile."""

    async def run(*words: str, **env: str) -> Said:
        return await asyncio.to_thread(admin, *words, **env)

    return run


@pytest.fixture
def golden() -> Golden:
    """Compare an answer with the recorded one."""
    return Golden(Path(__file__).parent / "golden")
