"""`report distribution` and `report over-time`: how many accounts stand where (G10)."""

from __future__ import annotations

from .report_options import Typed, TypedSteps, with_options
from .reports import app, report


@app.command("distribution")
@with_options
def distribution(typed: Typed) -> None:
    """How many accounts are in each stage, their share, ARR and days; now or as of a day."""
    report("distribution", typed)


@app.command("over-time")
@with_options
def over_time(typed: TypedSteps) -> None:
    """How many accounts were in each stage at the end of every day, week or month."""
    report("over-time", typed)
