"""`start`, `start-many`: accounts by arguments and from a CSV file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lifecycle.commanding import Done
from lifecycle.contract import Answer
from lifecycle.core.values import Value
from lifecycle.importing.report import Outcome, RowReport
from lifecycle.importing.rows import Reader, account_id
from lifecycle.importing.starting import Tally, Wanted, read_list, start_all
from lifecycle.store.definitions import current_book
from lifecycle.telling.phrases import count

from . import completing
from . import options as o
from .commands import assignments, show_done
from .desk import Desk, Look, work
from .manners import Problems
from .progress import progress, step
from .rows import Report, report_for, rows_data, show_rows

NewAccount = Annotated[
    str, typer.Argument(help="The account's id in the CRM; an existing one gets the fields.")
]
Fields = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="NAME=VALUE...",
        help="Fields and their values.",
        autocompletion=completing.fields,
        show_default=False,
    ),
]
File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE.csv",
        help="A column `account`, the others named as fields; an empty cell changes nothing.",
        show_default=False,
    ),
]
Atomic = Annotated[bool, typer.Option("--atomic", help="Start all of them, or none.")]
Delimiter = Annotated[
    str, typer.Option("--delimiter", help="What stands between cells: `;`, `tab`.")
]


def start(
    account: NewAccount,
    fields: Fields = None,
    who: o.As = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """Start an account, or set fields of one that is there."""
    wanted = assignments(fields or [])

    async def begin(desk: Desk) -> None:
        name = account_id(account)
        client = await desk.client()
        answer = await client.start(name, wanted, actor=desk.actor)
        await show_done(desk, Done(name, answer))

    work(begin, Look(as_json, utc, who))


def start_many(
    file: File,
    atomic: Atomic = False,
    delimiter: Delimiter = ",",
    report: Report = None,
    who: o.As = None,
    as_json: o.AsJson = False,
) -> None:
    """Start the accounts of a CSV file. Good rows are applied, bad ones come back; then the status is 1."""
    cells = "\t" if delimiter == "tab" else delimiter
    if len(cells) != 1:
        raise typer.BadParameter("It is one character, or `tab`.", param_hint="--delimiter")
    rows = report_for(file, report)
    work(lambda desk: _Many(desk, file, cells, rows).run(atomic), Look(as_json, actor=who))


class _Many:
    """One file of accounts."""

    def __init__(self, desk: Desk, file: Path, delimiter: str, report: RowReport) -> None:
        self.desk, self.file, self.delimiter, self.report = desk, file, delimiter, report

    async def run(self, atomic: bool) -> None:
        book, _ = await current_book(await self.desk.store())
        reader = Reader(book, "starter", self.desk.now, self.desk.now)
        wanted = read_list(self.file, self.delimiter, reader, self.report)
        stopped = atomic and self.report.rows[Outcome.REFUSED] > 0
        tally = Tally() if stopped else await self._start(wanted)
        self.report.close()
        self._show(tally, stopped)
        if self.report.rows[Outcome.REFUSED]:
            raise Problems

    async def _start(self, wanted: list[Wanted]) -> Tally:
        client, actor = await self.desk.client(), self.desk.actor

        async def begin(account: str, fields: dict[str, Value]) -> Answer:
            return await client.start(account, fields, actor=actor)

        with progress(not self.desk.look.as_json) as bar:
            done = step(bar, "Starting", len(wanted), "accounts")
            return await start_all(wanted, begin, self.file.name, self.report, done)

    def _show(self, tally: Tally, stopped: bool) -> None:
        if self.desk.look.as_json:
            self.desk.screen.data({"accounts": tally, "rows": rows_data(self.report)})
            return
        if stopped:
            self.desk.screen.say("Nothing was started: with --atomic it is all or none.")
        else:
            said = f"{count(len(tally.started), 'account')} started"
            said += f", {len(tally.changed):,} changed, {len(tally.unchanged):,} as they were."
            self.desk.screen.say(said)
        show_rows(self.desk, self.report)
