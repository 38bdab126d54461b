"""`suppressions`: addresses that no mail to contacts goes to; who unsubscribed, whom an operator keeps out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.files.reading import open_sheet
from lifecycle.importing.report import Remark, RowReport
from lifecycle.importing.sheets import BadRow, Row
from lifecycle.mail import InvalidAddress, mailbox
from lifecycle.store.suppression import Wanted, suppress, suppressions
from lifecycle.store.tables import SuppressedRow
from lifecycle.telling.keeping_out import addresses_asked, by_whom, let_in_again, lifted_by
from lifecycle.telling.phrases import count

from . import completing
from . import options as o
from .desk import Desk, Look, work
from .manners import Problems
from .rows import Report, report_for, rows_data, show_rows
from .screen import columns

app: Final = typer.Typer(help="Addresses that no mail to contacts goes to.")
NAMES: Final = ("address", "email", "e-mail", "mail")

Search = Annotated[
    str | None,
    typer.Option("--search", help="Only with this in address or reason.", show_default=False),
]
Lifted = Annotated[bool, typer.Option("--lifted", help="Those that were lifted as well.")]
Limit = Annotated[int, typer.Option(min=1, max=500, help="At most this many, the latest.")]
Before = Annotated[
    int | None, typer.Option(help="The next page: those before this number.", show_default=False)
]
Addresses = Annotated[
    list[str] | None,
    typer.Argument(help="Addresses to keep out.", show_default=False),
]
Address = Annotated[
    str,
    typer.Argument(help="The address.", autocompletion=completing.suppressed, show_default=False),
]
From = Annotated[
    Path | None,
    typer.Option(
        "--from",
        metavar="FILE",
        help="A list as CSV or Excel: a column `address`, and `reason` where each has its own.",
        show_default=False,
    ),
]


# ── list


@app.command("list")
def list_(
    search: Search = None,
    lifted: Lifted = False,
    limit: Limit = 50,
    before: Before = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """List suppressed addresses, the latest first: why, since when, and by whom."""
    wanted = Wanted(search or "", lifted, before, limit + 1)
    work(lambda desk: _list(desk, wanted), Look(as_json, utc))


@app.callback(invoke_without_command=True)
def alone(  # noqa: PLR0913, PLR0917 - as `list`
    ctx: typer.Context,
    search: Search = None,
    lifted: Lifted = False,
    limit: Limit = 50,
    before: Before = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """Addresses that no mail to contacts goes to. Alone it lists."""
    if ctx.invoked_subcommand is None:
        list_(search, lifted, limit, before, as_json, utc)


async def _list(desk: Desk, wanted: Wanted) -> None:
    found = await suppressions(await desk.store(), wanted)
    rows, more = found[: wanted.limit - 1], len(found) == wanted.limit
    if desk.look.as_json:
        before = rows[-1].id if more else None
        desk.screen.data({"suppressions": [row.model_dump() for row in rows], "before": before})
        return
    if not rows:
        desk.screen.say("None.")
        return
    _show(desk, rows)
    if more:
        desk.screen.say(Text(f"There is more: --before {rows[-1].id}", style="dim"))


def _show(desk: Desk, rows: list[SuppressedRow]) -> None:
    table = columns("Address", "Since", "By", "Why", keep=["Since"])
    for row in rows:
        since = desk.moment(row.at)
        table.add_row(Text(row.address), since, Text(by_whom(row)), Text(_why(desk, row)))
    desk.screen.table(table, by=0)
    desk.screen.say()
    desk.screen.say(Text(f"{count(len(rows), 'row')}.", style="dim"))


def _why(desk: Desk, row: SuppressedRow) -> str:
    if row.lifted_at is None:
        return row.why
    return f"{row.why}; lifted {desk.moment(row.lifted_at)} by {lifted_by(row)}"


# ── add


@dataclass(slots=True)
class Listed:
    """Addresses by the reason each is kept out for."""

    reason: str
    found: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, address: str, reason: str | None = None) -> None:
        """Raises `InvalidAddress`."""
        self.found[reason or self.reason].append(mailbox(address).email)


@app.command("add")
def add(
    addresses: Addresses = None,
    reason: o.Reason = "",
    file: From = None,
    report: Report = None,
    who: o.As = None,
    as_json: o.AsJson = False,
) -> None:
    """Keep addresses out of all mail to contacts. Of a list, good rows are taken and bad ones told (status 1)."""
    work(
        lambda desk: _add(desk, addresses or [], reason.strip(), file, report),
        Look(as_json, actor=who),
    )


async def _add(
    desk: Desk, addresses: list[str], reason: str, file: Path | None, chosen: Path | None
) -> None:
    _check_asked(addresses, reason, file)
    listed = Listed(reason)
    for address in addresses_asked(addresses):
        listed.add(address)
    report = RowReport()
    if file is not None:
        report = report_for(file, chosen)
        _read(file, listed, report)
        report.close()
    new = await _keep_out(desk, listed)
    _tell_added(desk, listed, new, report)
    if report.first:
        raise Problems


def _check_asked(addresses: list[str], reason: str, file: Path | None) -> None:
    if not reason:
        raise Refusal("missing", "Why are they kept out?", "Say it with --reason TEXT.", "reason")
    if not addresses and file is None:
        raise Refusal("missing", "Which addresses?", "Name them, or a list with --from FILE.")


def _read(file: Path, listed: Listed, report: RowReport) -> None:
    """Every row of a list; what cannot be taken goes into the report."""
    sheet = open_sheet(file)
    column = _column(file, sheet.columns)
    for row in sheet.rows():
        if remark := _row(file, column, row, listed):
            report.add([remark])


def _column(file: Path, names: tuple[str, ...]) -> str:
    found = next((name for name in names if name.strip().lower() in NAMES), None)
    if found is None:
        said = f"{file} has no column `address`."
        remedy = f"Its first line names: {', '.join(names)}. {did_you_mean('address', names)}"
        raise Refusal("no_column", said, remedy.strip(), "address")
    return found


def _row(file: Path, column: str, row: Row | BadRow, listed: Listed) -> Remark | None:
    if isinstance(row, BadRow):
        return Remark(file.name, row.line, "", row.excerpt, row.reason, "unreadable row")
    value = str(row.cells.get(column) or "")
    try:
        listed.add(value, str(row.cells.get("reason") or ""))
    except InvalidAddress as error:
        return Remark(file.name, row.line, column, value, str(error), f"{column}: {error.reason}")
    return None


async def _keep_out(desk: Desk, listed: Listed) -> list[str]:
    store, new = await desk.store(), list[str]()
    for reason, addresses in listed.found.items():
        new += await suppress(store, addresses, reason, desk.actor, desk.now)
    return new


def _tell_added(desk: Desk, listed: Listed, new: list[str], report: RowReport) -> None:
    asked = {one.casefold() for addresses in listed.found.values() for one in addresses}
    there = len(asked) - len(new)
    if desk.look.as_json:
        answer: dict[str, Any] = {"added": new, "there_already": there}
        desk.screen.data({**answer, "rows": rows_data(report)} if report.path else answer)
        return
    said = f"{count(len(new), 'address', 'addresses')} kept out from now on."
    desk.screen.say(
        f"{said} {there:,} {'was' if there == 1 else 'were'} already." if there else said
    )
    show_rows(desk, report)


# ── remove


@app.command("remove")
def remove(
    address: Address, reason: o.Reason = "", who: o.As = None, as_json: o.AsJson = False
) -> None:
    """Let mail go to an address again, also to one that unsubscribed: say who wished so."""
    work(lambda desk: _remove(desk, address, reason.strip()), Look(as_json, actor=who))


async def _remove(desk: Desk, address: str, reason: str) -> None:
    if not reason:
        raise Refusal(
            "missing", "Why may it be mailed again?", "Say it with --reason TEXT.", "reason"
        )
    store = await desk.store()
    ended = await let_in_again(store, address, reason, desk.actor, desk.now)
    if desk.look.as_json:
        desk.screen.data({"address": address.casefold(), "lifted": ended})
    else:
        desk.screen.say(f"{address} may be mailed again.")
