"""A browser's session: its cookie is set when somebody is let in, and taken away when they leave."""

from __future__ import annotations

from typing import Final

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from lifecycle.access import digest_of
from lifecycle.store.sessions import end_session

from .callers import cookie_name, is_secure, lasting, token_of
from .door import Door
from .paths import local

SEE_OTHER: Final = 303


async def leave(door: Door, request: Request) -> None:
    """End the session the browser has, if any: nobody goes on with one that was there before they signed in."""
    token = token_of(door.settings, request)
    if token is not None:
        await end_session(door.store, digest_of(token), door.now())


def welcome(door: Door, request: Request, token: str, back: str) -> Response:
    """On to the page somebody wanted, with the cookie of their new session."""
    answer = RedirectResponse(local(back), SEE_OTHER)
    secure = is_secure(door.settings, request)
    answer.set_cookie(
        cookie_name(secure),
        token,
        max_age=int(lasting(door.settings).longest.total_seconds()),
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )
    return answer


def farewell(door: Door, request: Request) -> Response:
    """To the sign-in page, without the cookie."""
    answer = RedirectResponse("/sign-in", SEE_OTHER)
    secure = is_secure(door.settings, request)
    answer.delete_cookie(
        cookie_name(secure), path="/", secure=secure, httponly=True, samesite="lax"
    )
    return answer
