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
from lifecycle.telling.refusals import told

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
