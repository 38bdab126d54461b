"""Signing in by a link that is good once, and signing out.

Looking at the link changes nothing: mail scanners and chat previews follow every link. The button uses it.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from lifecycle.access import LONGEST, digest_of, make_token
from lifecycle.store.sessions import link_of, sign_in_by_link

from .callers import lasting
from .door import Door
from .paths import local
from .sessions import farewell, leave, welcome

PAGE: Final = "sign_in.html"
MOST: Final = 2_000

Code = Annotated[str, Form(max_length=MOST)]
Back = Annotated[str, Form(max_length=MOST)]


def routes(door: Door) -> APIRouter:
    """`/sign-in`, `/sign-in/{token}`, `/sign-out`: open to strangers."""
    router = APIRouter()

    @router.get("/sign-in")
    async def ask(request: Request, next: str = "/") -> Response:
        if request.state.caller is not None:
            return RedirectResponse(local(next), HTTPStatus.SEE_OTHER)
        return page(door, request, "ask", back=local(next))

    @router.post("/sign-in")
    async def by_code(request: Request, code: Code = "", next: Back = "/") -> Response:
        return await _use(door, request, _token(code), next)

    @router.get("/sign-in/{token}")
    async def look(request: Request, token: str) -> Response:
        person = await link_of(door.store, _digest(token), door.now())
        if person is None:
            return page(door, request, "gone", HTTPStatus.GONE)
        return page(door, request, "link", person=person, token=token)

    @router.post("/sign-in/{token}")
    async def by_link(request: Request, token: str) -> Response:
        return await _use(door, request, token, "/")

    @router.post("/sign-out")
    async def out(request: Request) -> Response:
        await leave(door, request)
        return farewell(door, request)

    return router


async def _use(door: Door, request: Request, link: str, back: str) -> Response:
    """Let in whom the link names; a session of before ends with it."""
    token, now = make_token(), door.now()
    terms = lasting(door.settings)
    person = await sign_in_by_link(door.store, _digest(link), digest_of(token), terms, now)
    if person is None:
        return page(door, request, "gone", HTTPStatus.GONE, back=local(back))
    await leave(door, request)
    return welcome(door, request, token, back)


def page(
    door: Door,
    request: Request,
    what: str,
    status: HTTPStatus = HTTPStatus.OK,
    back: str = "/",
    **context: object,
) -> Response:
    """The sign-in page; `what` is `ask`, `link`, `gone` or `refused`."""
    oidc = door.settings.oidc
    known = {"what": what, "back": back, "provider": oidc.label if oidc.issuer else None}
    return door.pages.page(PAGE, status, request=request, part="", said="", **known, **context)


def _token(code: str) -> str:
    """The code of a link, also out of the whole address."""
    return code.strip().rstrip("/").rpartition("/")[2]


def _digest(token: str) -> str:
    return digest_of(token[: LONGEST + 1])
