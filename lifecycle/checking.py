"""Definitions read and checked: with all their problems, those that published versions forbid among them (R14).

They come as a folder, or as files by name that replace or join what is published.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal
from lifecycle.definition import Problem, Reading, compare, render
from lifecycle.failure import Failure
from lifecycle.mail_check import read_checked
from lifecycle.settings import Settings
from lifecycle.store.definitions import current_book, held_for_all
from lifecycle.store.engine import Store

FILE_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,59}\.yaml")


class NotReadable(Failure):
    """The definitions have problems; the message shows each at its place."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A folder that was read. `published` is what it was held against; None where nothing could be looked at."""

    folder: Path
    reading: Reading
    problems: list[Problem]
    published: Book | None

    @property
    def has_errors(self) -> bool:
        """Whether the definitions cannot be used."""
        return any(problem.is_error for problem in self.problems)

    @property
    def book(self) -> Book:
        """The book of a folder without errors. Raises `NotReadable`."""
        if self.reading.book is None or self.has_errors:
            raise NotReadable(
                f"The definitions in {self.folder} have problems:\n{render(self.problems)}"
            )
        return self.reading.book

    def sources(self) -> dict[str, str]:
        """YAML by part: a lifecycle's id, or `account`, `events`, …"""
        shared = {name.rpartition(".")[0]: text for name, text in self.reading.sources.items()}
        marks = {name: self.reading.marks[name].file for name in self.book.lifecycles}
        return {**shared, **{name: self.reading.sources[file] for name, file in marks.items()}}


def check_against(settings: Settings, folder: Path | None, published: Book | None) -> Checked:
    """Read and check a folder against what is published."""
    chosen = settings.model_copy(update={"definitions_dir": folder}) if folder else settings
    return _checked(settings, chosen.definitions.path, published)


def _checked(settings: Settings, place: Path, published: Book | None) -> Checked:
    lifecycles = published.lifecycles if published else {}
    reading = read_checked(place, settings.templates.path / "email", lifecycles)
    problems = list(reading.problems)
    for proposed in reading.book.lifecycles.values() if reading.book else ():
        if proposed.id in lifecycles:
            problems += compare(lifecycles[proposed.id], proposed, reading)
    problems.sort(key=lambda one: (one.file, one.line, one.column, one.code))
    return Checked(place, reading, problems, published)


def check_files(settings: Settings, files: Mapping[str, str], published: Book | None) -> Checked:
    """The same of files by name: all that there shall be. Takes a while: run it beside the loop."""
    with TemporaryDirectory(prefix="definitions-") as folder:
        for name, text in files.items():
            (Path(folder) / name).write_text(text)
        return _checked(settings, Path(folder), published)


# ── files in place of what is published


async def with_published(store: Store, files: Mapping[str, str]) -> dict[str, str]:
    """All files there would be: those given, and of every other part the text it was published with.

    Raises `Refusal` for a name that is none, and for a part whose text was not kept.
    """
    for name in files:
        if not FILE_NAME.fullmatch(name):
            said = f"{name!r} names no file of definitions."
            remedy = "Like customer_journey.yaml: small letters, digits and _."
            raise Refusal("bad_name", said, remedy, "files")
    kept = {f"{row.id}.yaml": row.source for row in await held_for_all(store)}
    if lost := sorted(name for name, text in kept.items() if not text and name not in files):
        said = f"The text of {', '.join(lost)} was not kept when it was published."
        raise Refusal("no_source", said, "Send these files too.", "files")
    return {**kept, **files}


# ── what is published


async def book_of(store: Store) -> Book | None:
    """What is published in a database, if anything is."""
    try:
        return (await current_book(store))[0]
    except Refusal as refusal:
        if refusal.code != "nothing_published":
            raise
        return None
