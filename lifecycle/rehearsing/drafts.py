"""The draft that is to be rehearsed: a folder, or one file in place of what is published."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Final

from lifecycle.checking import (
    Checked,
    NotReadable,
    book_of,
    check_against,
    check_files,
    with_published,
)
from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal
from lifecycle.definition import Problem, render
from lifecycle.settings import Settings
from lifecycle.store.engine import Store

NAMED: Final = re.compile(r"^lifecycle:\s*([a-z][a-z0-9_]*)", re.MULTILINE)


async def draft_at(store: Store, settings: Settings, place: Path | None) -> Checked:
    """The draft, read and checked.

    Raises `Refusal` for a file that cannot be read, or whose neighbours were published without their text.
    """
    live = await book_of(store)
    given = await asyncio.to_thread(_file, place)
    if given is None:
        return await asyncio.to_thread(check_against, settings, place, live)
    name, text = given
    try:
        files = await with_published(store, {name: text})
    except Refusal as refusal:
        if refusal.code != "no_source":
            raise
        remedy = "Rehearse the whole folder instead."
        raise Refusal(refusal.code, refusal.what, remedy, "draft") from None
    return await asyncio.to_thread(check_files, settings, files, live)


def _file(place: Path | None) -> tuple[str, str] | None:
    """A file's text, under the name it is published by; None for a folder."""
    if place is None or place.is_dir():
        return None
    try:
        text = place.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        said = f"{place} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}."
        raise Refusal("bad_file", said, "Name a lifecycle's file, or a folder.", "draft") from None
    named = NAMED.search(text)
    return (f"{named[1]}.yaml" if named else place.name), text


def usable(checked: Checked) -> tuple[Book, list[Problem]]:
    """The book of the draft, and the problems for which it could not be published as it is (R14).

    A changed automation needs another version number to be published, and none to be rehearsed. Raises `NotReadable`.
    """
    errors = [problem for problem in checked.problems if problem.is_error]
    if checked.reading.book is None:
        raise NotReadable(f"The draft has problems:\n{render(errors)}")
    return checked.reading.book, errors
