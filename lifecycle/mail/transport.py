"""What every way of sending mail offers."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Protocol


class Transport(Protocol):
    """Takes a composed message over, or raises `PermanentFailure` or `TemporaryFailure`."""

    async def send(self, message: EmailMessage) -> None:
        """Returns when the other side has taken responsibility for `message`."""
        ...
