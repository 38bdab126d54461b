"""A row's change as the commands that make it: few messages, in the order they must go."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from lifecycle import contract
from lifecycle.core.values import Value

from .wanted import Change

ROOM: Final = 12_000
"""Bytes of fields in one command; an account takes 16,000 (`contract.MAX_EVENT_BYTES`)."""

Message = dict[str, Any]


def digest_of(path: Path) -> str:
    """What names the contents of a file."""
    return sha256(path.read_bytes()).hexdigest()[:16]


def commands_of(change: Change, anyway: bool = False) -> list[Message]:
    """The account and its fields first, then its stages, as they may depend on them."""
    return [*_fields(change), *_stages(change, anyway)]


def _fields(change: Change) -> Iterator[Message]:
    pieces = list(_pieces(change.fields))
    if change.creates:
        yield {"command": contract.START, "fields": pieces.pop(0) if pieces else {}}
    for piece in pieces:
        yield {"command": contract.SET_FIELDS, "fields": piece}


def _pieces(fields: dict[str, Value]) -> Iterator[dict[str, Value]]:
    """The fields in parts that each fit into one message."""
    part: dict[str, Value] = {}
    room = ROOM
    for name, value in fields.items():
        size = len(json.dumps([name, value], ensure_ascii=False).encode())
        if part and size > room:
            yield part
            part, room = {}, ROOM
        part[name] = value
        room -= size
    if part:
        yield part


def _stages(change: Change, anyway: bool) -> Iterator[Message]:
    for lifecycle, stage in change.stages.items():
        yield {
            "command": contract.SET_STAGE,
            "lifecycle": lifecycle,
            "stage": stage,
            "revision": None if change.creates else change.seen[lifecycle],
            "anyway": anyway,
        }
