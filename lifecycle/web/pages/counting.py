"""What stands beside the navigation: how many CTAs are open for whoever looks, asked after the page is there."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse

from lifecycle.store.ctas import WantedCtas
from lifecycle.telling.cta_list import CtasAsked, ctas_asked
from lifecycle.telling.viewer import Viewer

from ..door import Door
from ..who import Caller, Right, may
from .words import number

OPEN_NOW: Final = WantedCtas(snoozed=False, limit=1)


def routes(door: Door) -> APIRouter:
    """`/nav/day`: the number alone, nothing for none."""
    router = APIRouter(prefix="/nav")

    @router.get("/day")
    async def day(caller: Annotated[Caller, Depends(may(Right.READ))]) -> HTMLResponse:
        viewer = Viewer(door.store, door.now(), door.zone)
        found = await ctas_asked(viewer, CtasAsked(person=caller.name, mine=True), OPEN_NOW)
        return HTMLResponse(number(found.page.total) if found.page.total else "")

    return router
