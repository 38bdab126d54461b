"""What is sent to accounts: events in the form services report them, and lists of things in messages of a good size."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

EVENTS_A_MESSAGE: Final = 200
BYTES_A_MESSAGE: Final = 500_000

Message = dict[str, Any]


def event(
    type: str,
    data: Mapping[str, Any] | None = None,
    *,
    source: str = "python",
    id: str | None = None,
    time: datetime | None = None,
) -> Message:
    """An event as it is sent: a CloudEvent. The same `source` and `id` again count once (R20).

    `time` (aware) is when it happened; left out, it is when it arrives.
    """
    message = {"specversion": "1.0", "id": id or str(uuid4()), "source": source, "type": type}
    own = {"time": time.isoformat()} if time is not None else {}
    return {**message, **own, "data": dict(data or {})}


def parts(events: Iterable[Message]) -> Iterator[list[Message]]:
    """Events or commands in lists that fit into one message each, in order."""
    part: list[Message] = []
    size = 0
    for one in events:
        length = len(json.dumps(one, default=str))
        if part and (len(part) >= EVENTS_A_MESSAGE or size + length > BYTES_A_MESSAGE):
            yield part
            part, size = [], 0
        part.append(one)
        size += length
    if part:
        yield part
