"""What the store may answer instead of doing what it was asked, and which of it is worth another try.

    StoreError
    ├── Conflict        another history is recorded for this account already; never retried
    ├── DataRefused     the database cannot hold this value; never retried
    └── VersionTaken    other behaviour is published under this version number

Everything else that comes out of a statement is an outage (or a bug) and worth another try.
"""

from __future__ import annotations

from collections.abc import Iterator

from asyncpg.exceptions import InternalClientError
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError

from lifecycle.failure import Failure


class StoreError(Exception):
    """Base of the store's own answers."""


class Conflict(StoreError):
    """The batch does not continue what is recorded. Two workers ran one account, or history was edited."""


class DataRefused(StoreError):
    """A value the database cannot hold. `revision` names the entry, when it can be told."""

    def __init__(self, reason: str, revision: int | None = None) -> None:
        super().__init__(f"Entry {revision}: {reason}" if revision is not None else reason)
        self.reason = reason
        self.revision = revision


class VersionTaken(StoreError):
    """A published version number is kept for what was published under it (R14)."""


class DatabaseNotReady(Failure):
    """The database cannot be used by this release as it is."""

    exit_code = 3


class DatabaseTooNew(DatabaseNotReady):
    """A newer release has migrated this database."""


class DatabaseTooOld(DatabaseNotReady):
    """The database lacks migrations of this release."""


def refused_data(error: BaseException) -> str | None:
    """Why the database refused a value, in one line; None when it is anything else, an outage say."""
    from_statement = isinstance(error, StatementError | OverflowError | UnicodeError)
    if from_statement and any(_is_about_data(cause) for cause in _causes(error)):
        return str(getattr(error, "orig", None) or error).splitlines()[0]
    return None


def outage(error: BaseException) -> str | None:
    """Why the database cannot be reached for now, in one line; None when it is anything else, a bug say."""
    if isinstance(error, TimeoutError):
        return "it does not answer in time"
    if not isinstance(error, DBAPIError):
        return None
    state = str(getattr(error.orig, "sqlstate", None) or "")
    if (
        error.statement is None
        or error.connection_invalidated
        or state.startswith(_CLASSES_OF_OUTAGES)
        or _of_sqlite(error) & 0xFF in _SQLITE_OUTAGES
    ):
        return _said(getattr(error.orig, "__cause__", None) or error.orig or error)
    return None


def _said(error: BaseException) -> str:
    """In one line. A driver whose connection ends while it is being opened speaks of its own states."""
    if isinstance(error, InternalClientError):
        return "the connection broke off"
    return (str(error) or type(error).__name__).splitlines()[0]


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, what the driver raised, and what that was raised from."""
    found: BaseException | None = error
    while found is not None:
        yield found
        found = getattr(found, "orig", None) or found.__cause__


# Data exceptions, broken constraints, program limits (a row too long for its index).
_CLASSES_OF_DATA = ("22", "23", "54")
# Broken connections, too few resources (connections, disk), a server that is shut down or starts.
_CLASSES_OF_OUTAGES = ("08", "53", "57P")


# Busy, locked, an input or output error, a full disk, a file that cannot be opened; the low byte of the code.
_SQLITE_OUTAGES = frozenset({5, 6, 10, 13, 14})


def _of_sqlite(error: DBAPIError) -> int:
    return int(getattr(error.orig, "sqlite_errorcode", None) or 0)


def _is_about_data(error: BaseException) -> bool:
    # asyncpg's own check of arguments is an InterfaceError *and* a ValueError.
    if isinstance(error, DataError | IntegrityError | OverflowError | ValueError):
        return True
    state = getattr(error, "sqlstate", None)
    return isinstance(state, str) and state.startswith(_CLASSES_OF_DATA)
