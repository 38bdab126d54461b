"""`import accounts`: a sheet that sets fields and stages (T26, T27, R16)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from lifecycle.core.refusal import Refusal
from lifecycle.files.commands import digest_of
from lifecycle.files.looking import Looker
from lifecycle.files.reading import Reader, lines_in, open_sheet
from lifecycle.files.sending import Answered, Sender
from lifecycle.files.wanted import Asked, Change, Checker, Wrong, general
from lifecycle.importing.report import Outcome, Remark, RowReport
from lifecycle.store.definitions import current_book
from lifecycle.telling.phrases import MISSING, count

from . import options as o
from .desk import Desk, Look, work
from .manners import Polite, Problems
from .progress import progress, step
from .rows import rows_data
from .screen import columns

app: Final = typer.Typer(name="import", cls=Polite, help="Bring files in.", no_args_is_help=True)
BATCH: Final = 400
SHOWN: Final = 20
PATIENCE: Final = 60.0

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
    wanted = _Wanted(file, atomic, dry_run, create, anyway, reason or f"From {file.name}", patience)

    async def bring(desk: Desk) -> None:
        await _Import(desk, wanted, report).run(sheet, encoding)

    work(bring, Look(as_json, actor=who))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What was asked for."""

    file: Path
    atomic: bool
    dry_run: bool
    create: bool
    anyway: bool
    reason: str
    patience: float


@dataclass(slots=True)
class _Plan:
    """What the rows come to. `rows` were read, `unchanged` are as the file says already."""

    rows: int = 0
    unchanged: int = 0
    changes: list[Change] = field(default_factory=list)
    sent: bool = False
    seconds: float = 0.0

    @property
    def created(self) -> int:
        """Accounts that were not there."""
        return sum(change.creates for change in self.changes)

    def by_column(self) -> dict[str, int]:
        """How many accounts each field and lifecycle changes in."""
        counts: Counter[str] = Counter()
        for change in self.changes:
            counts.update([*change.fields, *change.stages])
        return dict(counts.most_common())


