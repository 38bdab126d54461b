"""`/suppressions`: addresses that no mail to contacts goes to; keep one out, let it in again."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from lifecycle.core.refusal import Refusal
from lifecycle.store.suppression import Wanted, suppress, suppressions
from lifecycle.telling.keeping_out import addresses_asked, by_whom, let_in_again, lifted_by
from lifecycle.telling.phrases import count

from ..door import Door
from ..who import Caller, Right, may
from .commanding import LINE, Commander, Line, status_for

PATH: Final = "/suppressions"
ROWS: Final = 50
MOST_TEXT: Final = 20_000
Reader = Annotated[Caller, Depends(may(Right.READ))]
Text = Annotated[str, Query(max_length=LINE, pattern=r"^[^\x00]*$")]
NO_REASON: Final = Refusal("missing", "Why?", "A sentence is enough; everybody sees it.", "reason")


class KeepOut(BaseModel):
    """The form that adds: addresses one to a line."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    addresses: Annotated[str, Field(max_length=MOST_TEXT)] = ""
    reason: Line = ""


class LetIn(BaseModel):
    """The form that lifts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: Line = ""
    reason: Line = ""


def routes(door: Door) -> APIRouter:
    """The list, and what a person may do about it."""
    router = APIRouter(prefix=PATH)

    @router.get("")
    async def look(
        request: Request,
        _: Reader,
        search: Text = "",
        lifted: bool = False,
        before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    ) -> Response:
        return await _page(door, request, Wanted(search, lifted, before, ROWS + 1))

    @router.post("")
    async def add(
        request: Request, caller: Commander, typed: Annotated[KeepOut, Form()]
    ) -> Response:
        try:
            wanted = _addresses(typed)
        except Refusal as refusal:
            return await _page(door, request, Wanted(limit=ROWS + 1), typed, refusal)
        new = await suppress(door.store, wanted, typed.reason.strip(), caller.name, door.now())
        said = f"{count(len(new), 'address', 'addresses')} kept out from now on."
        there = len({one.casefold() for one in wanted}) - len(new)
        return door.pages.done(
            request, PATH, f"{said} {there:,} already kept out." if there else said
        )

    @router.get("/lift")
    async def ask(request: Request, _: Commander, address: Text = "") -> Response:
        return _form(door, request, LetIn(address=address), None)

    @router.post("/lift")
    async def lift(
        request: Request, caller: Commander, typed: Annotated[LetIn, Form()]
    ) -> Response:
        why = typed.reason.strip()
        try:
            if not why:
                raise NO_REASON
            await let_in_again(door.store, typed.address, why, caller.name, door.now())
        except Refusal as refusal:
            return _form(door, request, typed, refusal)
        return door.pages.done(request, PATH, f"{typed.address} may be mailed again.")

    return router


def _addresses(typed: KeepOut) -> list[str]:
    """Raises `Refusal`."""
    lines = [line.strip(" ,;") for line in typed.addresses.splitlines()]
    if not any(lines):
        raise Refusal("missing", "Which addresses?", "One to a line.", "address")
    wanted = addresses_asked(line for line in lines if line)
    if not typed.reason.strip():
        raise NO_REASON
    return wanted


async def _page(
    door: Door,
    request: Request,
    wanted: Wanted,
    typed: KeepOut | None = None,
    refusal: Refusal | None = None,
) -> Response:
    found = await suppressions(door.store, wanted)
    rows, more = found[:ROWS], len(found) > ROWS
    asked = {"search": wanted.search, "lifted": "true" if wanted.lifted else ""}
    kept = {name: value for name, value in asked.items() if value}
    after = f"{PATH}?{urlencode({**kept, 'before': rows[-1].id})}" if more else None
    return door.pages.page(
        "suppressions.html",
        status_for(refusal),
        request=request,
        rows=[(row, by_whom(row), lifted_by(row)) for row in rows],
        search=wanted.search,
        lifted=wanted.lifted,
        after=after,
        typed=typed or KeepOut(),
        wrong={refusal.where: str(refusal)} if refusal else {},
    )


def _form(door: Door, request: Request, typed: LetIn, refusal: Refusal | None) -> Response:
    beside = refusal is not None and refusal.where == "reason"
    return door.pages.page(
        "lift.html",
        status_for(refusal),
        request=request,
        typed=typed,
        wrong=str(refusal) if refusal and beside else "",
        refusal=None if beside else refusal,
        action=f"{PATH}/lift",
        back=PATH,
    )
