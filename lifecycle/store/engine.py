"""Engines: SQLite for the embedded stack, PostgreSQL for production, one `Store` over either."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, nullcontext
from contextvars import ContextVar
from typing import Any, Final, TypeVar

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.failure import Failure

from .keyed import SECRET

DRIVERS: Final = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}
BUSY_MS: Final = 30_000
CONNECT_SECONDS: Final = 10
STATEMENT_SECONDS: Final = 60
CACHE_KB: Final = 32_768
"""What a connection of SQLite may keep in memory, of pages and while it sorts; its own two megabytes fit no report."""
WRITES: Final = "lifecycle_writes"
REPEATABLE: Final = {"isolation_level": "REPEATABLE READ"}
"""SQLite's readers have it anyhow."""
T = TypeVar("T")


def normalise_url(text: str) -> URL:
    """A database URL with the driver the engine uses. Raises `Failure` for one it cannot use."""
    try:
        url = make_url(text)
    except ArgumentError:
        raise _unusable() from None
    driver = DRIVERS.get(url.drivername)
    if driver is None or (driver.startswith("sqlite") and url.database in (None, "", ":memory:")):
        raise _unusable()
    return url.set(drivername=driver)


def _unusable() -> Failure:
    return Failure(
        "The database URL cannot be used.\n"
        "Write it like postgresql://user:password@host/name or sqlite:////folder/file.db"
    )


def compact(data: object) -> str:
    """JSON as it is stored. Raises `ValueError` for NaN and infinities, which are not JSON."""
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def make_engine(url: str) -> AsyncEngine:
    """An async engine for the URL (see `normalise_url`). The database need not be there yet.

    Its errors go to logs and to workflow histories, so they do not show what was asked or written: people's data.
    """
    found = normalise_url(url)
    if found.drivername.startswith("sqlite"):
        return _sqlite(found)
    engine = create_async_engine(
        found,
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=20,
        json_serializer=compact,
        hide_parameters=True,
        connect_args={"timeout": CONNECT_SECONDS, "command_timeout": STATEMENT_SECONDS},
    )
    event.listen(engine.sync_engine, "do_connect", _connect)
    return engine


def _connect(dialect: Any, _record: object, place: Any, options: Any) -> Any:
    """A server that is away is the database's error like any other, not a missing file or a closed socket."""
    try:
        return dialect.connect(*place, **options)
    except OSError as error:
        said = str(error) or f"no answer within {CONNECT_SECONDS} seconds"
        raise dialect.loaded_dbapi.OperationalError(said) from error


def _sqlite(url: URL) -> AsyncEngine:
    engine = create_async_engine(url, json_serializer=compact, hide_parameters=True)
    _listen(engine.sync_engine)
    return engine


def _listen(engine: Engine) -> None:
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)


def _prepare(connection: Any, _record: object) -> None:
    # The driver's own BEGIN comes too late (before the first write); ours is sent by `_begin`.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {BUSY_MS}",
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "foreign_keys = ON",
        f"cache_size = -{CACHE_KB}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later could not wait for another writer.
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class _Writer:
    """SQLite's own thread for transactions that are one function: one hop, not one per statement."""

    def __init__(self, url: URL) -> None:
        plain = url.set(drivername="sqlite+pysqlite")
        engine = create_engine(plain, json_serializer=compact, hide_parameters=True)
        _listen(engine)
        self._engine = engine.execution_options(**{WRITES: True})
        self._thread = ThreadPoolExecutor(1, "store-writer")

    async def run(self, work: Callable[[Connection], T]) -> T:
        """The work in a transaction. Whoever is cancelled waits for its end first: it cannot be stopped."""
        running = asyncio.get_running_loop().run_in_executor(self._thread, self._transact, work)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            await asyncio.wait([running])
            raise

    def _transact(self, work: Callable[[Connection], T]) -> T:
        with self._engine.begin() as connection:
            return work(connection)

    async def close(self) -> None:
        """Give the connection back in its own thread, and end that."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._engine.dispose)
        self._thread.shutdown()


class Store:
    """A database and the ways to use it. Close it with `close` when done."""

    def __init__(self, engine: AsyncEngine, secret: str | None = None) -> None:
        """With the `secret`, addresses of people who were erased are still known again (`keyed`)."""
        self.engine = engine = engine.execution_options(**{SECRET: secret})
        self._writing = engine.execution_options(**{WRITES: True})
        # SQLite has one writer at a time. Waiting here is in turn; waiting for its lock is by chance, in naps.
        self._turn = nullcontext() if self.is_postgresql else asyncio.Lock()
        self._writer = None if self.is_postgresql else _Writer(engine.url)
        self._picture: ContextVar[AsyncSession | None] = ContextVar("picture", default=None)
        self.books: dict[Any, Any] = {}
        """Books put together in this process (`definitions`)."""
        self.running: dict[Any, Any] = {}
        """Books by the versions accounts run, for as long as they are sure to be right (`ahead`)."""

    @property
    def is_postgresql(self) -> bool:
        """Whether rows can be locked one by one; SQLite locks the database for writing."""
        return self.engine.dialect.name == "postgresql"

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """One transaction that writes: committed at the end of the block, rolled back by an exception."""
        async with self._turn, self._writing.begin() as connection:
            yield connection

    async def write(self, work: Callable[[Connection], T]) -> T:
        """As `writing`, for a whole transaction in one function, which may run in another thread."""
        if self._writer is not None:
            async with self._turn:
                return await self._writer.run(work)
        async with self._writing.begin() as connection:
            return await connection.run_sync(work)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session that reads one consistent picture and changes nothing."""
        pictured = self._picture.get()
        if pictured is not None:
            yield pictured
            return
        async with AsyncSession(self.engine, expire_on_commit=False) as session:
            yield session

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[AsyncConnection]:
        """The same as a plain connection."""
        pictured = self._picture.get()
        if pictured is not None:
            yield await pictured.connection()
            return
        async with self.engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def one_picture(self) -> AsyncIterator[None]:
        """All that is read in the block comes from one connection and is of one moment, whatever is written meanwhile.

        For questions one after the other: a session answers one at a time, so no tasks side by side in the block.
        """
        async with AsyncSession(self.engine, expire_on_commit=False) as session:
            if self.is_postgresql:
                await session.connection(execution_options=REPEATABLE)
            token = self._picture.set(session)
            try:
                yield
            finally:
                self._picture.reset(token)

    async def close(self) -> None:
        """Give the connections back."""
        if self._writer is not None:
            await self._writer.close()
        await self.engine.dispose()
