"""Finding the account a command is about."""

from __future__ import annotations

from lifecycle.telling.accounts import Found, found

from .desk import Desk


async def find(desk: Desk, text: str) -> Found:
    """The account of that id or name. Raises `Refusal` with the nearest one."""
    return await found(await desk.store(), text, desk.now)
