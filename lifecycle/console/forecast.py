"""`forecast`: what will happen to an account if nothing else does (N4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer
from rich.text import Text

from lifecycle.core.changes import Entry
from lifecycle.core.codec import to_data
from lifecycle.core.fold import forecast as what_will_happen
from lifecycle.telling.accounts import Found
from lifecycle.telling.phrases import count, distance
from lifecycle.telling.story import Teller, Told

from . import options as o
from .accounts import find
from .desk import Desk, Look, work
from .screen import columns

MOST = 500
Days = Annotated[int, typer.Option(min=1, max=3660, help="How far to look ahead.")]


def forecast(
    account: o.Account, days: Days = 90, as_json: o.AsJson = False, utc: o.InUtc = False
) -> None:
    """Tell what will happen to an account, and when, if nothing else does."""
    work(lambda desk: _forecast(desk, account, days), Look(as_json, utc))


async def _forecast(desk: Desk, account: str, days: int) -> None:
    found = await find(desk, account)
    entries = what_will_happen(found.book, found.state, found.now + timedelta(days=days), MOST)
    teller = Teller(found.book, desk.zone, found.ctas)
    told = [(entry, teller.tell(entry)) for entry in entries]
    visible = [(entry, words) for entry, words in told if words.changes]
    if desk.look.as_json:
        happens = [
            {"at": one.at, "said": words, "entry": to_data(one, Entry)} for one, words in visible
        ]
        desk.screen.data({"account": found.account, "days": days, "forecast": happens})
    else:
        _show(desk, found, visible, days)


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
