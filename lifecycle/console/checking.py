"""Reading a folder of definitions with all its problems, those that published versions forbid among them (R14)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal
from lifecycle.definition import Problem, Reading, compare, render
from lifecycle.failure import Failure
from lifecycle.mail_check import read_checked
from lifecycle.settings import Settings
from lifecycle.store.definitions import current_book
from lifecycle.store.engine import Store

from .desk import Desk, NoDatabase


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


async def check_folder(desk: Desk, folder: Path | None) -> Checked:
    """Read and check a folder, against what is published where a database is there."""
    return check_against(desk.settings, folder, await published_book(desk))


def check_against(settings: Settings, folder: Path | None, published: Book | None) -> Checked:
    """Read and check a folder against what is published."""
    chosen = settings.model_copy(update={"definitions_dir": folder}) if folder else settings
    place = chosen.definitions.path
    lifecycles = published.lifecycles if published else {}
    reading = read_checked(place, settings.templates.path / "email", lifecycles)
    problems = list(reading.problems)
    for proposed in reading.book.lifecycles.values() if reading.book else ():
        if proposed.id in lifecycles:
            problems += compare(lifecycles[proposed.id], proposed, reading)
    problems.sort(key=lambda one: (one.file, one.line, one.column, one.code))
    return Checked(place, reading, problems, published)


async def published_book(desk: Desk) -> Book | None:
    """What is published; None where there is no database yet, or nothing in it."""
    try:
        store = await desk.store()
    except NoDatabase:
        return None
    return await book_of(store)


async def book_of(store: Store) -> Book | None:
    """What is published in a database, if anything is."""
    try:
        return (await current_book(store))[0]
    except Refusal as refusal:
        if refusal.code != "nothing_published":
            raise
        return None
