"""The starter command, put together."""

from __future__ import annotations

from typing import Final

import typer

from .importing import import_
from .manners import Polite
from .starting import start, start_many

app: Final = typer.Typer(
    name="starter",
    cls=Polite,
    help="Start accounts: one, many from a CSV file, or a CRM history to import. All take --json.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

app.command("start")(start)
app.command("start-many")(start_many)
app.command("import")(import_)


@app.callback()
def _options() -> None:
    """Start accounts: one, many from a CSV file, or a CRM history to import. All take --json."""
