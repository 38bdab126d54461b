"""`POST /hooks/{name}`: a delivery is proved, taken apart, handed to Temporal or kept, and only then answered.

401 not proved, or too old   404 no such source   415 another content type   422 not what the sender promises
503 Temporal or the database is away, or the hook's file: told again later, which doubles nothing (R20)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from lifecycle.core.refusal import Refusal
from lifecycle.failure import Failure
from lifecycle.hooks.delivery import Delivery, Lock, Unproved
from lifecycle.hooks.intake import Intake, Taken
from lifecycle.hooks.message import Unreadable
from lifecycle.hooks.salesforce import ACK, is_soap
from lifecycle.hooks.senders import SENDERS, Sender
from lifecycle.messages import plain
from lifecycle.settings import Hook

from ..door import Door
from ..paths import asked
from ..problem import problem

AGAIN: Final = {"Retry-After": "30"}
MOST_WORDS: Final = 300


def routes(door: Door) -> APIRouter:
    """Open routes: what they are sent is signed, or the address holds the secret (never log it)."""
    router, intake = (
        APIRouter(prefix="/hooks", tags=["hooks"]),
        Intake(door.settings, door.store, door.client),
    )

    @router.post("/{name}", include_in_schema=False)
    async def deliver(name: str, request: Request) -> Response:
        return await _answer(door, intake, name, request, "")

    @router.post("/{name}/{token}", include_in_schema=False)
    async def deliver_with_token(name: str, token: str, request: Request) -> Response:
        return await _answer(door, intake, name, request, token)

    return router


async def _answer(door: Door, intake: Intake, name: str, request: Request, token: str) -> Response:
    settings = door.settings.hooks.get(name)
    if settings is None:
        return _refuse(HTTPStatus.NOT_FOUND, "unknown_hook", "There is no such source of webhooks.")
    sender = _sender(intake, name)
    if sender is None:
        said = "The hook of this source cannot be read just now."
        return _refuse(HTTPStatus.SERVICE_UNAVAILABLE, "bad_hook", said)
    if not sender.takes(request.headers.get("content-type", "")):
        said = f"Send it as one of: {', '.join(sender.media)}."
        return _refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "content_type", said)
    return await _take(door, intake, name, sender, settings, await _delivery(door, request, token))


def _sender(intake: Intake, name: str) -> Sender | None:
    """Who speaks there; None when the file does not say, and whoever sends must try again later."""
    try:
        return SENDERS.get(intake.shelf.format(name))
    except Failure:
        return None


async def _delivery(door: Door, request: Request, token: str) -> Delivery:
    headers = {name.lower(): value for name, value in request.headers.items()}
    body, now = await request.body(), door.now()
    return Delivery(request.method, tuple(_addresses(door, request)), headers, body, now, token)


def _addresses(door: Door, request: Request) -> Iterator[str]:
    """Where the sender may have sent it to: the address in public, and the one that arrived here."""
    path = asked(request)
    for base in (door.settings.public_url, door.settings.base_url):
        if base is not None:
            yield f"{str(base).rstrip('/')}{path}"
    yield str(request.url)


async def _take(
    door: Door, intake: Intake, name: str, sender: Sender, settings: Hook, delivery: Delivery
) -> Response:
    lock = Lock(settings.secrets, settings.organization)
    try:
        sender.prove(delivery, lock)
        messages = sender.messages(delivery, lock)
    except Unproved as error:
        return _refuse(HTTPStatus.UNAUTHORIZED, "not_proved", str(error))
    except Unreadable as error:
        said = plain(str(error), MOST_WORDS)
        return _refuse(HTTPStatus.UNPROCESSABLE_ENTITY, "not_readable", said)
    return _taken(delivery, await intake.take(name, messages, door.now()))


def _taken(delivery: Delivery, taken: Taken) -> Response:
    """2xx: all of it is with Temporal, or kept. Salesforce reads the words and wants 200."""
    if is_soap(delivery):
        return Response(ACK, media_type="text/xml")
    status = HTTPStatus.ACCEPTED if taken.kept else HTTPStatus.OK
    return JSONResponse(asdict(taken), status)


def _refuse(status: HTTPStatus, code: str, said: str) -> Response:
    headers = AGAIN if status is HTTPStatus.SERVICE_UNAVAILABLE else {}
    return problem(Refusal(code, said), status, headers)
