"""Files that are read while they are sent: a reader who stops taking them must not hold the database open for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import chain
from typing import Any, Final

from fastapi.responses import StreamingResponse
from starlette.types import Message, Send

from lifecycle.telling.reports.asking import Asked
from lifecycle.telling.reports.kinds import Kind, Rows
from lifecycle.telling.reports.report import csv_line
from lifecycle.telling.viewer import Viewer

STALLED: Final = 30.0
"""Seconds in which a part must be taken: its rows come out of a transaction that waits for it."""


class Download(StreamingResponse):
    """A file called `name`. Broken off, and its rows closed, where nobody takes it."""

    def __init__(self, parts: AsyncIterator[str], name: str, media: str) -> None:
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        super().__init__(_bytes(parts), media_type=media, headers=headers)
        self.stalled = STALLED

    async def stream_response(self, send: Send) -> None:
        """As Starlette has it."""

        async def patient(message: Message) -> None:
            async with asyncio.timeout(self.stalled):
                await send(message)

        try:
            await super().stream_response(patient)
        except TimeoutError:
            # The answer is left unfinished, by which the other side sees that it has not all of it.
            return


async def report_file(kind: Kind, viewer: Viewer, asked: Asked, name: str) -> Download:
    """A report as CSV. What goes wrong with its first rows is told before the answer begins."""
    header, pages = await kind.file(viewer, asked)
    first: Rows = await anext(pages, [])
    return Download(_lines(header, first, pages), f"{name}.csv", "text/csv; charset=utf-8")


async def _lines(header: Any, first: Rows, rest: AsyncIterator[Rows]) -> AsyncIterator[str]:
    yield "".join(csv_line(cells) for cells in chain([header], first))
    async for rows in rest:
        yield "".join(csv_line(cells) for cells in rows)


async def _bytes(parts: AsyncIterator[str]) -> AsyncIterator[bytes]:
    async for part in parts:
        yield part.encode("utf-8", "replace")
