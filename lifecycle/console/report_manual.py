"""`report manual`: moves people made by hand and took back: who, from, to, why (G15)."""

from __future__ import annotations

from typing import Annotated

import typer

from .report_options import TypedPeriod, with_options
from .reports import app, report

Listed = Annotated[bool, typer.Option("--list", help="Every move, with its account and date.")]


@app.command("manual")
@with_options
def manual(typed: TypedPeriod, listed: Listed = False) -> None:
    """Moves made by hand: who, from where to where, why, how many, and those taken back."""
    report("manual", typed, listed=listed)
