"""The admin command, put together: one module per family of commands."""

from __future__ import annotations

from typing import Final

import typer

from .forecast import forecast
from .listing import list_
from .manners import Polite
from .past import history, why
from .show import show

app: Final = typer.Typer(
    name="admin",
    cls=Polite,
    help="What a CSM or an operator does by hand. Every command takes --json.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

for command in (show, history, why, forecast):
    app.command()(command)
app.command("list")(list_)


@app.callback()
def _options() -> None:
    """What a CSM or an operator does by hand. Every command takes --json."""
