"""`report transitions`: from where to where accounts went, and what moved them (G10)."""

from __future__ import annotations

from .report_options import TypedPeriod, with_options
from .reports import app, report


@app.command("transitions")
@with_options
def transitions(typed: TypedPeriod) -> None:
    """Moves between two days: from, to, how many, by which automation or by hand."""
    report("transitions", typed)
