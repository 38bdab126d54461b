"""Migrations: bring a database up to this release, or say why it cannot be used."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from . import catching_up_tables as catching_up_tables  # their models are compared too
from . import change_tables as change_tables
from . import door_tables as door_tables
from . import erasing_tables as erasing_tables
from . import hook_tables as hook_tables
from . import import_tables as import_tables
from . import publication_tables as publication_tables
from . import rehearsal_tables as rehearsal_tables
from . import shadow_tables as shadow_tables
from . import verification_tables as verification_tables
from .engine import Store, make_engine, normalise_url
from .errors import DatabaseTooNew, DatabaseTooOld
from .tables import AccountRow

FOLDER: Final = Path(__file__).parent / "migrations"
T = TypeVar("T")


def migrate(url: str) -> None:
    """Bring the database up to this release; creates the folder of an SQLite file.

    For callers without a running event loop; others await `migrate_database`. Raises `DatabaseTooNew`, or
    `DatabaseTooOld` for one of before the first release.
    """
    asyncio.run(migrate_database(url))


async def migrate_database(url: str) -> None:
    """`migrate` for callers inside an event loop."""
    found = normalise_url(url)
    if found.drivername.startswith("sqlite") and found.database:
        Path(found.database).parent.mkdir(parents=True, exist_ok=True)
    await _on_connection(url, _upgrade)


def check(url: str) -> None:
    """Raises `DatabaseTooNew` or `DatabaseTooOld` unless the database is at this release's migration."""
    asyncio.run(check_database(url))


async def check_database(url: str) -> None:
    """`check` for callers inside an event loop."""
    await _on_connection(url, _check)


async def drift(url: str) -> list[object]:
    """What models and database disagree on, as Alembic's operations; empty when they agree."""
    return await _on_connection(url, _compare)


async def _on_connection(url: str, work: Callable[[Connection], T]) -> T:
    store = Store(make_engine(url))
    try:
        async with store.writing() as connection:
            return await connection.run_sync(work)
    finally:
        await store.close()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _present(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_unknown(config: Config, present: str | None) -> None:
    """Numbers of migrations rise: one that is unknown here and higher than ours came after this release."""
    scripts = ScriptDirectory.from_config(config)
    if present is None or present in {one.revision for one in scripts.walk_revisions()}:
        return
    if present < (scripts.get_current_head() or ""):
        raise DatabaseTooOld(
            f"The database is older than this release can bring up: it is at migration {present}, of"
            " before the first release.\nBegin with an empty one and an empty Temporal namespace: name others"
            " (LIFECYCLE_DATABASE_URL, TEMPORAL_NAMESPACE),\nor for the embedded stack another folder"
            " (LIFECYCLE_STATE_DIR). Nothing was changed."
        )
    raise DatabaseTooNew(
        f"The database is newer than this release: it is at migration {present}, which is unknown"
        " here.\nInstall the release that migrated it, or a later one. Nothing was changed."
    )


def _upgrade(connection: Connection) -> None:
    config = _config(connection)
    _refuse_unknown(config, _present(connection))
    command.upgrade(config, "head")


def _check(connection: Connection) -> None:
    config, present = _config(connection), _present(connection)
    _refuse_unknown(config, present)
    head = ScriptDirectory.from_config(config).get_current_head()
    if present != head:
        raise DatabaseTooOld(
            f"The database is not at this release's migration {head}: it is"
            f" {'empty' if present is None else f'at {present}'}.\nRun: lifecycle admin migrate"
        )


def _compare(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, AccountRow.metadata))
