"""All that was ever published, in memory: the books accounts ran at any time, for whoever folds many of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select

from lifecycle.core.codec import decoder
from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal

from .definitions import TYPES, Key, assembled, book_keys, known_keys, newest_keys
from .engine import Store
from .tables import DefinitionRow, PartKind, table_of

DEFINITION: Final = table_of(DefinitionRow)
_ORDER: Final = (
    DEFINITION.c.kind,
    DEFINITION.c.id,
    DEFINITION.c.version,
    DEFINITION.c.edition,
)
ROWS: Final = select(*_ORDER, DEFINITION.c.published_at, DEFINITION.c.content).order_by(*_ORDER)
COUNT: Final = select(func.count()).select_from(DEFINITION)
SKEW: Final = timedelta(minutes=10)

Runs = Mapping[str, int]
"""The version of each lifecycle."""


class Shelf:
    """Books by when they were known. Equal books are one object."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self._rows = [tuple(row)[:5] for row in rows]
        self._data = {tuple(row)[:4]: row.content for row in rows}
        self._parts: dict[Key, Any] = {}
        self._books: dict[Any, Book] = {}
        self._known: dict[Any, Book | None] = {}
        self.instants: list[datetime] = sorted({row[4] for row in self._rows}, reverse=True)
        """When something was published, the latest first."""

    def __len__(self) -> int:
        return len(self._rows)

    def running(self, versions: Runs, pending: Runs, at: datetime) -> Book | None:
        """As `definitions.book_for` gave it at an instant; None where a version is not there."""
        key = (frozenset(versions.items()), frozenset(pending.items()), self._since(at))
        if key not in self._known:
            self._known[key] = self._running(versions, pending, at)
        return self._known[key]

    def _running(self, versions: Runs, pending: Runs, at: datetime) -> Book | None:
        try:
            return self._book(*book_keys(known_keys(self._rows, at), versions, pending))
        except Refusal:
            return None

    def newest(self, at: datetime) -> Book | None:
        """The newest of everything at an instant."""
        key = self._since(at)
        if key not in self._known:
            try:
                self._known[key] = self._book(newest_keys(known_keys(self._rows, at)), [])
            except Refusal:
                self._known[key] = None
        return self._known[key]

    def around(self, at: datetime) -> Iterator[datetime]:
        """The instant itself, those before it at which something else came into force, and those just after.

        Clocks differ.
        """
        yield at
        since = self._since(at)
        yield from (instant for instant in self.instants if since is not None and instant < since)
        yield from (instant for instant in self.instants if at < instant <= at + SKEW)

    def _since(self, at: datetime) -> datetime | None:
        """From when on that was in force which was in force then."""
        return next((instant for instant in self.instants if instant <= at), None)

    def _book(self, running: Sequence[Key], waiting: Sequence[Key]) -> Book:
        key = (tuple(sorted(running)), tuple(sorted(waiting)))
        if key not in self._books:
            parts = {one: self._part(one) for one in key[0]}
            self._books[key] = assembled(parts, [self._part(one) for one in key[1]])[0]
        return self._books[key]

    def _part(self, key: Key) -> Any:
        if key not in self._parts:
            self._parts[key] = decoder(TYPES[PartKind(key[0])])(self._data[key])
        return self._parts[key]


async def shelf_of(store: Store, known: Shelf | None = None) -> Shelf:
    """All that is published by now; the one that is known, where nothing was published since."""
    async with store.connected() as connection:
        if known is not None and len(known) == (await connection.execute(COUNT)).scalar_one():
            return known
        return Shelf((await connection.execute(ROWS)).all())
