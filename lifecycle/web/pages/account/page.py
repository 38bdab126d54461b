"""The account page, and its past a page at a time."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from lifecycle.telling.accounts import found
from lifecycle.telling.past import Only
from lifecycle.telling.phrases import moment

from ...door import Door
from ...who import Caller, Right, may
from ..rendering import is_partial
from .view import account_page, past_page, path_of

PATH = "/accounts/{account:path}"
Reader = Annotated[Caller, Depends(may(Right.READ))]
Name = Annotated[str, Query(max_length=100)]


def routes(door: Door) -> APIRouter:
    """Reading only: the database answers, Temporal is not asked."""
    router = APIRouter()

    @router.get(PATH + "/past")
    async def earlier(
        request: Request,
        _: Reader,
        account: str,
        only: Only = Only.EVERYTHING,
        before: int | None = None,
    ) -> Response:
        of = await found(door.store, account, door.now())
        if not is_partial(request):
            return RedirectResponse(f"{path_of(of)}?{request.url.query}#past")
        read = await past_page(door, of, only, before)
        named: dict[str, Any] = {"past": read, "path": path_of(of)}
        return door.pages.page("account/entries.html", request=request, **named)

    @router.get(PATH)
    async def page(
        request: Request,
        _: Reader,
        account: str,
        lifecycle: Name = "",
        only: Only = Only.EVERYTHING,
        before: int | None = None,
    ) -> Response:
        async with door.store.one_picture():
            of = await found(door.store, account, door.now())
            if of.account != account:
                return RedirectResponse(path_of(of), HTTPStatus.SEE_OTHER)
            shown = await account_page(door, of, lifecycle, only, before)
        today = moment(of.now, door.zone)
        return door.pages.page("account.html", request=request, page=shown, today=today)

    return router