class _Import:
    """One file."""

    def __init__(self, desk: Desk, wanted: _Wanted, report: RowReport) -> None:
        self.desk, self.wanted, self.report = desk, wanted, report
        self.plan = _Plan()

    async def run(self, sheet: str | None, encoding: str) -> None:
        begin = monotonic()
        book, _ = await current_book(await self.desk.store())
        reader = Reader(open_sheet(self.wanted.file, sheet, encoding), book)
        await self._check(reader)
        stopped = self.wanted.atomic and self.report.rows[Outcome.REFUSED] > 0
        if self.plan.changes and not (self.wanted.dry_run or stopped):
            await self._send()
        self.report.close()
        self.plan.seconds = monotonic() - begin
        self._show(stopped)
        if self.report.rows[Outcome.REFUSED]:
            raise Problems

    # ── checking

    async def _check(self, reader: Reader) -> None:
        looker = Looker(await self.desk.store(), self.desk.now)
        wanted = self.wanted
        checker = Checker(reader.columns, self.desk.actor, wanted.reason, wanted.anyway)
        with progress(not self.desk.look.as_json) as bar:
            rows = reader.rows(step(bar, "Checking", lines_in(wanted.file), "rows"))
            while batch := _next(rows):
                asked = [one for one in batch if isinstance(one, Asked)]
                standings = await looker.standings([one.account for one in asked])
                for one in batch:
                    if isinstance(one, Remark):
                        self.report.add([one])
                    elif (standing := standings[one.account]).exists or wanted.create:
                        self._take(one, checker.change(one, standing))
                    else:
                        unknown = await looker.unknown(one.account)
                        self._refuse(one, [_unknown(reader.header, one, unknown)])

    def _take(self, asked: Asked, found: Change | list[Wrong]) -> None:
        self.plan.rows += 1
        if isinstance(found, list):
            self._refuse(asked, found)
        elif found.is_empty:
            self.plan.unchanged += 1
        else:
            self.plan.changes.append(found)

    def _refuse(self, asked: Asked, wrong: list[Wrong]) -> None:
        name, line = self.wanted.file.name, asked.line
        self.report.add(
            [Remark(name, line, one.column, one.value, one.reason, one.summary) for one in wrong]
        )

    # ── sending

    async def _send(self) -> None:
        wanted, changes = self.wanted, self.plan.changes
        digest = digest_of(wanted.file)
        store, client = await self.desk.store(), await self.desk.client()
        sender = Sender(
            client, store, digest, self.desk.actor, wanted.reason, wanted.anyway, wanted.patience
        )
        with progress(not self.desk.look.as_json) as bar:
            sent = step(bar, "Sending", len(changes), "accounts")
            done = step(bar, "Recorded", len(changes), "accounts")
            refused = await sender.send(changes, sent)
            refused += await sender.answers(done)
        self.plan.sent = True
        self._take_back(refused)

    def _take_back(self, refused: list[Answered]) -> None:
        """What the accounts did not take after all is told like any other refused row."""
        by_line: dict[int, list[Answered]] = {}
        for answered in refused:
            by_line.setdefault(answered.change.asked.line, []).append(answered)
        for answers in by_line.values():
            self._refuse(answers[0].change.asked, [_answered(one) for one in answers])
        lines = by_line.keys()
        self.plan.changes = [one for one in self.plan.changes if one.asked.line not in lines]

    # ── the answer

    def _show(self, stopped: bool) -> None:
        if self.desk.look.as_json:
            self.desk.screen.data(self._data(stopped))
            return
        say = self.desk.screen.say
        if stopped:
            say("Nothing was changed: with --atomic it is all or none.")
        elif not self.plan.changes:
            say(self._nothing())
        else:
            say(self._told())
            self._totals()
        if self.wanted.dry_run and self.plan.changes:
            self._preview()
        self._refused()

    def _nothing(self) -> str:
        if self.plan.unchanged:
            same = count(self.plan.unchanged, "account is", "accounts are")
            return f"Nothing changes: {same} as the file says."
        return "Nothing changes." if self.report.rows else "Nothing changes: the file has no rows."

    def _told(self) -> str:
        plan, number = self.plan, len(self.plan.changes)
        verb = "would be" if self.wanted.dry_run else "was" if number == 1 else "were"
        said = f"{count(number, 'account')} {verb} changed"
        said += f", {plan.created:,} of them started" if plan.created else ""
        same = f"{plan.unchanged:,} {'is' if plan.unchanged == 1 else 'are'} as the file says"
        said += f"; {same}." if plan.unchanged else "."
        if self.wanted.dry_run:
            return f"{said} Nothing was."
        return f"{said} ({plan.seconds:.1f} s, {plan.rows / plan.seconds:,.0f} rows a second)"

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
            "file": str(self.wanted.file),
            "dry_run": self.wanted.dry_run,
            "nothing_applied": stopped,
            "changed": 0 if stopped else len(plan.changes),
            "started": 0 if stopped else plan.created,
            "unchanged": plan.unchanged,
            "by_column": {} if stopped else plan.by_column(),
            "changes": [_change_data(one) for one in plan.changes[:SHOWN]]
            if self.wanted.dry_run
            else [],
            "seconds": round(plan.seconds, 2),
            "rows": rows_data(self.report),
        }


def _next(rows: Iterable[Asked | Remark]) -> list[Asked | Remark]:
    return [row for _, row in zip(range(BATCH), rows, strict=False)]


def _unknown(header: str, asked: Asked, refusal: Refusal) -> Wrong:
    return Wrong(header, asked.account, str(refusal), f"{header}: unknown account")


def _answered(answered: Answered) -> Wrong:
    """Which cell a refused command was made of: the stage's; fields are told together."""
    refusal, lifecycle = answered.refusal, answered.command.get("lifecycle")
    column = str(lifecycle or ", ".join(answered.command.get("fields", {})))
    stages = {one.column.header: one.after for one in answered.change.differences}
    return Wrong(column, stages.get(column, ""), str(refusal), f"{column}: {general(refusal)}")


def _change_data(change: Change) -> dict[str, Any]:
    return {
        "line": change.asked.line,
        "account": change.asked.account,
        "starts": change.creates,
        "columns": {
            one.column.header: {"now": one.before, "then": one.after} for one in change.differences
        },
    }
