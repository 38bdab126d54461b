"""The embedded outbox: mail as `.eml` files in a folder, where there is no mail server."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP
from pathlib import Path
from tempfile import NamedTemporaryFile

from lifecycle.delivery import PermanentFailure, TemporaryFailure

_SAFE = re.compile(r"<([A-Za-z0-9_-]{1,100})@[A-Za-z0-9.-]+>")


@dataclass(frozen=True, slots=True)
class OutboxTransport:
    """Writes each message to `folder`, whole or not at all; a Message-ID has one file."""

    folder: Path

    async def send(self, message: EmailMessage) -> None:
        """Writes the message. Raises `TemporaryFailure` when the folder cannot be written."""
        file = self.folder / f"{_stem(message)}.eml"
        try:
            await asyncio.to_thread(_write, file, message.as_bytes())
        except OSError as error:
            raise TemporaryFailure(
                f"The outbox {self.folder} cannot be written: {error.strerror}."
            ) from error

    def messages(self) -> list[EmailMessage]:
        """What lies in the outbox, oldest first by Date."""
        found = [_read(file) for file in sorted(self.folder.glob("*.eml"))]
        return sorted(found, key=lambda message: message["Date"].datetime)

    def forget(self, speaks: Callable[[str], bool]) -> int:
        """Remove the messages in which any text speaks of somebody; answers with how many there were."""
        found = [
            file for file in self.folder.glob("*.eml") if any(map(speaks, _texts(_read(file))))
        ]
        for file in found:
            file.unlink(missing_ok=True)
        return len(found)


def _texts(message: EmailMessage) -> Iterator[str]:
    """Headers and bodies as people read them."""
    yield from (str(value) for value in message.values())
    for part in message.walk():
        if part.get_content_maintype() == "text":
            yield str(part.get_content())


def _stem(message: EmailMessage) -> str:
    match = _SAFE.fullmatch(str(message["Message-ID"]))
    if not match:
        raise PermanentFailure(f"The Message-ID {message['Message-ID']!r} cannot name a file.")
    return match[1]


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=file.parent, prefix=".", delete=False) as draft:
        draft.write(content)
    os.replace(draft.name, file)  # noqa: PTH105  # the atomic rename, on a name that is no Path


def _read(file: Path) -> EmailMessage:
    message = BytesParser(EmailMessage, policy=SMTP).parsebytes(file.read_bytes())
    assert isinstance(message, EmailMessage)
    return message
