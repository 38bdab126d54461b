"""How a command fails: in words, without a traceback, with an exit status that scripts can rely on.

0 done    1 refused, or problems found    2 the command was typed wrongly    3 no server or no database
"""

from __future__ import annotations

import json
from typing import Any, Final

import typer
from rich.text import Text
from typer.core import TyperGroup

from lifecycle.core.refusal import Refusal
from lifecycle.failure import Failure

from .screen import make_console

REFUSED: Final = 1
NOT_THERE: Final = 3


class Problems(typer.Exit):
    """The command did its work and found problems, which it has shown."""

    def __init__(self) -> None:
        super().__init__(REFUSED)


class Polite(TyperGroup):
    """A group of commands whose refusals and failures are told, not raised."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        wants_json = "--json" in [*ctx.args, *getattr(ctx, "_protected_args", ())]
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort):
            raise
        except Exception as error:
            refusal = told(error)
            if refusal is None:
                raise
            _tell(refusal, wants_json)
            raise typer.Exit(_status(error)) from None


def told(error: Exception) -> Refusal | None:
    """What the error means to the person at the terminal; None for a fault of ours."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, Failure):
        what, _, remedy = str(error).partition("\n")
        return Refusal(_code(error), what, remedy)
    return _of_the_store(error) or _of_temporal(error)


def _of_the_store(error: Exception) -> Refusal | None:
    from sqlalchemy.exc import DBAPIError

    from lifecycle.store.errors import StoreError

    if isinstance(error, StoreError):
        return Refusal(_code(error), str(error))
    if isinstance(error, DBAPIError):
        reason = str(error.orig or error).splitlines()[0]
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


def _status(error: Exception) -> int:
    if isinstance(error, Failure):
        return error.exit_code
    return REFUSED if isinstance(error, Refusal) or _is_of_store(error) else NOT_THERE


def _is_of_store(error: Exception) -> bool:
    from lifecycle.store.errors import StoreError

    return isinstance(error, StoreError)


def _tell(refusal: Refusal, as_json: bool) -> None:
    console = make_console(stderr=True)
    if as_json:
        parts = {name: getattr(refusal, name) for name in ("code", "what", "remedy", "where")}
        console.file.write(json.dumps({"error": parts}, ensure_ascii=False) + "\n")
        return
    # Wrapped for the eye only: what is piped keeps its sentences, and its paths, in one piece.
    whole = not console.is_terminal
    console.print(Text(refusal.what, style="red"), highlight=False, soft_wrap=whole)
    if refusal.remedy:
        console.print(Text(refusal.remedy), highlight=False, soft_wrap=whole)
