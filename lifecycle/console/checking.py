"""Reading a folder of definitions at a desk."""

from __future__ import annotations

from pathlib import Path

from lifecycle.checking import Checked, book_of, check_against
from lifecycle.core.model import Book

from .desk import Desk, NoDatabase


async def check_folder(desk: Desk, folder: Path | None) -> Checked:
    """Read and check a folder, against what is published where a database is there."""
    return check_against(desk.settings, folder, await published_book(desk))


async def published_book(desk: Desk) -> Book | None:
    """What is published; None where there is no database yet, or nothing in it."""
    try:
        store = await desk.store()
    except NoDatabase:
        return None
    return await book_of(store)
