"""Short stable keys: of events and commands for the window, of effects for once-only delivery."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Final

ASKED: Final = "\nasked for: "
"""What stands behind it in a command's id tells what was asked for, and is no part of its name: a door can see that
the same name came with something else."""


def event_key(source: str, event_id: str) -> str:
    """Twelve characters (72 bits) that stand for source + id of an event (R20)."""
    return urlsafe_b64encode(
        sha256(f"{source}\n{event_id}".encode("utf-8", "replace")).digest()[:9]
    ).decode()


def command_key(command_id: str) -> str:
    """The same for a command. No event has this source: an event's holds no line break at its beginning."""
    return event_key("\ncommand", command_id.partition(ASKED)[0])
