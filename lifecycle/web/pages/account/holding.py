"""Hold, change its date, and end it now: what is paused, what is made up for (R18, R19)."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request, Response

from lifecycle.core.inputs import Hold, Release
from lifecycle.core.refusal import Refusal
from lifecycle.telling.accounts import Found, found
from lifecycle.telling.consequences import consequences, foresee
from lifecycle.telling.phrases import moment
from lifecycle.telling.spans import read_moment

from ...door import Door
from ..commanding import (
    ADDRESS,
    Commander,
    Line,
    Typed,
    Word,
    carried_out,
    in_page_words,
    new_id,
    signed,
    status_for,
)
from ..moving import local
from .page import PATH
from .view import path_of

USUAL: Final = timedelta(days=7)
MORNING: Final = time(9)
Back = Annotated[str, Query(max_length=ADDRESS)]


class Holding(Typed):
    """`until` is a time in the viewer's zone, or a length of time from now."""

    until: Word = ""
    reason: Line = ""


class Releasing(Typed):
    """Ending a hold needs no reason; one may be given."""

    reason: Line = ""


def routes(door: Door) -> APIRouter:
    """`/accounts/{id}/hold` and `/accounts/{id}/release`."""
    router = APIRouter()
    _holding(door, router)
    _releasing(door, router)
    return router


def _holding(door: Door, router: APIRouter) -> None:
    @router.get(PATH + "/hold")
    async def ask(
        request: Request, caller: Commander, account: str, back: Back = "", until: str = ""
    ) -> Response:
        of = await found(door.store, account, door.now())
        held = of.state.hold
        typed = Holding(
            id=new_id(),
            until=until[:100] or _written(door, held.until if held else _usual(door, of)),
            reason=held.reason if held else "",
            back=back,
        )
        return _hold_form(door, request, of, typed, None)

    @router.post(PATH + "/hold")
    async def hold(
        request: Request, caller: Commander, account: str, typed: Annotated[Holding, Form()]
    ) -> Response:
        of = await found(door.store, account, door.now())
        try:
            until = read_moment(typed.until, of.now, door.zone)
        except Refusal as refusal:
            return _hold_form(door, request, of, typed, _of_until(refusal))
        words = {"actor": caller.name, "reason": typed.reason, "id": typed.id}
        answer = await carried_out(of, door.accounts.hold(of.account, until, **words))
        if isinstance(answer, Refusal):
            return _hold_form(door, request, of, typed, answer)
        said = f"{of.name} is on hold until {moment(until, door.zone)}."
        return door.pages.done(request, local(typed.back, path_of(of)), said)


def _releasing(door: Door, router: APIRouter) -> None:
    @router.get(PATH + "/release")
    async def ask_release(
        request: Request, caller: Commander, account: str, back: Back = ""
    ) -> Response:
        of = await found(door.store, account, door.now())
        return _release_form(door, request, of, Releasing(id=new_id(), back=back), None)

    @router.post(PATH + "/release")
    async def release(
        request: Request, caller: Commander, account: str, typed: Annotated[Releasing, Form()]
    ) -> Response:
        of = await found(door.store, account, door.now())
        words = {"actor": caller.name, "reason": typed.reason, "id": typed.id}
        answer = await carried_out(of, door.accounts.release(of.account, **words))
        if isinstance(answer, Refusal):
            return _release_form(door, request, of, typed, answer)
        said = f"The hold of {of.name} is over: automation runs again."
        return door.pages.done(request, local(typed.back, path_of(of)), said)


def _usual(door: Door, of: Found) -> datetime:
    """A week from now, at nine."""
    day = (of.now + USUAL).astimezone(door.zone).date()
    return datetime.combine(day, MORNING, tzinfo=door.zone)


def _written(door: Door, at: datetime) -> str:
    """As a control for a date and a time takes it."""
    return f"{at.astimezone(door.zone):%Y-%m-%dT%H:%M}"


def _of_until(refusal: Refusal) -> Refusal:
    return Refusal(refusal.code, refusal.what, refusal.remedy, "until")


def _hold_form(
    door: Door, request: Request, of: Found, typed: Holding, refusal: Refusal | None
) -> Response:
    return door.pages.page(
        "account/hold.html",
        status_for(refusal),
        request=request,
        of=of,
        typed=typed,
        lines=_foreseen(door, of, typed),
        wrong={refusal.where: str(refusal)} if refusal and refusal.where else {},
        refusal=None if refusal and refusal.where in ("until", "reason") else refusal,
        action=f"{path_of(of)}/hold",
        back=local(typed.back, path_of(of)),
    )


def _foreseen(door: Door, of: Found, typed: Holding) -> list[tuple[str, str]]:
    try:
        until = read_moment(typed.until, of.now, door.zone)
    except Refusal:
        return []
    seen = foresee(of, Hold(of.now, "…", until, "…"))
    return [] if seen.refused else signed(consequences(seen, door.zone))


def _release_form(
    door: Door, request: Request, of: Found, typed: Releasing, refusal: Refusal | None
) -> Response:
    seen = foresee(of, Release(of.now, "…"))
    if seen.refused is not None and refusal is None:
        raise in_page_words(seen.refused)
    return door.pages.page(
        "account/release.html",
        status_for(refusal),
        request=request,
        of=of,
        typed=typed,
        lines=[] if seen.refused else signed(consequences(seen, door.zone)),
        refusal=refusal,
        action=f"{path_of(of)}/release",
        back=local(typed.back, path_of(of)),
    )
