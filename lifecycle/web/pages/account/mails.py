"""E-mails as they were sent: the list of an account, one of them, and its HTML behind bars (R22).

What was sent may hold anything a template or an event put into it. It is shown in a frame that runs no script,
loads nothing and belongs to no origin; the policy of that answer says so, whatever the frame allows.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import HTMLResponse

from lifecycle.store.definitions import current_book
from lifecycle.store.effects import effect_row
from lifecycle.store.one_account import mail_lines
from lifecycle.telling.accounts import found
from lifecycle.telling.effects import people

from ...door import Door
from ...security import POLICY
from .page import PATH, Reader
from .view import Mail, path_of

MOST: Final = 200
BARRED: Final = {
    "Content-Security-Policy": "; ".join(
        (
            "sandbox",
            "default-src 'none'",
            "style-src 'unsafe-inline'",
            "img-src data:",
            "frame-ancestors 'self'",
        )
    ),
    "X-Frame-Options": "SAMEORIGIN",
}
FRAMING: Final = {"Content-Security-Policy": f"{POLICY}; frame-src 'self'"}


def routes(door: Door) -> APIRouter:
    """`/mails/{id}` and the list of an account."""
    router = APIRouter()

    @router.get(PATH + "/mails")
    async def mails(request: Request, _: Reader, account: str) -> Response:
        of = await found(door.store, account, door.now())
        rows = await mail_lines(door.store, of.account, MOST)
        return door.pages.page(
            "account/all_mails.html",
            request=request,
            of=of,
            path=path_of(of),
            mails=[Mail(row, people(row.roles, of.book)) for row in rows],
        )

    @router.get("/mails/{effect:path}/html")
    async def html(_: Reader, effect: str) -> Response:
        row = await effect_row(door.store, effect)
        if not row.html:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return HTMLResponse(row.html, headers=BARRED)

    @router.get("/mails/{effect:path}")
    async def mail(request: Request, _: Reader, effect: str) -> Response:
        row = await effect_row(door.store, effect)
        book, _digest = await current_book(door.store)
        page = door.pages.page(
            "account/mail.html", request=request, mail=row, to=people(row.roles, book)
        )
        page.headers.update(FRAMING)
        return page

    return router
