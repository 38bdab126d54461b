"""A stream: one answer that goes on, until its reader leaves, may no longer read, or does not keep up."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from .hub import AWAY, Live, News, Subscription

RETRY_MS: Final = 3_000
HEADERS: Final = {"X-Accel-Buffering": "no"}
ENDED: Final = "event: ended\ndata: {}\n\n"

StillMay = Callable[[], Awaitable[bool]]


class Teller(Protocol):
    """What a stream says."""

    async def first(self) -> str:
        """Before anything happens: what the reader missed."""

    async def told(self, news: News) -> str:
        """What is new; empty where that is nothing for this reader."""

    def beat(self, news: News) -> str:
        """That the stream is alive."""


def said(event: str, data: Any, id: str = "") -> str:
    """One server-sent event."""
    number = f"id: {id}\n" if id else ""
    text = json.dumps(data, separators=(",", ":"))
    return f"{number}event: {event}\ndata: {text}\n\n"


class Stream(Response):
    """Server-sent events out of a subscription."""

    media_type = "text/event-stream"

    def __init__(
        self, live: Live, subscription: Subscription, teller: Teller, still_may: StillMay
    ) -> None:
        super().__init__(headers=HEADERS)
        del self.headers["content-length"]
        self._live = live
        self._subscription = subscription
        self._teller = teller
        self._still_may = still_may

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        async with self._live.following(self._subscription):
            first = await self._teller.first()
            start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
            await send(start)
            leaving = asyncio.create_task(self._until_gone(receive))
            try:
                await self._write(send, f"retry: {RETRY_MS}\n\n{first}")
                await self._talk(send)
                await self._write(send, "", more=False)
            except (TimeoutError, *AWAY):
                # Who does not read, or cannot be told: the browser comes again and says what it had last.
                return
            finally:
                leaving.cancel()

    async def _until_gone(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._subscription.end()

    async def _talk(self, send: Send) -> None:
        pace, loop = self._live.pace, asyncio.get_running_loop()
        checked = loop.time()
        while True:
            left = checked + pace.check - loop.time()
            news = await self._subscription.take(min(pace.beat, max(left, 0.0)))
            if self._subscription.is_over:
                return
            if loop.time() - checked >= pace.check:
                checked = loop.time()
                if not await self._still_may():
                    await self._write(send, ENDED)
                    return
            await self._write(send, await self._told(news))

    async def _told(self, news: News) -> str:
        return await self._teller.told(news) if news else self._teller.beat(news)

    async def _write(self, send: Send, text: str, more: bool = True) -> None:
        """Waits while the reader's buffers are full, but not for ever. Raises `TimeoutError`."""
        if text or not more:
            async with asyncio.timeout(self._live.pace.stalled):
                body = {"type": "http.response.body", "body": text.encode(), "more_body": more}
                await send(body)
