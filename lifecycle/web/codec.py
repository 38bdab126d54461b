"""`/codec`: where the Temporal UI and CLI have payloads decoded, and encoded (decision 18).

Temporal's codec protocol: a list of payloads as protobuf JSON comes, the list comes back. Whoever may give commands
may read what Temporal keeps. The UI asks from another origin: exactly one is let (`CodecOrigin`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from google.protobuf.json_format import MessageToJson, Parse, ParseError
from pydantic import AnyHttpUrl
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send
from temporalio.api.common.v1 import Payload, Payloads

from lifecycle.converter import LARGEST, HouseCodec
from lifecycle.core.refusal import Refusal

from .door import Door
from .origins import origin_of
from .who import Caller, Right, may

PATH: Final = "/codec"
DEEPEST: Final = 20
"""Levels of JSON; a list of payloads has five."""

Coding = Callable[[Sequence[Payload]], Awaitable[list[Payload]]]
Reader = Annotated[Caller, Depends(may(Right.COMMAND))]


def routes(door: Door) -> APIRouter:
    """POST `/codec/decode` and `/codec/encode`."""
    codec, router = HouseCodec(door.settings.ring), APIRouter(prefix=PATH, tags=["codec"])

    @router.post("/decode")
    async def decode(request: Request, _: Reader) -> Response:
        """Payloads as Temporal holds them → as they were before."""
        return await _coded(request, codec.decode)

    @router.post("/encode")
    async def encode(request: Request, _: Reader) -> Response:
        """Payloads as the CLI makes them → as Temporal may hold them."""
        return await _coded(request, codec.encode)

    return router


async def _coded(request: Request, coding: Coding) -> Response:
    given = _read(await request.body())
    coded = Payloads()
    for payload in given.payloads:
        coded.payloads.extend(await coding([payload]))
        if coded.ByteSize() > LARGEST:
            said = "What these payloads hold is too large to be shown at once."
            raise Refusal("too_large", said, "Ask for fewer at a time.", "payloads")
    return Response(MessageToJson(coded, indent=None), media_type="application/json")


def _read(body: bytes) -> Payloads:
    try:
        return Parse(body, Payloads(), max_recursion_depth=DEEPEST)
    except (ParseError, UnicodeDecodeError, RecursionError):
        raise Refusal(
            "bad_request",
            "The body is no list of payloads.",
            'Send {"payloads": [{"metadata": {"encoding": "…"}, "data": "…"}]}, as Temporal does.',
        ) from None


class CodecOrigin:
    """Lets pages of the Temporal UI ask `/codec` and read the answer, with whatever proves who they are."""

    def __init__(self, app: ASGIApp, ui: AnyHttpUrl) -> None:
        self.app = app
        self.shared = CORSMiddleware(
            app,
            allow_origins=[origin_of(ui)],
            allow_methods=["POST"],
            allow_headers=["Authorization", "Content-Type", "X-Namespace"],
            allow_credentials=True,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        is_codec = scope["type"] == "http" and str(scope["path"]).startswith(f"{PATH}/")
        await (self.shared if is_codec else self.app)(scope, receive, send)
