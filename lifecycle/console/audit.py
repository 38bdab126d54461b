"""`audit`: who was let in by the web door, who was given the means to, and by whom."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from lifecycle.store.audit import Deed, WantedAudit
from lifecycle.store.audit import audit as read_audit
from lifecycle.store.door_tables import AuditRow
from lifecycle.telling.doors import said, who

from . import options as o
from .desk import Desk, Look, work
from .screen import columns

What = Annotated[
    Deed | None,
    typer.Option("--what", help="Only these.", case_sensitive=False, show_default=False),
]
Who = Annotated[
    str, typer.Option("--who", metavar="NAME", help="Only what they did.", show_default=False)
]
Limit = Annotated[int, typer.Option(min=1, max=500, help="At most this many, the latest.")]
Before = Annotated[
    int | None, typer.Option(help="The next page: those before this number.", show_default=False)
]


def audit(
    what: What = None,
    by: Who = "",
    limit: Limit = 50,
    before: Before = None,
    as_json: o.AsJson = False,
    utc: o.InUtc = False,
) -> None:
    """Who signed in, who made and revoked keys and links, and who was refused; the latest first."""
    wanted = WantedAudit(what, by, before, limit + 1)
    work(lambda desk: _audit(desk, wanted), Look(as_json, utc))


async def _audit(desk: Desk, wanted: WantedAudit) -> None:
    found = await read_audit(await desk.store(), wanted)
    rows, more = found[: wanted.limit - 1], len(found) == wanted.limit
    if desk.look.as_json:
        before = rows[-1].id if more else None
        desk.screen.data({"audit": [row.model_dump() for row in rows], "before": before})
        return
    if not rows:
        desk.screen.say("Nothing yet.")
        return
    _show(desk, rows)
    if more:
        desk.screen.say(Text(f"There is more: --before {rows[-1].id}", style="dim"))


def _show(desk: Desk, rows: list[AuditRow]) -> None:
    table = columns("When", "Who", "What", keep=["When"])
    for row in rows:
        table.add_row(desk.moment(row.at), Text(who(row)), Text(said(row)))
    desk.screen.table(table, by=0)
