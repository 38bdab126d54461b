"""The account page, and its past a page at a time."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from lifecycle.telling.past import Only
from lifecycle.telling.phrases import moment
from lifecycle.telling.then import found_when
from lifecycle.telling.viewer import Viewer

from ...door import Door
from ...who import Caller, Right, may
from ..rendering import is_partial
from ..travelling import asked_of, travelling
from .view import account_page, past_page, path_of

PATH = "/accounts/{account:path}"
Reader = Annotated[Caller, Depends(may(Right.READ))]
Name = Annotated[str, Query(max_length=100)]


def viewer_of(door: Door) -> Viewer:
    """Whoever looks now."""
    return Viewer(door.store, door.now(), door.zone)


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
        of = await found_when(viewer_of(door), account, asked_of(request))
        if not is_partial(request):
            return RedirectResponse(f"{path_of(of)}?{request.url.query}#past")
        read = await past_page(door, of, only, before)
        named: dict[str, Any] = {"past": read, "path": path_of(of)} | travelling(door, request)
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
            of = await found_when(viewer_of(door), account, asked_of(request))
            time = travelling(door, request)
            if of.account != account:
                return RedirectResponse(time["travel"].at(path_of(of)), HTTPStatus.SEE_OTHER)
            shown = await account_page(door, of, lifecycle, only, before)
        named: dict[str, Any] = {"page": shown, "today": moment(of.now, door.zone)} | time
        return door.pages.page("account.html", request=request, **named)

    return router
