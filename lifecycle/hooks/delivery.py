"""A delivery as it came in at the door, and what proves that it is from whom it says."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

TOLERANCE: Final = timedelta(minutes=5)
"""How old a signed time may be, or how far ahead; older is a replay."""


class Unproved(Exception):
    """The delivery is not from whom it says, or too old; the words say which, and nothing of what was expected."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """`headers` by their names in small letters. `urls` are the addresses it may have been sent to: a proxy
    stands between. `token` is the last word of the path, where there is one; it never goes into a log.
    """

    method: str
    urls: tuple[str, ...]
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    received: datetime
    token: str = field(default="", repr=False)

    def header(self, name: str) -> str:
        """A header that must be there. Raises `Unproved`."""
        found = self.headers.get(name, "")
        if not found:
            raise Unproved(f"The header {name} is missing.")
        return found


@dataclass(frozen=True, slots=True)
class Lock:
    """What opens the door: every secret counts, so that one can be replaced without a gap."""

    secrets: tuple[str, ...] = field(repr=False)
    organization: str = ""


def same(one: str, other: str) -> bool:
    """Compared in a time that tells nothing."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def any_same(expected: Iterable[str], given: Iterable[str]) -> bool:
    """Whether one of the signatures given is one of those expected."""
    offered = list(given)
    return any(same(one, other) for one in expected for other in offered)


def check_time(seconds: float, delivery: Delivery) -> None:
    """Raises `Unproved` for a signed time out of tolerance."""
    if not abs(delivery.received.timestamp() - seconds) <= TOLERANCE.total_seconds():
        raise Unproved("The signed time is more than five minutes away: a replay, or a clock.")


def number(text: str, name: str) -> float:
    """Raises `Unproved`."""
    if not text.isascii() or not text.isdecimal() or len(text) > 20:
        raise Unproved(f"{name} is no time.")
    return float(text)
