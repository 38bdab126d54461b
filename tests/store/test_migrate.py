"""Migrations lead from an empty database to the models, and say so when they cannot."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from lifecycle.failure import Failure
from lifecycle.store.engine import Store, make_engine, normalise_url
from lifecycle.store.errors import DatabaseTooNew, DatabaseTooOld
from lifecycle.store.migrate import check_database, drift, migrate, migrate_database


async def test_models_and_migrations_agree(database_url: str) -> None:
    await migrate_database(database_url)
    assert await drift(database_url) == []


async def test_migrating_twice_changes_nothing(database_url: str) -> None:
    await migrate_database(database_url)
    await migrate_database(database_url)
    await check_database(database_url)


async def test_an_older_database_says_what_to_run(database_url: str) -> None:
    with pytest.raises(DatabaseTooOld, match=r"empty\.\nRun: lifecycle admin migrate"):
        await check_database(database_url)


@pytest.mark.parametrize(
    ("present", "raised", "said"),
    [
        ("9999", DatabaseTooNew, "newer than this release: it is at migration 9999"),
        (
            "0001",
            DatabaseTooOld,
            r"(?s)older than .*: it is at migration 0001.*Begin with an empty one",
        ),
    ],
)
async def test_a_database_of_an_unknown_release_is_left_alone(
    database_url: str, present: str, raised: type[Failure], said: str
) -> None:
    """A later release's, and one of before the first: each with what to do."""
    await migrate_database(database_url)
    store = Store(make_engine(database_url))
    statement = text("UPDATE alembic_version SET version_num = :present")
    async with store.writing() as connection:
        await connection.execute(statement, {"present": present})
    await store.close()
    for attempt in (check_database, migrate_database):
        with pytest.raises(raised, match=said):
            await attempt(database_url)


async def test_the_folder_of_the_file_is_made(tmp_path: Path) -> None:
    file = tmp_path / "new" / "folder" / "lifecycle.db"
    await asyncio.to_thread(migrate, f"sqlite:///{file}")
    assert file.exists()


@pytest.mark.parametrize(
    ("said", "driver"),
    [
        ("postgres://u:p@h/n", "postgresql+asyncpg"),
        ("postgresql://u:p@h/n", "postgresql+asyncpg"),
        ("sqlite:////tmp/x.db", "sqlite+aiosqlite"),
    ],
)
def test_usual_spellings_of_urls(said: str, driver: str) -> None:
    assert normalise_url(said).drivername == driver


@pytest.mark.parametrize("said", ["mysql://h/n", "lifecycle.db", "sqlite://", "sqlite:///:memory:"])
def test_other_databases_are_refused_with_a_remedy(said: str) -> None:
    with pytest.raises(Failure, match="Write it like postgresql://"):
        normalise_url(said)
