"""`/events`: messages of webhooks that could not be mapped: look, send again, drop; and what accounts refused.

What a message says may speak of people: it is shown to those who may give commands.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from lifecycle.core.refusal import Refusal
from lifecycle.hooks.again import all_again, one_again
from lifecycle.hooks.intake import Intake, Tried
from lifecycle.store.definitions import current_book
from lifecycle.store.hook_arrivals import (
    Counted,
    WantedArrivals,
    arrival,
    arrivals,
    drop,
    kept_counts,
)
from lifecycle.store.hook_tables import ArrivalStatus, HookArrivalRow
from lifecycle.store.refused import refused_messages
from lifecycle.telling.phrases import capital, count
from lifecycle.telling.story import Teller

from ..door import Door
from ..who import Caller, Right, may
from .commanding import ADDRESS, Commander, Line, status_for
from .moving import local

PATH: Final = "/events"
ROWS: Final = 50
REFUSED: Final = 100
BIGGEST: Final = 2**31 - 1
Reader = Annotated[Caller, Depends(may(Right.READ))]
Word = Annotated[str, Field(max_length=100, pattern=r"^[^\x00]*$")]
Number = Annotated[int, Field(ge=0, le=BIGGEST)]


class Wish(BaseModel):
    """What the address asks for; `after` is the number of the last row of the page before."""

    model_config = ConfigDict(frozen=True)

    status: ArrivalStatus = ArrivalStatus.KEPT
    source: Word = ""
    code: Word = ""
    after: Number = 0

    def path(self, **changes: Any) -> str:
        """The page with other wishes; the first one, unless `after` is among them."""
        asked = {**self.model_dump(), "after": 0, **changes}
        kept = {name: value for name, value in asked.items() if value not in ("", 0, "kept")}
        return f"{PATH}?{urlencode(kept)}" if kept else PATH

    @property
    def wanted(self) -> WantedArrivals:
        """As the store is asked, with one row more than a page."""
        return WantedArrivals(self.source, self.status, self.code, self.after, ROWS + 1)


class Wanting(BaseModel):
    """The form that tries all of a list again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: Word = ""
    code: Word = ""
    back: Annotated[str, Field(max_length=ADDRESS)] = ""


class Dropping(BaseModel):
    """The form that drops one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: Line = ""


def routes(door: Door) -> APIRouter:
    """Looking, and what is done about it."""
    router = APIRouter(prefix=PATH)
    _looking(router, door)
    _doing(router, door)
    return router


def _looking(router: APIRouter, door: Door) -> None:
    @router.get("")
    async def look(request: Request, _: Reader, wish: Annotated[Wish, Query()]) -> Response:
        found = await arrivals(door.store, wish.wanted)
        rows, more = found[:ROWS], len(found) > ROWS
        counted = await kept_counts(door.store)
        return door.pages.page(
            "events.html",
            request=request,
            rows=rows,
            wish=wish,
            counts=counted,
            total=sum(one.messages for one in counted),
            tabs=_tabs(wish.status, counted),
            sources=[("", "Any source"), *((one, one) for one in _sources(counted, wish))],
            after=wish.path(after=rows[-1].id) if more else None,
            here=wish.path(after=wish.after),
        )

    @router.get("/refused")
    async def refused(request: Request, _: Reader) -> Response:
        book, _digest = await current_book(door.store)
        teller = Teller(book, door.zone)
        found = await refused_messages(door.store, REFUSED)
        return door.pages.page(
            "events_refused.html",
            request=request,
            rows=[(one, teller.tell(one.entry)) for one in found],
            most=REFUSED,
            tabs=_tabs(None, await kept_counts(door.store)),
        )

    @router.get("/{number:int}")
    async def one(request: Request, caller: Reader, number: int) -> Response:
        row = await _row(door, number)
        return door.pages.page(
            "event.html",
            request=request,
            row=row,
            body=_body(row) if caller.may(Right.COMMAND) else None,
            waits_for=row.waits_for.replace("/", " ", 1),
        )


def _doing(router: APIRouter, door: Door) -> None:
    intake = Intake(door.settings, door.store, door.client)

    @router.post("/retry")
    async def retry_all(
        request: Request, caller: Commander, typed: Annotated[Wanting, Form()]
    ) -> Response:
        wanted = WantedArrivals(typed.source, code=typed.code)
        tried = await all_again(intake, wanted, caller.name, door.now())
        kept = sum(1 for one in tried if one.problem)
        said = f"{count(len(tried) - kept, 'message')} sent."
        more = f" {count(kept, 'message')} kept: see why below." if kept else ""
        back = local(typed.back, PATH)
        return door.pages.done(request, back, said + more, "warn" if kept else "good")

    @router.post("/{number:int}/retry")
    async def retry(request: Request, caller: Commander, number: int) -> Response:
        await _row(door, number)
        tried = await one_again(intake, number, caller.name, door.now())
        if tried.problem is not None:
            to = f"{PATH}/{number}"
            return door.pages.done(request, to, _still(tried), "warn")
        return door.pages.done(request, PATH, f"The message {number} is sent.")

    @router.get("/{number:int}/drop")
    async def ask(request: Request, _: Commander, number: int) -> Response:
        return _drop_form(door, request, await _row(door, number), "", None)

    @router.post("/{number:int}/drop")
    async def drop_(
        request: Request, caller: Commander, number: int, typed: Annotated[Dropping, Form()]
    ) -> Response:
        row, why = await _row(door, number), typed.reason.strip()
        try:
            if not why:
                raise Refusal("missing", "Why?", "A sentence is enough.", "reason")
            await drop(door.store, number, why, caller.name, door.now())
        except Refusal as refusal:
            return _drop_form(door, request, row, typed.reason, refusal)
        return door.pages.done(request, PATH, f"Dropped: {row.told} of {row.source}.")


def _still(tried: Tried) -> str:
    assert tried.problem is not None
    return f"It still cannot be used: {tried.problem.reason}"


async def _row(door: Door, number: int) -> HookArrivalRow:
    """Raises `Refusal`, in words for whoever sits before a page."""
    try:
        return await arrival(door.store, min(number, BIGGEST))
    except Refusal as refusal:
        raise replace(refusal, code="not_found", remedy="Events lists what there is.") from None


def _body(row: HookArrivalRow) -> str:
    """The message as it came, for reading; empty once it was sent or dropped."""
    return json.dumps(json.loads(row.body), indent=2, ensure_ascii=False) if row.body else ""


def _sources(counted: list[Counted], wish: Wish) -> list[str]:
    asked = [wish.source] if wish.source else []
    return sorted({*(one.source for one in counted), *asked})


def _tabs(shown: ArrivalStatus | None, counted: list[Counted]) -> list[tuple[str, str, bool]]:
    number = sum(one.messages for one in counted)
    texts = [
        (status, capital(status) + (f" {number:,}" if status == "kept" and number else ""))
        for status in ArrivalStatus
    ]
    tabs = [(text, Wish(status=status).path(), status is shown) for status, text in texts]
    return [*tabs, ("Refused by accounts", f"{PATH}/refused", shown is None)]


def _drop_form(
    door: Door, request: Request, row: HookArrivalRow, reason: str, refusal: Refusal | None
) -> Response:
    beside = refusal is not None and refusal.where == "reason"
    return door.pages.page(
        "event_drop.html",
        status_for(refusal),
        request=request,
        row=row,
        reason=reason,
        wrong=str(refusal) if refusal and beside else "",
        refusal=None if beside else refusal,
        action=f"{PATH}/{row.id}/drop",
        back=f"{PATH}/{row.id}",
    )
