"""Reading a folder of definitions at a desk."""

from __future__ import annotations

from pathlib import Path

from lifecycle.checking import Checked, book_of, check_against
from lifecycle.core.model import Book
from lifecycle.publication_plan import check_not_taken_back

from .desk import Desk, NoDatabase


async def check_folder(desk: Desk, folder: Path | None) -> Checked:
    """Read and check a folder, against what is published where a database is there.

    Raises `Refusal` `taken_back` for a version that was brought back to the one before.
    """
    published = await published_book(desk)
    checked = check_against(desk.settings, folder, published)
    if published is not None and not checked.has_errors:
        await check_not_taken_back(await desk.store(), checked.book)
    return checked


async def published_book(desk: Desk) -> Book | None:
    """What is published; None where there is no database yet, or nothing in it."""
    try:
        store = await desk.store()
    except NoDatabase:
        return None
    return await book_of(store)
