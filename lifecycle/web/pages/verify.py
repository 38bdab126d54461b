"""`/verify`: the last verifications, what differs and what to do about it; verify now, repair (N9, N10)."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from lifecycle.client import Lifecycles
from lifecycle.store.tables import ACCOUNT_ID_LENGTH
from lifecycle.telling.verifying import Overview, Told, overview, tellings
from lifecycle.verifying.mending import mend

from ..door import Door
from ..who import Caller, Right, may

PATH: Final = "/verify"
Reader = Annotated[Caller, Depends(may(Right.READ))]
Admin = Annotated[Caller, Depends(may(Right.ADMIN))]


class Which(BaseModel):
    """The form of a button: the verification it is about."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(max_length=200)]


class Whose(BaseModel):
    """The form of a button: the account it is about."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    account: Annotated[str, Field(max_length=ACCOUNT_ID_LENGTH)]


def routes(door: Door) -> APIRouter:
    """The page, and its buttons."""
    router = APIRouter(prefix=PATH)

    @router.get("")
    async def look(request: Request, _: Reader) -> Response:
        seen = await overview(door.store)
        return door.pages.page(
            "verify.html",
            request=request,
            seen=seen,
            found=_found(seen),
            every=door.settings.verify.every,
        )

    @router.post("")
    async def start(request: Request, caller: Admin) -> Response:
        await door.verifications.start(caller.name)
        return door.pages.done(request, PATH, "All accounts are being verified.")

    @router.post("/stop")
    async def stop(request: Request, _: Admin, which: Annotated[Which, Form()]) -> Response:
        await door.verifications.stop(which.id)
        return door.pages.done(request, PATH, "It stops after the accounts at hand.")

    @router.post("/repair")
    async def repair(request: Request, caller: Admin, whose: Annotated[Whose, Form()]) -> Response:
        async def client() -> Lifecycles:
            return door.accounts

        row = await mend(door.store, client, whose.account, caller.name, door.now())
        said = f"{whose.account} is as its journal says."
        if not row.repaired:
            said = f"{whose.account} was in order already."
        return door.pages.done(request, PATH, said)

    return router


def _found(seen: Overview) -> list[Told]:
    """What differs, but what was repaired since."""
    if seen.newest is None:
        return []
    return [
        one
        for one in tellings(seen.newest.differences)
        if one.difference.account not in seen.mended
    ]
