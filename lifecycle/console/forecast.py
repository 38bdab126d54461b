"""`forecast`: what will happen to an account if nothing else does (N4)."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from lifecycle.core.changes import Entry
from lifecycle.telling.accounts import Found
from lifecycle.telling.audience import Asked
from lifecycle.telling.foretold import MOST, foretold, foretold_data
from lifecycle.telling.phrases import count, distance
from lifecycle.telling.story import Told

from . import options as o
from .accounts import find_when, say_when
from .audience import AsKnownNow, AsOfDay, Known, when
from .desk import Desk, Look, work
from .screen import columns

Days = Annotated[int, typer.Option(min=1, max=3660, help="How far to look ahead.")]


def forecast(  # noqa: PLR0913, PLR0917 - one parameter per option
    account: o.Account,
    days: Days = 90,
    as_of: AsOfDay = None,
    known: Known = None,
    as_known_now: AsKnownNow = False,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """Tell what will happen to an account, and when, if nothing else does; with --as-of what was foretold."""
    asked = when(as_of, known, as_known_now)
    work(lambda desk: _forecast(desk, account, days, asked), Look(as_json, utc))


async def _forecast(desk: Desk, account: str, days: int, asked: Asked) -> None:
    found = await find_when(desk, account, asked)
    told = foretold(found, days, desk.zone)
    if desk.look.as_json:
        desk.screen.data(foretold_data(told))
        return
    await say_when(desk, found)
    _show(desk, found, told.entries, days)


def _show(desk: Desk, found: Found, happens: list[tuple[Entry, Told]], days: int) -> None:
    desk.screen.say(
        Text(f"{found.name}: the next {count(days, 'day')}, if nothing else happens", style="bold")
    )
    if not happens:
        desk.screen.say("Nothing: no deadline falls into this time.")
        return
    table = columns("When", "At", "Because", "What happens", keep=["When", "At"])
    for entry, told in happens:
        changes = "\n".join(said.text for said in told.changes)
        table.add_row(distance(entry.at, found.now), desk.moment(entry.at), told.headline, changes)
    desk.screen.table(table, by=0)
    if len(happens) >= MOST:
        desk.screen.say(Text(f"Cut after {MOST} steps.", style="dim"))
