"""`erase`: a person's data go from database, mail and Temporal's histories; the numbers stay (N12)."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.text import Text

from lifecycle.core.refusal import Refusal
from lifecycle.store.erasing_tables import ErasureRow
from lifecycle.store.erasures import erasure_row, erasures
from lifecycle.telling.erasing import (
    NOT_FOUND,
    Asked,
    Erased,
    Preview,
    begin,
    erased,
    erased_data,
    preview,
    preview_data,
    who,
)

from . import completing
from . import options as o
from .desk import Desk, Look, work
from .screen import columns

if TYPE_CHECKING:
    from lifecycle.erasing import Erasures

LOOK_EVERY: Final = 0.2
BEGUN_WITHIN: Final = 100
"""Looks after which somebody should have begun."""

MaybeAccount = Annotated[
    str | None,
    typer.Argument(
        metavar="[ACCOUNT]",
        help="The account's id, or its name. Without one, --person with an address: in every account.",
        autocompletion=completing.accounts,
        show_default=False,
    ),
]
Person = Annotated[
    str,
    typer.Option(
        "--person",
        metavar="ADDRESS|ROLE",
        help="Only this person: an e-mail address, or a role such as contact. Default: everybody"
        " known of the account.",
        show_default=False,
    ),
]
Also = Annotated[
    list[str] | None,
    typer.Option(
        "--also",
        metavar="TEXT",
        help="Look for this, too: a first name, a nickname. May be given several times.",
        show_default=False,
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would go.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask for the account's name.")]
List = Annotated[bool, typer.Option("--list", help="Show what was erased, and when.")]


def erase(  # noqa: PLR0913, PLR0917 - one parameter per option
    account: MaybeAccount = None,
    person: Person = "",
    also: Also = None,
    reason: o.MaybeReason = "",
    dry_run: DryRun = False,
    yes: Yes = False,
    listed: List = False,
    who: o.As = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """Erase a person: their data go, the numbers stay. Not undone by anything. May be repeated."""
    asked, look = Asked(account or "", person, tuple(also or ())), Look(as_json, utc, who)
    if listed:
        work(lambda desk: _list(desk, account), look)
    else:
        work(lambda desk: _erase(desk, asked, reason, dry_run, yes), look)


async def _erase(desk: Desk, asked: Asked, reason: str, dry_run: bool, yes: bool) -> None:
    viewer = await desk.viewer()
    found = await preview(viewer, desk.settings, asked)
    if not desk.look.as_json:
        _show(desk, found)
    if dry_run or found.is_empty:
        if desk.look.as_json:
            desk.screen.data(preview_data(found))
        return
    _confirm(desk, found, yes)
    row = await begin(viewer, await _client(desk), found, desk.actor, reason)
    done = erased(await _until_done(desk, row))
    if desk.look.as_json:
        desk.screen.data(erased_data(done))
    else:
        _tell(desk, done)


async def _client(desk: Desk) -> Erasures:
    from lifecycle.connection import connect
    from lifecycle.erasing import Erasures

    return Erasures(await connect(desk.settings), desk.settings.task_queue)


# ── before


def _show(desk: Desk, found: Preview) -> None:
    if found.is_empty:
        desk.screen.say(f"There is nothing to erase: {who(found)}.")
        return
    desk.screen.say(Text(f"Erase {who(found)}", style="bold"))
    for one in found.accounts:
        fields = ", ".join(one.fields) or "no field, only what is told of them"
        desk.screen.indented(f"{one.name}: {fields}")
    for line in found.going:
        desk.screen.indented(line.said)
    desk.screen.indented(found.outside)
    desk.screen.say(
        "Counts, dates, stages and the hash chain stay. What was done before cannot be undone then."
    )
    desk.screen.say(NOT_FOUND, style="dim")
    if found.elsewhere:
        said = f"Also known in {', '.join(found.elsewhere)}: --person ADDRESS without an account takes all."
        desk.screen.say(said, style="yellow")


def _confirm(desk: Desk, found: Preview, yes: bool) -> None:
    """A person at a terminal types the name; a program says --yes."""
    if yes:
        return
    if desk.look.as_json or not sys.stdin.isatty():
        said = "This cannot be taken back."
        raise Refusal("not_confirmed", said, "Give --yes to do it, or --dry-run to look first.")
    wanted = found.name or "erase"
    typed = typer.prompt(f"Type {wanted!r} to erase for good", default="", show_default=False)
    if typed.strip() != wanted.strip():
        raise Refusal("not_confirmed", f"That is not {wanted!r}: nothing was erased.")


# ── while and after


async def _until_done(desk: Desk, row: ErasureRow) -> ErasureRow:
    from lifecycle.client import NoWorker

    store, said, looks = await desk.store(), "", 0
    while row.done_at is None:
        await asyncio.sleep(LOOK_EVERY)
        row = await erasure_row(store, row.id)
        looks += 1
        if row.step and row.step != said and not desk.look.as_json:
            desk.screen.say(f"{row.step} …", style="dim")
        said = row.step or said
        if not said and looks > BEGUN_WITHIN and row.done_at is None:
            raise NoWorker(
                f"No worker has begun the erasure {row.id}. It is recorded and begins as soon as one runs:"
                " lifecycle worker."
            )
    return row


def _tell(desk: Desk, done: Erased) -> None:
    for line in done.going:
        desk.screen.indented(f"gone: {line.said}")
    for left in done.left:
        desk.screen.indented(f"left: {left}", style="yellow")
    where = ", ".join(done.accounts) or "no account"
    desk.screen.say(f"Erased on {desk.moment(done.done_at)} by {done.actor}: {where}.")


async def _list(desk: Desk, account: str | None) -> None:
    from lifecycle.store.accounts import find_account

    store = await desk.store()
    of = (await find_account(store, account)).id if account else ""
    found = [erased(row) for row in await erasures(store, of)]
    if desk.look.as_json:
        desk.screen.data({"erasures": [erased_data(one) for one in found]})
        return
    if not found:
        desk.screen.say("Nobody was erased.")
        return
    table = columns("asked", "done", "by", "accounts", "went", "left")
    for one in found:
        went = sum(line.number for line in one.going)
        table.add_row(
            desk.moment(one.at),
            desk.moment(one.done_at) if one.done_at else one.step or "waits",
            one.actor,
            ", ".join(one.accounts),
            f"{went:,}",
            "; ".join(one.left),
        )
    desk.screen.table(table)
