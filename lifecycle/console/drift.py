"""`drift`: one account from three sides: what the CRM said last, what is stored, what runs (N10)."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from lifecycle.telling.data import plain
from lifecycle.telling.drift import Drift, Sides, drift_of
from lifecycle.telling.phrases import MISSING, count

from . import options as o
from .accounts import find
from .desk import Desk, Look, work
from .manners import Problems
from .screen import columns

Every = Annotated[bool, typer.Option("--all", help="List what agrees, too.")]


def drift(
    account: o.Account, every: Every = False, as_json: o.AsJson = False, utc: o.InUtc = False
) -> None:
    """Lay what the CRM said last, what is stored and what runs side by side. Exit status 1 where they do not agree."""
    work(lambda desk: _drift(desk, account, every), Look(as_json, utc))


async def _drift(desk: Desk, account: str, every: bool) -> None:
    found = await find(desk, account)
    seen = await drift_of(await desk.store(), await desk.client(), found)
    shown = seen.sides if every else seen.differing
    if desk.look.as_json:
        sides = [{**plain(one), "differs": one.differs} for one in shown]
        desk.screen.data({**plain(seen), "differing": len(seen.differing), "sides": sides})
    else:
        _show(desk, seen, shown)
    if seen.differing or not seen.is_running:
        raise Problems


def _show(desk: Desk, seen: Drift, shown: list[Sides]) -> None:
    say = desk.screen.say
    if not seen.is_running:
        say(
            Text(f"{seen.account} is not running; stored up to entry {seen.revision}.", style="red")
        )
    if shown:
        table = columns("What", "CRM", "Database", "Workflow", "", keep=["What"])
        for one in shown:
            style = "red" if one.differs else ""
            sides = one.crm or MISSING, one.database, one.workflow or MISSING
            table.add_row(Text(one.name, style=style), *sides, _remark(desk, one))
        desk.screen.table(table, by=0)
    number = count(len(seen.differing), "difference")
    say(f"{seen.account}, {len(seen.sides)} values looked at: {number}.")
    if seen.differing or not seen.is_running:
        say(
            f"lifecycle admin verify {seen.account} --workflows --repair puts right what runs and what is stored."
        )


def _remark(desk: Desk, one: Sides) -> str:
    if one.crm is None:
        return ""
    said = f"{one.source} said so {desk.moment(one.said_at)}"
    return f"{said}; changed here since" if one.changed_here else said
