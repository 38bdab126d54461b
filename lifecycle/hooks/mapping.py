"""A hook, as read: which of a message's values count, whose it is, and what it says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lifecycle.importing.mapping import Cell, FromColumn, PastEvent, Question


@dataclass(frozen=True, slots=True)
class Known:
    """The account that one of their ids was learnt to belong to."""

    of: str
    id: FromColumn


Whose = tuple[FromColumn | Known, ...]
"""Ways to the account; the first that says something counts."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """Messages tell which account their `id` belongs to."""

    of: str
    id: FromColumn
    account: FromColumn
    only: Question | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What messages of one kind say. `ignore` says why nothing is done."""

    whose: Whose
    events: tuple[PastEvent, ...] = ()
    fields: tuple[tuple[str, Cell], ...] = ()
    starts: bool = False
    ignore: str = ""
    only: Question | None = None


@dataclass(frozen=True, slots=True)
class Hook:
    """`paths` are the columns' places in a message; `source` goes into every event (R20)."""

    id: str
    title: str
    format: str
    source: str
    paths: dict[str, tuple[str, ...]]
    lessons: tuple[Lesson, ...]
    entries: tuple[Entry, ...]

    def known(self) -> Iterator[Known]:
        """Every way to an account by one of their ids."""
        for entry in self.entries:
            yield from (way for way in entry.whose if isinstance(way, Known))
