"""`/day`: what a CSM has to do, in the order it is due."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from lifecycle.telling.accounts import Found, found
from lifecycle.telling.ahead import whats_next
from lifecycle.telling.cta_named import find_cta
from lifecycle.telling.cta_story import why_opened
from lifecycle.telling.ctas import CtaView
from lifecycle.telling.phrases import written_day

from ..door import Door
from ..who import Caller, Right, may
from .commanding import WORD
from .ctas import path_of
from .day_view import Day, day_of, with_people
from .words import quoted

Reader = Annotated[Caller, Depends(may(Right.READ))]
Whom = Annotated[str, Query(max_length=WORD)]
MOST_NEXT = 2


def routes(door: Door) -> APIRouter:
    """The day, the CTA beside it, and `/`, which leads there."""
    router = APIRouter()

    @router.get("/")
    async def start(_: Reader) -> Response:
        return RedirectResponse("/day")

    @router.get("/day")
    async def day(request: Request, caller: Reader, of: Whom = "") -> Response:
        shown = with_people(await day_of(door, caller.name, of))
        chosen = await _detail(door, shown)
        address = _address(of)
        return door.pages.page(
            "day.html", request=request, day=shown, asked=of, back=address, **chosen
        )

    @router.get("/day/cta/{account:path}/{number:int}")
    async def beside(
        request: Request, _: Reader, account: str, number: int, of: Whom = ""
    ) -> Response:
        at = await found(door.store, account, door.now())
        cta = await find_cta(door.store, at, str(number), door.zone, closed=True)
        named = {"back": _address(of), **_told(door, at, cta)}
        return door.pages.page("day_cta.html", request=request, **named)

    return router


def _address(of: str) -> str:
    return f"/day?of={quoted(of)}" if of else "/day"


async def _detail(door: Door, day: Day) -> dict[str, Any]:
    """The first CTA of the list, whole."""
    if day.first is None:
        return {"cta": None}
    cta = day.first.cta
    at = await found(door.store, cta.account, door.now())
    return _told(door, at, cta)


def _told(door: Door, at: Found, cta: CtaView) -> dict[str, Any]:
    """Why one sees it, its playbook, and what happens if one does nothing."""
    playbook = at.book.playbooks.get(cta.playbook or "")
    coming = [one for one in whats_next(at.book, at.state) if not one.what.startswith("cta:")]
    told = [f"{one.text} on {written_day(one.at.astimezone(door.zone).date())}" for one in coming]
    return {
        "cta": cta,
        "of": at,
        "path": path_of(at.account),
        "why": why_opened(at, cta),
        "playbook": playbook,
        "idle": told[:MOST_NEXT],
    }
