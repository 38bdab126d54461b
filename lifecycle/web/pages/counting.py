"""What stands beside the navigation, asked after the page is there: open CTAs of whoever looks, what failed and what
is kept, and whether timers are carried out."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse

from lifecycle.store.ctas import WantedCtas
from lifecycle.store.hook_arrivals import kept_counts
from lifecycle.store.outbox import to_look_at
from lifecycle.store.tables import EffectKind, EffectStatus
from lifecycle.store.timers import timers
from lifecycle.store.verifications import open_differences
from lifecycle.telling.catching_up import catching_up_until
from lifecycle.telling.cta_list import CtasAsked, ctas_asked
from lifecycle.telling.viewer import Viewer

from ..door import Door
from ..who import Caller, Right, may
from .words import number

OPEN_NOW: Final = WantedCtas(snoozed=False, limit=1)
Reader = Annotated[Caller, Depends(may(Right.READ))]


def routes(door: Door) -> APIRouter:
    """`/nav/day`: the number alone, nothing for none. `/nav/engine`: the foot, and the numbers it brings along."""
    router = APIRouter(prefix="/nav")

    @router.get("/day")
    async def day(caller: Reader) -> HTMLResponse:
        viewer = Viewer(door.store, door.now(), door.zone)
        found = await ctas_asked(viewer, CtasAsked(person=caller.name, mine=True), OPEN_NOW)
        return HTMLResponse(number(found.page.total) if found.page.total else "")

    @router.get("/engine")
    async def engine(request: Request, _: Reader) -> Response:
        open_mails = await to_look_at(door.store, EffectKind.MAIL)
        kept = await kept_counts(door.store)
        set_ = await timers(door.store, door.now())
        return door.pages.page(
            "nav_engine.html",
            request=request,
            timers=set_,
            headline=await catching_up_until(door.store, set_, door.zone),
            beside={
                "outbox": open_mails.get(EffectStatus.FAILED, 0),
                "events": sum(one.messages for one in kept),
                "verify": await open_differences(door.store),
            },
        )

    return router
