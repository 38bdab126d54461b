"""An outage is told from a bug: the one is waited for and told in a line, the other needs its traceback."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from asyncpg.exceptions import InternalClientError
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from lifecycle.store.engine import Store, make_engine
from lifecycle.store.errors import outage


async def what_breaks(url: str, statement: str) -> BaseException:
    """What the statement raises."""
    store = Store(make_engine(url))
    with pytest.raises(DBAPIError) as raised:
        async with store.writing() as connection:
            await connection.execute(text(statement))
    await store.close()
    return raised.value


async def test_a_server_that_does_not_run_is_an_outage(tmp_path: Path) -> None:
    """N8."""
    error = await what_breaks(f"postgresql://lifecycle@/nobody?host={tmp_path}", "SELECT 1")
    assert outage(error) == "[Errno 2] No such file or directory"


async def test_a_server_that_ends_the_connection_is_an_outage(postgres_url: str) -> None:
    """N8: in the middle of the work."""
    error = await what_breaks(postgres_url, "SELECT pg_terminate_backend(pg_backend_pid())")
    assert str(outage(error)).endswith("terminating connection due to administrator command")


async def test_a_wrong_statement_is_no_outage(database_url: str) -> None:
    assert outage(await what_breaks(database_url, "SELECT nothing FROM nowhere")) is None


def test_no_answer_is_an_outage() -> None:
    """What a statement raises that takes longer than its limit."""
    assert outage(TimeoutError()) == "it does not answer in time"
    assert outage(ValueError("a bug")) is None


async def test_a_database_that_somebody_else_holds_is_an_outage(tmp_path: Path) -> None:
    path = tmp_path / "held.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("CREATE TABLE x (y)")
        other.execute("BEGIN EXCLUSIVE")
        engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 0})
        with engine.connect() as connection, pytest.raises(DBAPIError) as raised:
            connection.exec_driver_sql("INSERT INTO x VALUES (1)")
        engine.dispose()
    assert outage(raised.value) == "database is locked"


def test_a_driver_that_speaks_of_its_own_states_is_not_repeated() -> None:
    """asyncpg says so of a connection that ends while it is being opened."""
    orig = Exception()
    orig.__cause__ = InternalClientError(
        "cannot switch to state 11; another operation is in progress"
    )
    assert outage(DBAPIError(None, None, orig)) == "the connection broke off"
