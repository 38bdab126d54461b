"""Erasing a person: what will go stands above the button, and the account's name is typed to press it (N12)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, Response

from lifecycle.client import NoWorker
from lifecycle.core.refusal import Refusal
from lifecycle.erasing import Erasures
from lifecycle.failure import NoServer
from lifecycle.telling.accounts import Found, found
from lifecycle.telling.erasing import NOT_FOUND, Asked, Preview, begin, preview, role_choices
from lifecycle.telling.refusals import told

from ...door import Door
from ...who import Caller, Right, may
from ..commanding import ADDRESS, Line, Typed, Word, status_for
from ..moving import local
from .page import PATH, viewer_of
from .view import path_of

Admin = Annotated[Caller, Depends(may(Right.ADMIN))]
BESIDE = ("person", "also", "typed_name")


class Erasing(Typed):
    """`person` is a role or an address, empty for everybody; `also` are texts, one a line or with commas between."""

    person: Line = ""
    also: Line = ""
    reason: Line = ""
    typed_name: Word = ""

    def asked(self, account: str) -> Asked:
        """What is asked for."""
        also = self.also.replace(",", "\n").splitlines()
        return Asked(account, self.person, tuple(one.strip() for one in also if one.strip()))


def routes(door: Door) -> APIRouter:
    """`/accounts/{id}/erase`."""
    router = APIRouter()

    @router.get(PATH + "/erase")
    async def ask(
        request: Request,
        caller: Admin,
        account: str,
        person: Word = "",
        back: Annotated[str, Query(max_length=ADDRESS)] = "",
    ) -> Response:
        # Words they are known by are posted only: addresses of pages end up in logs.
        of = await found(door.store, account, door.now())
        return await _form(door, request, of, Erasing(person=person, back=back))

    @router.post(PATH + "/erase")
    async def erase(
        request: Request, caller: Admin, account: str, typed: Annotated[Erasing, Form()]
    ) -> Response:
        of = await found(door.store, account, door.now())
        if typed.typed_name.strip() != of.name.strip():
            said = f"Type {of.name} to erase for good."
            refusal = Refusal("not_confirmed", said, where="typed_name")
            return await _form(door, request, of, typed, refusal)
        try:
            seen = await preview(viewer_of(door), door.settings, typed.asked(of.account))
            client = Erasures(door.client, door.settings.task_queue)
            await begin(viewer_of(door), client, seen, caller.name, typed.reason)
        except (Refusal, NoServer, NoWorker) as error:
            return await _form(door, request, of, typed, told(error))
        said = f"Personal data of {of.name} are being erased; its history says so at once, and numbers stay."
        return door.pages.done(request, local(typed.back, path_of(of)), said)

    return router


async def _form(
    door: Door, request: Request, of: Found, typed: Erasing, refusal: Refusal | None = None
) -> Response:
    """What would go, as far as it can be told of what was typed."""
    seen: Preview | None = None
    try:
        seen = await preview(viewer_of(door), door.settings, typed.asked(of.account))
    except Refusal as error:
        refusal = refusal or error
    beside = refusal is not None and refusal.where in BESIDE
    return door.pages.page(
        "account/erase.html",
        status_for(refusal),
        request=request,
        of=of,
        typed=typed,
        seen=seen,
        choices=role_choices(of.book),
        not_found=NOT_FOUND,
        wrong={refusal.where: str(refusal)} if refusal and beside else {},
        refusal=None if beside else refusal,
        action=f"{path_of(of)}/erase",
        back=local(typed.back, path_of(of)),
    )
