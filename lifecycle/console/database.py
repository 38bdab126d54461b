"""Opening the database for a command, or saying why it cannot be used."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from lifecycle.settings import Settings
from lifecycle.signing import secret_of
from lifecycle.store.engine import Store, make_engine, normalise_url
from lifecycle.store.migrate import check_database, migrate_database

from .desk import NoDatabase


async def open_store(settings: Settings) -> Store:
    """The store of the settings. Raises `NoDatabase`, `DatabaseTooNew`, `DatabaseTooOld`."""
    _refuse_missing_file(settings)
    try:
        await check_database(settings.database)
    except (OSError, SQLAlchemyError) as error:
        raise unreachable(settings, error) from None
    return Store(make_engine(settings.database), secret_of(settings))


async def migrate(settings: Settings) -> None:
    """Bring the database up to this release. Raises `NoDatabase`, `DatabaseTooNew`."""
    try:
        await migrate_database(settings.database)
    except (OSError, SQLAlchemyError) as error:
        raise unreachable(settings, error) from None


def shown(settings: Settings) -> str:
    """The database's URL without its password, also where that holds an `@` that should have been escaped."""
    head, at, tail = settings.database.rpartition("@")
    scheme, _, login = head.partition("://")
    user, secret, _ = login.partition(":")
    return f"{scheme}://{user}{':***' if secret else ''}@{tail}" if at else settings.database


def unreachable(settings: Settings, error: Exception) -> NoDatabase:
    """The driver's own words, without the statement around them."""
    reason = str(getattr(error, "orig", None) or error).splitlines()[0]
    return NoDatabase(
        f"The database {shown(settings)} cannot be used: {reason}\n"
        "Look whether it runs and lets this user in, or name another: LIFECYCLE_DATABASE_URL."
    )


def _refuse_missing_file(settings: Settings) -> None:
    """A command that only looks must not leave an empty file behind."""
    url = normalise_url(settings.database)
    if url.drivername.startswith("sqlite") and not Path(url.database or "").exists():
        raise NoDatabase(
            f"There is no database at {url.database} yet.\n"
            "Start everything with `lifecycle up` (in a checkout: `make run`), make an empty one with"
            " the command migrate, or name yours: LIFECYCLE_DATABASE_URL."
        )
