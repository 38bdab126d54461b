"""`Store.write`: a transaction that is one function, on both systems."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import migrate_database
from lifecycle.store.record import record

from .lives import NOW, Life

RENAME = text("UPDATE account SET name = :name")


async def name_of(store: Store) -> object:
    async with store.reading() as session:
        connection = await session.connection()
        return (await connection.execute(text("SELECT name FROM account"))).scalar_one()


async def test_it_commits_and_answers(store: Store) -> None:
    await record(store, Life().create(name="Acme").batch(), NOW)

    def rename(connection: Connection) -> int:
        return connection.execute(RENAME, {"name": "Other"}).rowcount

    assert await store.write(rename) == 1
    assert await name_of(store) == "Other"


async def test_an_exception_takes_all_of_it_back(store: Store) -> None:
    await record(store, Life().create(name="Acme").batch(), NOW)

    def fail(connection: Connection) -> None:
        connection.execute(RENAME, {"name": "Other"})
        raise LookupError("as it happens")

    with pytest.raises(LookupError, match="as it happens"):
        await store.write(fail)
    assert await name_of(store) == "Acme"


async def test_what_is_written_does_not_stand_in_errors(store: Store) -> None:
    """N12: an error goes to logs and to histories, which no erasure reaches."""
    broken, named = text("UPDATE gone SET name = :name"), {"name": "ann@example.com"}
    with pytest.raises(DBAPIError) as one:
        await store.write(lambda connection: connection.execute(broken, named))
    with pytest.raises(DBAPIError) as other:
        async with store.reading() as session:
            await (await session.connection()).execute(broken, named)
    assert "gone" in str(one.value)
    assert "ann@" not in f"{one.value}{other.value}"


async def test_who_is_cancelled_waits_for_its_thread(tmp_path: Path) -> None:
    """SQLite's writer cannot be stopped half-way: the turn goes on when it is through, with what it wrote."""
    url = f"sqlite:///{tmp_path}/write.db"
    await migrate_database(url)
    store, loop = Store(make_engine(url)), asyncio.get_running_loop()
    await record(store, Life().create(name="Acme").batch(), NOW)
    begun, may_end = asyncio.Event(), threading.Event()

    def rename(connection: Connection) -> None:
        loop.call_soon_threadsafe(begun.set)
        assert may_end.wait(10)
        connection.execute(RENAME, {"name": "Other"})

    first = asyncio.create_task(store.write(rename))
    await begun.wait()
    first.cancel()
    done, _ = await asyncio.wait([first], timeout=0.05)
    assert not done
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert await name_of(store) == "Other"
    await store.close()
