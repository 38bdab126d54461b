"""The way to the provider and back. What must come back unchanged waits in a signed cookie of ten minutes."""

from __future__ import annotations

import hmac
from dataclasses import asdict
from hashlib import sha256
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from itsdangerous import BadData, URLSafeTimedSerializer

from lifecycle.access import digest_of, make_token
from lifecycle.core.refusal import Refusal
from lifecycle.signing import secret_of
from lifecycle.store.audit import note_refused
from lifecycle.store.sessions import begin_session

from .callers import is_secure, lasting
from .door import Door
from .oidc import Asked, NotLetIn, Provider
from .paths import local
from .sessions import leave, welcome
from .signing_in import page
from .unsubscribing import NoSecret

PATH: Final = "/sign-in/oidc"
BACK: Final = "/sign-in/oidc/back"
COOKIE: Final = "lifecycle_oidc"
SECONDS: Final = 600


def routes(door: Door) -> APIRouter:
    """`/sign-in/oidc` and where it comes back to: nothing where no provider is set. Raises `NoAuthlib`, `NoSecret`."""
    router = APIRouter()
    if door.settings.oidc.issuer is None:
        return router
    provider, waiting = Provider(door.settings.oidc), Waiting(door)

    @router.get(PATH)
    async def go(request: Request, next: str = "/") -> Response:
        try:
            asked = await provider.ask(_back(door, request))
        except (NotLetIn, Refusal) as error:
            return await _refused(door, request, error)
        answer = RedirectResponse(asked.url, HTTPStatus.SEE_OTHER)
        waiting.write(request, answer, asked, local(next))
        return answer

    @router.get(BACK)
    async def back(request: Request, state: str = "", code: str = "") -> Response:
        try:
            asked, wanted = waiting.read(request, state)
            _check_code(code)
            person = await provider.person(code, asked, _back(door, request))
        except (NotLetIn, Refusal) as error:
            return waiting.forget(request, await _refused(door, request, error))
        await leave(door, request)
        token, terms = make_token(), lasting(door.settings)
        await begin_session(door.store, digest_of(token), person, terms, door.now(), "oidc")
        return waiting.forget(request, welcome(door, request, token, wanted))

    return router


def _back(door: Door, request: Request) -> str:
    """The address registered with the provider: below `base_url`, else where the browser is."""
    base = door.settings.base_url or str(request.base_url)
    return f"{str(base).rstrip('/')}{BACK}"


def _check_code(code: str) -> None:
    """The provider sends an error in place of one when somebody turns back there."""
    if not code:
        raise NotLetIn("The provider did not sign you in. Try again, or use a sign-in link.")


async def _refused(door: Door, request: Request, error: NotLetIn | Refusal) -> Response:
    if isinstance(error, Refusal):
        return page(door, request, "refused", HTTPStatus.SERVICE_UNAVAILABLE, why=str(error))
    await note_refused(door.store, door.now(), error.who, error.why)
    return page(door, request, "refused", HTTPStatus.FORBIDDEN, why=error.why)


class Waiting:
    """The cookie in which a browser keeps what it was sent away with."""

    def __init__(self, door: Door) -> None:
        secret = secret_of(door.settings)
        if secret is None:
            raise NoSecret
        kwargs = {"digest_method": sha256}
        self._serializer = URLSafeTimedSerializer(secret, salt="oidc", signer_kwargs=kwargs)
        self._settings = door.settings

    def write(self, request: Request, answer: Response, asked: Asked, wanted: str) -> None:
        """Keep it until the browser comes back."""
        kept = {**asdict(asked), "url": "", "next": wanted}
        answer.set_cookie(
            self._name(request),
            str(self._serializer.dumps(kept)),
            max_age=SECONDS,
            path="/",
            secure=is_secure(self._settings, request),
            httponly=True,
            samesite="lax",
        )

    def read(self, request: Request, state: str) -> tuple[Asked, str]:
        """What was kept, and the page that was wanted. Raises `NotLetIn` for another state than was sent."""
        try:
            kept = self._serializer.loads(
                request.cookies.get(self._name(request), ""), max_age=SECONDS
            )
        except BadData:
            raise NotLetIn(
                "You were away for too long, or this browser keeps no cookies."
            ) from None
        wanted = str(kept.pop("next"))
        if not hmac.compare_digest(kept["state"].encode(), state.encode()):
            raise NotLetIn("What came back does not belong to what was asked. Try again.")
        return Asked(**kept), wanted

    def forget(self, request: Request, answer: Response) -> Response:
        """It was used."""
        secure = is_secure(self._settings, request)
        answer.delete_cookie(
            self._name(request), path="/", secure=secure, httponly=True, samesite="lax"
        )
        return answer

    def _name(self, request: Request) -> str:
        return f"__Host-{COOKIE}" if is_secure(self._settings, request) else COOKIE
