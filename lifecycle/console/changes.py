"""`changes`: change-sets followed and ordered about: list, show, pause, resume, stop, undo, retry, pace."""

from __future__ import annotations

import sys
from typing import Annotated, Final

import typer
from rich.text import Text

from lifecycle import contract
from lifecycle.core.refusal import Refusal
from lifecycle.store.change_items import WantedLines
from lifecycle.store.change_tables import ItemStatus
from lifecycle.telling.changes import (
    View,
    all_changes,
    became_data,
    became_of,
    change_named,
    data_of,
    what_undo_does,
)
from lifecycle.telling.pace import by_command, pace_words

from . import completing
from . import options as o
from .change_view import STYLES, follow, say_head, say_progress, styled
from .desk import Desk, Look, work
from .manners import Polite, Problems
from .screen import columns

app: Final = typer.Typer(
    cls=Polite,
    no_args_is_help=True,
    help="Changes of many accounts: how far each is; pause, resume, stop, undo, try again.",
)
SHOWN: Final = 20
Name = Annotated[
    str,
    typer.Argument(
        help="The change-set's name.", autocompletion=completing.changes, show_default=False
    ),
]
Status = Annotated[
    ItemStatus | None,
    typer.Option("--status", help="Only what came to this.", show_default=False),
]
All = Annotated[bool, typer.Option("--all", help="Every account, not the first ones only.")]
NewPace = Annotated[
    str, typer.Argument(metavar="60|none", help="So many a minute.", show_default=False)
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Detach = Annotated[bool, typer.Option("--detach", help="Do not wait until it is through.")]


# ── looking


@app.command("list")
def list_(as_json: o.AsJson = False, utc: o.InUtc = False) -> None:
    """List the change-sets, the latest first."""
    work(_list, Look(as_json, utc))


async def _list(desk: Desk) -> None:
    views = await all_changes(await desk.viewer())
    if desk.look.as_json:
        desk.screen.data({"changes": [data_of(view) for view in views]})
        return
    if not views:
        desk.screen.say("There is none yet: lifecycle admin change --help tells how to begin one.")
        return
    names = ("Change-set", "What", "Status", "Done", "Refused", "Failed", "Waiting", "Began", "By")
    table = columns(*names, right=names[3:7], keep=["Change-set", "Status"])
    for view in views:
        row, of = view.row, view.counts
        done = of.get(ItemStatus.UNDONE if row.back else ItemStatus.DONE, 0)
        numbers = (done, of.get(ItemStatus.REFUSED, 0), view.failed, view.waiting)
        table.add_row(
            row.name,
            row.title,
            Text(view.status, style=STYLES[row.status]),
            *(f"{number:,}" for number in numbers),
            desk.moment(row.at),
            row.actor,
        )
    desk.screen.table(table, by=0)


@app.command()
def show(
    name: Name,
    status: Status = None,
    everything: All = False,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """Show how far a change-set is, and what came of it account by account."""
    limit = 1_000_000 if everything else SHOWN
    work(lambda desk: _show(desk, name, WantedLines(status, limit=limit)), Look(as_json, utc))


async def _show(desk: Desk, name: str, wanted: WantedLines) -> None:
    told = await became_of(await desk.viewer(), name, wanted)
    if desk.look.as_json:
        desk.screen.data(became_data(told))
        return
    say_head(desk, told.view)
    say_progress(desk, told.view)
    if told.reasons:
        desk.screen.heading("Not as wanted, and why")
        table = columns("Accounts", "Status", "Reason", right=["Accounts"], keep=["Status"])
        for status, reason, number in told.reasons:
            table.add_row(f"{number:,}", styled(told.view, status), reason)
        desk.screen.table(table)
    if told.lines:
        desk.screen.heading("The accounts" if told.after is None else f"The first {SHOWN}")
        table = columns("Account", "Name", "Status", "When", "Reason", keep=["Account", "Status"])
        for line in told.lines:
            when = desk.moment(line.at) if line.at else ""
            word = styled(told.view, line.status)
            table.add_row(line.account, line.name, word, when, line.reason)
        desk.screen.table(table)
    if told.after is not None:
        desk.screen.indented("and more: --all shows every account, --status only some")


# ── orders


@app.command()
def pause(
    name: Name, reason: o.MaybeReason = "", who: o.As = None, as_json: o.AsJson = False
) -> None:
    """Give no more commands until it is resumed."""
    _order(name, contract.PAUSE, reason, Look(as_json, actor=who))


@app.command()
def resume(
    name: Name, reason: o.MaybeReason = "", who: o.As = None, as_json: o.AsJson = False
) -> None:
    """Go on with one that is paused, or that nobody is at any more."""
    _order(name, contract.RESUME, reason, Look(as_json, actor=who))


@app.command()
def stop(name: Name, reason: o.Reason, who: o.As = None, as_json: o.AsJson = False) -> None:
    """Give no more commands, for good. What was done stays; undo takes it back."""
    _order(name, contract.STOP, reason, Look(as_json, actor=who))


@app.command()
def undo(
    name: Name,
    reason: o.Reason,
    yes: Yes = False,
    detach: Detach = False,
    who: o.As = None,
    as_json: o.AsJson = False,
) -> None:
    """Take back all that it did, the newest first; what has something newer on it is kept and listed."""
    work(lambda desk: _undo(desk, name, reason, yes, detach), Look(as_json, actor=who))


async def _undo(desk: Desk, name: str, reason: str, yes: bool, detach: bool) -> None:
    viewer = await desk.viewer()
    view = await change_named(viewer, name)
    if not desk.look.as_json:
        for _, line in await what_undo_does(viewer, view, by_command(name)):
            desk.screen.indented(line)
    if not yes:
        if desk.look.as_json or not sys.stdin.isatty():
            raise Refusal("not_confirmed", f"{name} would be undone.", "Give --yes to undo it.")
        typer.confirm(f"Undo {name}?", abort=True)
    await (await desk.changes()).order(name, contract.UNDO, actor=desk.actor, reason=reason)
    if await follow(desk, name, detach):
        raise Problems


@app.command()
def retry(
    name: Name, reason: o.MaybeReason = "", who: o.As = None, as_json: o.AsJson = False
) -> None:
    """Try again where an account failed, or could not be taken back."""
    _order(name, contract.RETRY, reason, Look(as_json, actor=who))


@app.command()
def pace(
    name: Name,
    to: NewPace,
    reason: o.MaybeReason = "",
    who: o.As = None,
    as_json: o.AsJson = False,
) -> None:
    """Give it another pace, from its next command on."""
    if to.lower() != "none" and not to.isdecimal():
        raise typer.BadParameter(
            "A pace is a whole number a minute, or none.", param_hint="60|none"
        )
    per_minute = None if to.lower() == "none" else int(to)
    _order(name, contract.SET_PACE, reason, Look(as_json, actor=who), per_minute)


def _order(name: str, wanted: str, reason: str, look: Look, per_minute: int | None = None) -> None:
    async def give(desk: Desk) -> None:
        await change_named(await desk.viewer(), name)
        changes = await desk.changes()
        await changes.order(name, wanted, actor=desk.actor, reason=reason, per_minute=per_minute)
        view = await change_named(await desk.viewer(), name)
        if desk.look.as_json:
            desk.screen.data(data_of(view))
        else:
            desk.screen.say(_said(view, wanted))

    work(give, look)


def _said(view: View, wanted: str) -> str:
    if wanted == contract.SET_PACE:
        pace = pace_words(view.row.per_minute)
        return f"{view.row.name}: {pace} from now on; it is {view.status}."
    return f"{view.row.name} is {view.status}."
