"""`report late` and `report stuck`: who is past the time of the stage, and what should have moved them (G15, R19)."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from .report_options import Typed, with_options
from .reports import app, most, report

SHOWN: Final = 30
Most = Annotated[
    int | None,
    typer.Option(
        "--limit",
        min=1,
        help=f"At most this many, those who are so for the longest. Default: {SHOWN} on a screen, else all.",
        show_default=False,
    ),
]


@app.command("late")
@with_options
def late(typed: Typed, limit: Most = None) -> None:
    """Who is past the expected time of a stage, and what should have moved them."""
    report("late", typed, limit=most(typed, limit, SHOWN))


@app.command("stuck")
@with_options
def stuck(typed: Typed, limit: Most = None) -> None:
    """Who is stuck in a stage, and what should have moved them."""
    report("stuck", typed, limit=most(typed, limit, SHOWN))
