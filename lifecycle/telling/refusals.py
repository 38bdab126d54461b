"""What went wrong, as a refusal: one mapping for every door."""

from __future__ import annotations

from lifecycle.core.refusal import Refusal
from lifecycle.failure import Failure


def told(error: Exception) -> Refusal | None:
    """What the error means to a person; None for a fault of ours."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, Failure):
        what, _, remedy = str(error).partition("\n")
        return Refusal(_code(error), what, remedy)
    return _of_the_store(error) or _of_temporal(error)


def _of_the_store(error: Exception) -> Refusal | None:
    from sqlalchemy.exc import DBAPIError

    from lifecycle.store.errors import StoreError, outage, refused_data

    if isinstance(error, StoreError):
        return Refusal(_code(error), str(error))
    if reason := refused_data(error):
        return Refusal("bad_value", f"The database cannot hold such a value: {reason}")
    if isinstance(error, DBAPIError) and (reason := outage(error)):
        return Refusal(
            "no_database", f"The database does not answer: {reason}", "Look whether it runs."
        )
    return None


def _of_temporal(error: Exception) -> Refusal | None:
    from temporalio.service import RPCError

    if isinstance(error, RPCError):
        remedy = "Look whether the server and a worker run."
        return Refusal("no_server", f"The Temporal server refused: {error.message}", remedy)
    return None


def _code(error: Exception) -> str:
    """`DatabaseTooNew` as `database_too_new`."""
    name = type(error).__name__
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in name).lstrip("_")
