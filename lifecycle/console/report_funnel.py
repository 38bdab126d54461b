"""`report funnel` and `report velocity`: how far those came that began, and how many come through (G10)."""

from __future__ import annotations

from typing import Annotated

import typer

from . import completing
from .report_options import TypedPeriod, TypedSteps, with_options
from .reports import app, report

Start = Annotated[
    str | None,
    typer.Option(
        "--start",
        metavar="STAGE",
        help="With --lifecycle: begin at this stage. Default: its first.",
        autocompletion=completing.stages,
        show_default=False,
    ),
]


@app.command("funnel")
@with_options
def funnel(typed: TypedPeriod, start: Start = None) -> None:
    """Of the accounts that came to the first stage between two days: how many reached which stage, and when."""
    if start is not None and typed.lifecycle is None:
        raise typer.BadParameter(
            "A stage belongs to a lifecycle: name it with --lifecycle.", param_hint="--start"
        )
    report("funnel", typed, start=start)


@app.command("velocity")
@with_options
def velocity(typed: TypedSteps) -> None:
    """How many cycles began and ended in every day, week or month, and how long they took."""
    report("velocity", typed)
