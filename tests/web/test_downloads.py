"""A file that nobody takes any more is broken off, and gives back what it was read with."""

import asyncio
from collections.abc import AsyncIterator

from starlette.types import Message

from lifecycle.web.downloads import Download


async def test_a_reader_who_stops_reading_holds_nothing_open() -> None:
    sent, closed = list[Message](), asyncio.Event()

    async def rows() -> AsyncIterator[str]:
        try:
            while True:
                yield "a,b\n"
        finally:
            closed.set()

    async def full(message: Message) -> None:
        sent.append(message)
        if len(sent) > 3:
            await asyncio.Event().wait()

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    download = Download(rows(), "rows.csv", "text/csv")
    download.stalled = 0.05
    async with asyncio.timeout(5):
        await download({"type": "http", "asgi": {"spec_version": "2.3"}}, receive, full)
        del download
        await closed.wait()
    assert sent[-1]["more_body"]
