"""`import accounts`: a sheet that sets fields and stages (T26, T27, R16)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from lifecycle.files.bringing import PATIENCE, Bringing, Sheet
from lifecycle.files.reading import lines_in
from lifecycle.importing.report import Outcome, RowReport
from lifecycle.telling.bringing import changes_data, tally_of, tally_words
from lifecycle.telling.phrases import MISSING, count

from . import options as o
from .desk import Desk, Look, work
from .manners import Polite, Problems
from .progress import progress, step
from .rows import rows_data
from .screen import columns

app: Final = typer.Typer(name="import", cls=Polite, help="Bring files in.", no_args_is_help=True)
SHOWN: Final = 20

File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE.csv|.xlsx",
        help="A column `account`, the others named as fields or lifecycles, by id or label.",
        show_default=False,
    ),
]
Atomic = Annotated[bool, typer.Option("--atomic", help="Apply all rows, or none.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Check everything, tell what would change, send nothing.")
]
Create = Annotated[bool, typer.Option("--create", help="Start accounts that are not there.")]
SheetName = Annotated[
    str | None,
    typer.Option(
        "--sheet", help="The workbook's sheet. Default: the one left open.", show_default=False
    ),
]
Errors = Annotated[
    Path | None,
    typer.Option(
        "--errors",
        metavar="FILE",
        help="Where every refused cell goes, as CSV.",
        show_default=False,
    ),
]
Anyway = Annotated[
    bool, typer.Option("--anyway", help="Even for accounts that went on since the file was made.")
]
Why = Annotated[
    str,
    typer.Option(
        "--reason", help="Kept with every change. Default: the file's name.", show_default=False
    ),
]
Encoding = Annotated[
    str, typer.Option(help="How a CSV file is written; windows-1252 for one of Excel's.")
]
Patience = Annotated[
    float, typer.Option(help="Seconds without progress after which to stop waiting for the worker.")
]


@app.callback()
def _options() -> None:
    """Bring files in."""


@app.command("accounts")
def accounts(  # noqa: PLR0913, PLR0917 - what an import needs, and how to answer
    file: File,
    atomic: Atomic = False,
    dry_run: DryRun = False,
    create: Create = False,
    reason: Why = "",
    sheet: SheetName = None,
    errors: Errors = None,
    anyway: Anyway = False,
    encoding: Encoding = "utf-8",
    patience: Patience = PATIENCE,
    who: o.As = None,
    as_json: o.AsJson = False,
) -> None:
    """Set fields and stages from a sheet. An empty cell changes nothing, None clears; bad rows come back."""
    if errors is not None and errors.resolve() == file.resolve():
        raise typer.BadParameter("It is the sheet itself: name another.", param_hint="--errors")
    report = RowReport(errors, keep=SHOWN)
    report.clear_away()
    why = reason or f"From {file.name}"

    async def bring(desk: Desk) -> None:
        wanted = Sheet(file, desk.actor, why, create, anyway, sheet, encoding)
        bringing = Bringing(await desk.store(), wanted, report, desk.now)
        await _Import(desk, bringing, _Wanted(atomic, dry_run, patience)).run()

    work(bring, Look(as_json, actor=who))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What was asked for beside the sheet."""

    atomic: bool
    dry_run: bool
    patience: float


class _Import:
    """One file."""

    def __init__(self, desk: Desk, bringing: Bringing, wanted: _Wanted) -> None:
        self.desk, self.bringing, self.wanted = desk, bringing, wanted
        self.report, self.plan = bringing.report, bringing.plan
        self.seconds = 0.0
        self.change_set = ""

    async def run(self) -> None:
        begin = monotonic()
        file = self.bringing.sheet.file
        with progress(not self.desk.look.as_json) as bar:
            await self.bringing.check(step(bar, "Checking", lines_in(file), "rows"))
        stopped = self.wanted.atomic and self.bringing.refused > 0
        if self.plan.changes and not (self.wanted.dry_run or stopped):
            await self._send()
        self.report.close()
        self.seconds = monotonic() - begin
        self._show(stopped)
        if self.bringing.refused:
            raise Problems

    async def _send(self) -> None:
        changes, number = await self.desk.changes(), self.plan.commands
        with progress(not self.desk.look.as_json) as bar:
            done = step(bar, "Changing", number, "commands")
            await self.bringing.send(changes, done, self._begun, self.wanted.patience)

    async def _begun(self, change_set: str) -> None:
        self.change_set = change_set

    # ── the answer

    def _show(self, stopped: bool) -> None:
        if self.desk.look.as_json:
            self.desk.screen.data(self._data(stopped))
            return
        say = self.desk.screen.say
        if stopped:
            say("Nothing was changed: with --atomic it is all or none.")
        elif not self.plan.changes:
            say(tally_words(tally_of(self.bringing), self.wanted.dry_run))
        else:
            say(self._told())
            self._totals()
        if self.change_set:
            say(f"As one change-set: lifecycle admin changes undo {self.change_set} takes it back.")
        if self.wanted.dry_run and self.plan.changes:
            self._preview()
        self._refused()

    def _told(self) -> str:
        said = tally_words(tally_of(self.bringing), self.wanted.dry_run)
        if self.wanted.dry_run:
            return f"{said} Nothing was."
        speed = self.plan.rows / self.seconds
        return f"{said} ({self.seconds:.1f} s, {speed:,.0f} rows a second)"

    def _totals(self) -> None:
        table = columns("column", "accounts", right=("accounts",))
        for name, number in self.plan.by_column().items():
            table.add_row(name, f"{number:,}")
        self.desk.screen.table(table)

    def _preview(self) -> None:
        self.desk.screen.heading("The first of them")
        table = columns("line", "account", "column", "now", "then", right=("line",))
        for change in self.plan.changes[:SHOWN]:
            line, account = str(change.asked.line), change.asked.account
            if change.creates:
                table.add_row(line, account, "", Text("not there", style="dim"), "started")
                line = account = ""
            for one in change.differences:
                name = one.column.header
                table.add_row(line, account, name, one.before or MISSING, one.after)
                line = account = ""
        self.desk.screen.table(table)
        if (more := len(self.plan.changes) - SHOWN) > 0:
            self.desk.screen.indented(f"and {count(more, 'account')} more")

    def _refused(self) -> None:
        report, screen = self.report, self.desk.screen
        if not (number := report.rows[Outcome.REFUSED]):
            return
        screen.say(Text(f"{count(number, 'row was', 'rows were')} refused.", style="red"))
        table = columns("line", "column", "value", "reason", right=("line",))
        for one in report.first:
            table.add_row(str(one.line), one.column, Text(one.value), Text(one.reason))
        screen.table(table)
        if number > len({one.line for one in report.first}):
            screen.indented(
                "and more: --errors FILE has them all" if not report.written else "and more"
            )
        if report.written:
            screen.say(f"Each with line, column, value and reason: {report.written}")

    def _data(self, stopped: bool) -> dict[str, Any]:
        plan = self.plan
        return {
            "file": str(self.bringing.sheet.file),
            "dry_run": self.wanted.dry_run,
            "change_set": self.change_set,
            "nothing_applied": stopped,
            "changed": 0 if stopped else len(plan.changes),
            "started": 0 if stopped else plan.created,
            "unchanged": plan.unchanged,
            "by_column": {} if stopped else plan.by_column(),
            "changes": changes_data(plan.changes[:SHOWN]) if self.wanted.dry_run else [],
            "seconds": round(self.seconds, 2),
            "rows": rows_data(self.report),
        }
