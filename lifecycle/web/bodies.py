"""How large a request may be: told by its length before anything is read, and counted while it is."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from fastapi import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lifecycle.core.refusal import Refusal

from .door import Door
from .problem import refused
from .who import Caller, Right

UPLOADS: Final = ("/imports",)
"""Where files are uploaded, by those who may."""


class Bodies:
    """Refuses bodies over the limit with 413."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self.app = app
        self._door = door
        self._most = door.settings.web.body_kb * 1_024
        self._upload = door.settings.web.upload_mb * 1_024 * 1_024

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        most = self._most_of(request)
        said = request.headers.get("content-length", "0")
        if not said.isdecimal() or len(said) > 15 or int(said) > most:
            await self._refuse(request, most)(scope, receive, send)
            return
        await self.app(scope, counted(receive, most), send)

    def _most_of(self, request: Request) -> int:
        caller: Caller | None = request.state.caller
        may = caller is not None and caller.may(Right.COMMAND)
        return self._upload if may and request.scope["path"].startswith(UPLOADS) else self._most

    def _refuse(self, request: Request, most: int) -> ASGIApp:
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        refusal = Refusal("too_large", _too_large(most), "Send it in smaller parts.")
        return refused(self._door.pages, request, refusal, status)


def counted(receive: Receive, most: int) -> Receive:
    """The same messages, until there are more than `most` bytes in them: then it raises `HTTPException`."""
    total = 0

    async def counting() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > most:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _too_large(most))
        return message

    return counting


def _too_large(most: int) -> str:
    return f"The request is larger than the {most // 1_024:,} kB that are taken here."
