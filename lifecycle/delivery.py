"""The two ways a delivery fails, shared by mail and webhooks: worth another try, or not (R22)."""

from __future__ import annotations

from datetime import timedelta


class DeliveryFailure(Exception):
    """A delivery did not happen. `reason` is one line for people and holds no secret."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PermanentFailure(DeliveryFailure):
    """Trying again would end the same way: the other side refused it, or it could never be sent."""


class TemporaryFailure(DeliveryFailure):
    """The way to the other side is blocked for now.

    `retry_after` is set when the other side named a time.
    """

    def __init__(self, reason: str, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


def one_line(text: str, limit: int = 300) -> str:
    """`text` on one line, cut to `limit` characters: how a stranger's answer may be shown."""
    printable = "".join(char if char.isprintable() else " " for char in text)
    line = " ".join(printable.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
