"""What stands between the network and the routes, each as small as it can be, and in which order.

A refusal here is said as the routes would say it. Nothing is buffered: streams pass through as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from lifecycle.core.refusal import Refusal

from .door import Door
from .problem import refused

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_PROOF: Final = ("/unsubscribe/", "/hooks/", "/embedded/targets/")
"""What these are sent is signed, or holds a token: whatever page or program sends it."""


class Edge:
    """One thing that looks at requests before `app` does, and may refuse them."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self.app = app
        self.door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        answer = self.look(Request(scope)) if scope["type"] == "http" else None
        await (answer or self.app)(scope, receive, send)

    def look(self, request: Request) -> Response | None:
        """The refusal, or None to let it through."""
        raise NotImplementedError

    def refuse(
        self,
        request: Request,
        refusal: Refusal,
        status: HTTPStatus,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """The answer in place of the route's."""
        return refused(self.door.pages, request, refusal, status, headers)
