"""The end of a process that still answers somebody."""

import asyncio
import json
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from lifecycle.web.door import Door
from lifecycle.web.faults import Faults
from tests.web.conftest import Doorstep, nowhere

SCOPE: dict[str, Any] = {
    "type": "http",
    "method": "POST",
    "path": "/v1/events",
    "headers": [],
    "query_string": b"",
}


async def test_what_is_not_done_in_time_is_to_be_sent_again(door: Doorstep) -> None:
    """503, and not the bare 500 of the server below: a sender that tries again on 503 loses nothing."""
    asked, told = asyncio.Event(), list[Message]()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        asked.set()
        await asyncio.Event().wait()

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        told.append(message)

    faults = Faults(slow, Door(door.settings, door.store, await nowhere()))
    answering = asyncio.create_task(faults(dict(SCOPE), receive, send))
    await asked.wait()
    answering.cancel()
    await answering
    start, body = told
    said = json.loads(body["body"])
    assert (start["status"], said["code"]) == (503, "ending")
    assert (b"retry-after", b"5") in start["headers"]
