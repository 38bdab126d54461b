"""`report health`: accounts by band of a scorecard at the end of each day, week or month (T16, G10)."""

from __future__ import annotations

from typing import Annotated

import typer

from . import completing
from .report_options import TypedSteps, with_options
from .reports import app, report

Card = Annotated[
    str | None,
    typer.Option(
        "--scorecard",
        help="Which scorecard. Default: the only one, or the first.",
        autocompletion=completing.scorecards,
        show_default=False,
    ),
]


@app.command("health")
@with_options
def health(typed: TypedSteps, scorecard: Card = None) -> None:
    """How many accounts were in each band at the end of every day, week or month, and their ARR."""
    report("health", typed, scorecard=scorecard)
