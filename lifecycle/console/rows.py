"""What is said of the rows of a file: which were refused, and why (R16)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from lifecycle.importing.report import Outcome, RowReport
from lifecycle.telling.phrases import count

from .desk import Desk
from .screen import columns

REASONS = 12
Report = Annotated[
    Path | None,
    typer.Option(
        "--report",
        metavar="FILE",
        help="Where the refused rows go, as CSV. Default: beside you, named after the file.",
        show_default=False,
    ),
]


def report_for(path: Path, chosen: Path | None) -> RowReport:
    """The report of a file or a mapping; one left by an earlier run is taken away."""
    report = RowReport(chosen or Path(f"{path.stem}-report.csv"))
    report.clear_away()
    return report


def rows_data(report: RowReport) -> dict[str, Any]:
    """The report for programs."""
    refused = report.rows[Outcome.REFUSED]
    return {
        "refused": refused,
        "nothing_to_apply": report.rows[Outcome.NOTHING],
        "reasons": dict(report.reasons[Outcome.REFUSED].most_common()),
        "first": report.first,
        "report": str(report.written) if report.written else None,
    }


def show_rows(desk: Desk, report: RowReport) -> None:
    """The report for people: counts by reason, and where each row stands."""
    refused, nothing = report.rows[Outcome.REFUSED], report.rows[Outcome.NOTHING]
    if refused:
        said = count(refused, "row was", "rows were")
        desk.screen.say(Text(f"{said} refused.", style="red"))
        _reasons(desk, report)
    if nothing:
        said = count(nothing, "row says", "rows say")
        desk.screen.say(f"{said} nothing that the mapping applies.")
    if report.written:
        desk.screen.say(f"Each with line, column, value and reason: {report.written}")


def _reasons(desk: Desk, report: RowReport) -> None:
    table = columns("rows", "reason", "first", right=("rows",))
    reasons = report.reasons[Outcome.REFUSED].most_common()
    for summary, number in reasons[:REASONS]:
        first = next((one for one in report.first if one.summary == summary), None)
        place = f"{first.file}:{first.line}" if first else ""
        table.add_row(f"{number:,}", Text(summary), place)
    desk.screen.table(table)
    if len(reasons) > REASONS:
        desk.screen.indented(f"and {count(len(reasons) - REASONS, 'reason')} more")
