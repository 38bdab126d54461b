"""A fault of ours: answered in words, logged once, and without anything a person sent or the database holds."""

from __future__ import annotations

import logging
from asyncio import CancelledError
from collections.abc import Iterator
from http import HTTPStatus
from traceback import extract_tb
from typing import Any, Final

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lifecycle.core.refusal import Refusal

from .door import Door
from .problem import refused

LOG: Final[Any] = structlog.wrap_logger(
    logging.getLogger("lifecycle.web"),
    processors=[
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.JSONRenderer(),
    ],
)
DEEPEST: Final = 5
OURS: Final = Refusal(
    "fault", "Something went wrong here, not with you.", "It is logged. Try again."
)
ENDING: Final = Refusal(
    "ending", "This process ends, and was not done in time.", "Send it again in a moment."
)


class Faults:
    """The last to catch what `app` raises. An answer that has begun is broken off."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self.app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception as error:
            log_fault(scope, error)
            if scope["type"] == "http" and not begun:
                answer = self._answer(scope, OURS, HTTPStatus.INTERNAL_SERVER_ERROR)
                await answer(scope, receive, send)
        except CancelledError:
            # The process ends, and this took longer than it waits: whoever asked is to ask again.
            if scope["type"] != "http" or begun:
                raise
            answer = self._answer(scope, ENDING, HTTPStatus.SERVICE_UNAVAILABLE)
            await answer(scope, receive, send)

    def _answer(self, scope: Scope, refusal: Refusal, status: HTTPStatus) -> Response:
        return refused(self._door.pages, Request(scope), refusal, status)


def log_fault(scope: Scope, error: BaseException) -> None:
    """Where it happened and of what kind: no address, no query, no words of the error."""
    route = getattr(scope.get("route"), "path", "no route")
    LOG.error(
        "fault",
        method=scope.get("method", ""),
        route=route,
        errors=list(kinds(error)),
        at=places(error),
    )


def kinds(error: BaseException) -> Iterator[str]:
    """What was raised, and what that came of."""
    found: BaseException | None = error
    for _ in range(DEEPEST):
        if found is None:
            return
        yield f"{type(found).__module__}.{type(found).__qualname__}"
        found = found.__cause__ or found.__context__


def places(error: BaseException) -> list[str]:
    """The innermost places: file, line and function."""
    frames = extract_tb(error.__traceback__)[-DEEPEST:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
