"""`migrate`: bring the database up to this release."""

from __future__ import annotations

from . import options as o
from .desk import Desk, Look, work


def migrate(as_json: o.AsJson = False) -> None:
    """Bring the database up to this release; makes it where there is none."""
    work(_migrate, Look(as_json))


async def _migrate(desk: Desk) -> None:
    from .database import migrate as bring_up
    from .database import shown

    await bring_up(desk.settings)
    if desk.look.as_json:
        desk.screen.data({"database": shown(desk.settings), "ready": True})
    else:
        desk.screen.say(f"The database {shown(desk.settings)} is at this release.")
