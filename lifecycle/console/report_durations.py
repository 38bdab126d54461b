"""`report time-in-stage`: how long stays last, against what is expected (G6, G10, T11)."""

from __future__ import annotations

from .report_options import TypedEver, with_options
from .reports import app, report


@app.command("time-in-stage")
@with_options
def time_in_stage(typed: TypedEver) -> None:
    """Days in each stage: median and quartiles against what is expected. Default: of all time."""
    report("time-in-stage", typed)
