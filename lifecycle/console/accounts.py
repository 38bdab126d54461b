"""Finding the account a command is about."""

from __future__ import annotations

from rich.text import Text

from lifecycle.telling.accounts import Found, found
from lifecycle.telling.audience import Asked
from lifecycle.telling.then import found_when, moment_words

from .desk import Desk


async def find(desk: Desk, text: str) -> Found:
    """The account of that id or name. Raises `Refusal` with the nearest one."""
    return await found(await desk.store(), text, desk.now)


async def find_when(desk: Desk, text: str, asked: Asked) -> Found:
    """The same at the moment that is asked for. Raises `Refusal` where it did not exist yet."""
    return await found_when(await desk.viewer(), text, asked)


async def say_when(desk: Desk, found: Found) -> None:
    """That it is told of the past, and from whose knowledge; nothing of the present."""
    if found.moment is not None:
        desk.screen.say(Text(moment_words(found.moment, await desk.viewer()), style="yellow"))
