"""A new campaign: its form, what it would do, and its beginning (V2, G14)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import HTMLResponse
from temporalio.service import RPCError

from lifecycle.contract import CampaignPlan
from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal
from lifecycle.failure import Failure
from lifecycle.previewing import Preview, preview, sample_of
from lifecycle.store.campaigns import audience_of
from lifecycle.store.definitions import current_book
from lifecycle.store.meant import how_many
from lifecycle.telling.audience import segment_named
from lifecycle.telling.campaign_wishes import Wish, plan_of, recorded, send
from lifecycle.telling.refusals import told
from lifecycle.telling.viewer import Viewer

from ...door import Door
from ...problem import status_of
from ...who import Caller, Right, may
from ..account.mails import BARRED, FRAMING
from ..words import quoted
from .asked import Typed, templates_for

PATH: Final = "/campaigns"
AT_ONCE: Final = 2_000
"""So many accounts are asked before the page is there; more after it."""
BESIDE: Final = ("name", "template", "to", "pace", "segment")
Commander = Annotated[Caller, Depends(may(Right.COMMAND))]
Asking = Annotated[Typed, Query()]


@dataclass(frozen=True, slots=True)
class Planned:
    """What would be sent: the plan, how many accounts it is about, and what becomes of each, once they were asked."""

    typed: Typed
    plan: CampaignPlan
    accounts: int
    goes_on: bool
    found: Preview | None = None

    def sample(self, account: str) -> str:
        """Where the mail of one account is shown."""
        return self.typed.at(f"{PATH}/sample", account=account)

    @property
    def mails(self) -> int:
        """How many would go, now or later."""
        return self.found.now + self.found.later.total() if self.found else 0


def routes(door: Door) -> APIRouter:
    """`/campaigns/new`, the preview, and the way out."""
    router = APIRouter(prefix=PATH)
    _asking(router, door)
    _sending(router, door)
    return router


def _asking(router: APIRouter, door: Door) -> None:
    @router.get("/new")
    async def new(request: Request, _: Commander, typed: Asking) -> Response:
        book, _digest = await current_book(door.store)
        return await _form(door, request, book, typed.begun(book, door.now().date()), None)

    @router.get("/preview")
    async def look(
        request: Request, caller: Commander, typed: Asking, wait: bool = False
    ) -> Response:
        """What would be sent. Many accounts are asked by a request of their own."""
        viewer = _viewer(door)
        try:
            planned = await _planned(door, viewer, typed, caller)
            if wait or planned.accounts <= AT_ONCE:
                planned = await _asked(door, viewer, planned)
        except Refusal as refusal:
            book, _digest = await current_book(door.store)
            return await _form(door, request, book, typed, refusal)
        page = door.pages.page(
            "campaigns/preview.html",
            request=request,
            planned=planned,
            waiting=typed.at(f"{PATH}/preview", wait="yes"),
        )
        page.headers.update(FRAMING)
        return page

    @router.get("/sample")
    async def sample(caller: Commander, typed: Asking, account: str) -> Response:
        """The mail of one account, behind bars."""
        viewer = _viewer(door)
        plan = await plan_of(viewer, door.settings, typed.wish(), caller.name)
        found = await sample_of(door.store, door.settings, plan, account, viewer.now)
        return HTMLResponse(found.words.html, headers=BARRED)


def _sending(router: APIRouter, door: Door) -> None:
    @router.post("")
    async def begin(
        request: Request, caller: Commander, typed: Annotated[Typed, Form()]
    ) -> Response:
        viewer = _viewer(door)
        try:
            wish = typed.wish()
            plan = await plan_of(viewer, door.settings, wish, caller.name)
            row, goes_on = await send(viewer, door.campaigns, wish, plan)
        except (Refusal, Failure, RPCError) as error:
            refusal = told(error)
            assert refusal is not None
            book, _digest = await current_book(door.store)
            return await _form(door, request, book, typed, refusal)
        said = f"{row.name} goes on." if goes_on else f"{row.name} is on its way."
        return door.pages.done(request, f"{PATH}/{quoted(row.name)}", said)


def _viewer(door: Door) -> Viewer:
    return Viewer(door.store, door.now(), door.zone)


async def _planned(door: Door, viewer: Viewer, typed: Typed, caller: Caller) -> Planned:
    """Raises `Refusal` for what cannot be sent like this."""
    wish: Wish = typed.wish()
    plan = await plan_of(viewer, door.settings, wish, caller.name)
    before = await recorded(viewer, wish, plan)
    accounts = await how_many(door.store, audience_of(plan), viewer.now)
    return Planned(typed, plan, accounts, before is not None)


async def _asked(door: Door, viewer: Viewer, planned: Planned) -> Planned:
    found = await preview(door.store, door.settings, planned.plan, viewer.now)
    return Planned(planned.typed, planned.plan, planned.accounts, planned.goes_on, found)


async def _form(
    door: Door, request: Request, book: Book, typed: Typed, refusal: Refusal | None
) -> Response:
    beside = refusal is not None and refusal.where in BESIDE
    templates = await asyncio.to_thread(templates_for, book, door.settings)
    try:
        title = segment_named(book, typed.segment).title if typed.segment else ""
    except Refusal:
        title = ""
    return door.pages.page(
        "campaigns/new.html",
        status_of(refusal.code) if refusal else HTTPStatus.OK,
        request=request,
        typed=typed,
        title=title,
        segments=[("", "choose"), *((one.id, one.title) for one in book.segments.values())],
        templates=[("", "choose"), *((one, one) for one in templates)],
        roles=list(book.account.roles),
        wrong={refusal.where: str(refusal)} if refusal and beside else {},
        refusal=None if beside else refusal,
    )
