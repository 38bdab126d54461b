"""`definitions publications`, `publication`, `roll-on`, `roll-back`, `stop`: versions on their way to accounts (N7)."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from typing import Annotated, Final

import typer
from rich.text import Text

from lifecycle import contract
from lifecycle.core.refusal import Refusal
from lifecycle.publication_orders import check_order
from lifecycle.store.publication_tables import PublicationStatus, Verdict
from lifecycle.telling.bringing_back import foresee_back
from lifecycle.telling.data import plain
from lifecycle.telling.pace import by_command
from lifecycle.telling.phrases import count
from lifecycle.telling.publication import (
    VERDICTS,
    View,
    all_publications,
    data_of,
    how_long,
    lives,
    outcome_words,
    promise_words,
    publication_named,
    standing_words,
    what_roll_on_does,
)

from . import completing
from . import options as o
from .desk import Desk, Look, work
from .manners import Problems
from .progress import progress, step
from .screen import columns

S = PublicationStatus
TELLING: Final = (S.TRYING, S.ROLLING_ON, S.ROLLING_BACK)
LOOK_EVERY: Final = 0.3
SHOWN: Final = 20
STYLES: Final = {S.STOPPED: "red", S.ROLLED_BACK: "yellow", S.DONE: ""}
Name = Annotated[
    str,
    typer.Argument(
        help="The publication's name, such as customer_journey-8.",
        autocompletion=completing.publications,
        show_default=False,
    ),
]
LookNow = Annotated[bool, typer.Option("--look", help="Look at the accounts of its share now.")]
Only = Annotated[
    Verdict | None,
    typer.Option("--only", help="Only accounts that live so.", show_default=False),
]
All = Annotated[bool, typer.Option("--all", help="Every account, not the first ones only.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Detach = Annotated[bool, typer.Option("--detach", help="Do not wait until the accounts are told.")]


# ── looking


def publications_(as_json: o.AsJson = False, utc: o.InUtc = False) -> None:
    """List the publications, the latest first, with where each stands."""
    work(_list, Look(as_json, utc))


async def _list(desk: Desk) -> None:
    views = await all_publications(await desk.store())
    if desk.look.as_json:
        desk.screen.data({"publications": [data_of(view) for view in views]})
        return
    if not views:
        desk.screen.say("Nothing was handed over yet: `definitions publish` does it.")
        return
    names = ("Publication", "What", "Status", "Share", "Accounts", "When", "By")
    table = columns(*names, right=names[3:5], keep=["Publication", "Status"])
    for view in views:
        row = view.row
        status = Text(row.status.value, style=STYLES.get(row.status, "green"))
        share = f"{view.progress.share} %"
        told = f"{view.told:,}"
        table.add_row(row.name, row.title, status, share, told, desk.moment(row.at), row.actor)
    desk.screen.table(table, by=0)


def publication(
    name: Name,
    look: LookNow = False,
    only: Only = None,
    everything: All = False,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """Show a publication: where it stands, what was promised and what happened, account by account."""

    async def show(desk: Desk) -> None:
        if look:
            await (await desk.publications()).look(name, actor=desk.actor)
        await _show(desk, name, only, 1_000_000 if everything else SHOWN)

    work(show, Look(as_json, utc))


async def _show(desk: Desk, name: str, only: Verdict | None, limit: int) -> None:
    viewer = await desk.viewer()
    view = await publication_named(viewer.store, name)
    found = await lives(viewer, name, only, limit=limit)
    if desk.look.as_json:
        desk.screen.data({**data_of(view), "lives": plain(found)})
        return
    _say(desk, view)
    if found:
        desk.screen.heading("Account by account")
        table = columns("Account", "It lives", "What happened", "Why", keep=["Account", "It lives"])
        for one in found:
            happened = "; ".join(one.happened) or "nothing yet"
            table.add_row(one.name, VERDICTS[one.verdict], happened, one.why)
        desk.screen.table(table)
    if len(found) == limit:
        desk.screen.indented("and more: --all shows every account, --only some")


def _say(desk: Desk, view: View) -> None:
    row, say = view.row, desk.screen.say
    say(Text(row.title, style="bold"))
    if row.said:
        say(row.said)
    say(standing_words(view, desk.zone), STYLES.get(row.status) or "green")
    if row.reason:
        desk.screen.indented(f"{row.reason[0].upper()}{row.reason[1:]}")
    if view.progress.total:
        desk.screen.indented(f"Of {count(view.progress.total, 'account')}: {outcome_words(view)}.")
    if said := promise_words(view):
        desk.screen.indented(said)
    if view.counted:
        desk.screen.heading("Promised and happened")
        table = columns("", "Promised", "Happened", right=["Promised", "Happened"])
        for one in view.counted:
            table.add_row(one.name, f"{one.promised:,}", f"{one.happened:,}")
        desk.screen.table(table)
    _say_next(desk, view)
    if {"failed", "refused", "kept"} & view.progress.items.keys():
        desk.screen.indented(f"Which and why: lifecycle admin changes show {row.change_set}")


def _say_next(desk: Desk, view: View) -> None:
    """While it is tried: how to follow it and end it."""
    name, orders = view.row.name, view.orders
    if view.row.status in {S.WATCHING, S.STOPPED}:
        next_ones = [f"publication {name} --look"]
        next_ones += [f"roll-on {name}"] * (contract.ROLL_ON in orders)
        next_ones += [f"roll-back {name} --reason …"] * (contract.ROLL_BACK in orders)
        for one in next_ones:
            desk.screen.indented(Text(f"lifecycle admin definitions {one}", style="dim"))


# ── orders


def roll_on(
    name: Name,
    reason: o.MaybeReason = "",
    yes: Yes = False,
    detach: Detach = False,
    who: o.As = None,
    as_json: o.AsJson = False,
) -> None:
    """The version holds for all accounts, and all are told."""
    work(lambda desk: _roll_on(desk, name, reason, yes, detach), Look(as_json, actor=who))


async def _roll_on(desk: Desk, name: str, reason: str, yes: bool, detach: bool) -> None:
    store = await desk.store()
    view = await publication_named(store, name)
    check_order(view.row, contract.ROLL_ON)
    takes = await how_long(store, view.row, view.waiting, by_command(view.row.change_set))
    _say_lines(desk, [*what_roll_on_does(view), *takes])
    title = view.row.title
    _confirm(desk, yes, f"{title} would be rolled on to all accounts.", f"Roll {title} on?")
    await _order(desk, name, contract.ROLL_ON, reason)
    await follow(desk, name, detach)


def _say_lines(desk: Desk, lines: Iterable[tuple[str, str]]) -> None:
    """What an order does, before it is asked for."""
    if not desk.look.as_json:
        for _, line in lines:
            desk.screen.indented(line)


def _confirm(desk: Desk, yes: bool, said: str, question: str) -> None:
    """A person at a terminal is asked, a program says --yes."""
    if yes:
        return
    if desk.look.as_json or not sys.stdin.isatty():
        raise Refusal("not_confirmed", said, "Give --yes to do it.")
    typer.confirm(question, abort=True)


def roll_back(
    name: Name,
    reason: o.Reason,
    yes: Yes = False,
    detach: Detach = False,
    who: o.As = None,
    as_json: o.AsJson = False,
) -> None:
    """Bring the version before back: what the newer one did by itself is undone, account by account."""
    work(lambda desk: _roll_back(desk, name, reason, yes, detach), Look(as_json, actor=who))


async def _roll_back(desk: Desk, name: str, reason: str, yes: bool, detach: bool) -> None:
    store = await desk.store()
    view = await publication_named(store, name)
    check_order(view.row, contract.ROLL_BACK)
    seen = await foresee_back(store, view.row, desk.now)
    takes = await how_long(store, view.row, seen.total, by_command(view.row.change_set))
    _say_lines(desk, [*seen.lines(), *takes])
    if not desk.look.as_json:
        for account, why in seen.kept[:SHOWN]:
            desk.screen.indented(Text(f"{account}: {why}", style="yellow"))
    before = f"version {view.row.before}"
    _confirm(desk, yes, f"{before.capitalize()} would be brought back.", f"Bring {before} back?")
    await _order(desk, name, contract.ROLL_BACK, reason)
    await follow(desk, name, detach)


def stop(
    name: Name, reason: o.MaybeReason = "", who: o.As = None, as_json: o.AsJson = False
) -> None:
    """Tell no more accounts; those that were told keep it until it is rolled on or back."""

    async def go(desk: Desk) -> None:
        await _order(desk, name, contract.STOP, reason)
        await follow(desk, name, detach=True)

    work(go, Look(as_json, actor=who))


async def _order(desk: Desk, name: str, order: str, reason: str) -> None:
    await publication_named(await desk.store(), name)
    await (await desk.publications()).order(name, order, actor=desk.actor, reason=reason)


# ── following


async def follow(desk: Desk, name: str, detach: bool = False) -> None:
    """Look on until the accounts are told; Ctrl-C ends the looking only. Some that failed make the exit status 1."""
    view = await publication_named(await desk.store(), name)
    if not detach:
        try:
            view = await _until_told(desk, view)
        except asyncio.CancelledError:
            said = f"It goes on without you: lifecycle admin definitions publication {name}"
            desk.screen.say(said)
            return
    if desk.look.as_json:
        desk.screen.data(data_of(view))
    else:
        _say(desk, view)
    if view.row.status is S.STOPPED or view.progress.items.get("failed"):
        raise Problems


async def quietly(desk: Desk, name: str) -> None:
    """The same for programs, which have their answer already."""
    view = await _until_told(desk, await publication_named(await desk.store(), name))
    if view.row.status is S.STOPPED or view.progress.items.get("failed"):
        raise Problems


async def _until_told(desk: Desk, view: View) -> View:
    store, name = await desk.store(), view.row.name
    back = view.row.status is S.ROLLING_BACK
    with progress(not desk.look.as_json) as shown:
        moved = step(shown, "Taking back" if back else "Telling", view.progress.left, "accounts")
        left = view.progress.left
        while view.row.status in TELLING:
            await asyncio.sleep(LOOK_EVERY)
            view = await publication_named(store, name)
            moved(left - view.progress.left)
            left = view.progress.left
    return view
