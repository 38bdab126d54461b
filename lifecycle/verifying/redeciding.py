"""Decisions taken again: the inputs of the journal through the book that ran give the same changes and notes (N9).

Which book ran is not recorded. It is made of the versions the account ran and of shared parts as they were in force
at some instant before the entry: the one at hand is tried first, then the others, the latest first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from lifecycle.core import changes as c
from lifecycle.core.codec import encoder
from lifecycle.core.deciding.adoption import NEXT_MOVE
from lifecycle.core.evolve import apply, copy_state
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import Adopt, Deadline, Event, Input
from lifecycle.core.model import RULES, Book
from lifecycle.core.state import AccountState
from lifecycle.store.journal import entry_data
from lifecycle.store.shelf import Shelf

from .difference import Differs, first_differing

MOST_BOOKS: Final = 100


class Redeciding:
    """One account. Its own fold runs beside the recorded one for as long as both agree."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.fold: Fold | None = None

    def forget(self) -> None:
        """What comes is only folded: begin anew from the recorded state afterwards."""
        self.fold = None

    def differs(self, before: AccountState, entry: c.Entry, recorded: datetime) -> Differs | None:
        """Where the entry is not what its input gives in the state `before` it; None if it is.

        `recorded` is when it was written. Entries of other rules are not asked about.
        """
        if entry.rules != RULES:
            self.forget()
            return None
        found: Differs | None = None
        for fold, published in self._trials(before, entry, recorded):
            entries = _again(fold, entry, published)
            if entries == [entry]:
                self.fold = fold
                return None
            found = found or _difference(entry, entries, fold)
        self.forget()
        if found is None and len(self.shelf) > 0:
            return "versions", dict(before.versions), "never published here"
        return found

    def books(self, state: AccountState, recorded: datetime) -> Iterator[Book]:
        """What an account in this state may have run then: the likeliest first, each once."""
        if self.fold is not None:
            yield self.fold.book
        seen = {id(self.fold.book)} if self.fold is not None else set()
        for at in islice(self.shelf.around(recorded), MOST_BOOKS):
            book = (
                self.shelf.running(state.versions, state.pending, at)
                if state.versions
                else self.shelf.newest(at)
            )
            if book is not None and id(book) not in seen:
                seen.add(id(book))
                yield book

    def _trials(
        self, before: AccountState, entry: c.Entry, recorded: datetime
    ) -> Iterator[tuple[Fold, Book | None]]:
        """Folds of their own state that may give the entry, and the book that is handed over, where one is."""
        item = entry.input
        if isinstance(item, Adopt):
            handed = list(self._handed_over(before, entry, item, recorded))
            for book in list(self.books(before, recorded)):
                yield from ((Fold(book, copy_state(before)), one) for one in handed)
            return
        if _creates(entry):
            before_it = copy_state(before)
            apply(before_it, entry)
            self.forget()
            books = list(self.books(before_it, recorded))
        else:
            books = list(self.books(before, recorded))
        if self.fold is not None:
            books.pop(0)
            yield self.fold, None
        yield from ((Fold(book, copy_state(before)), None) for book in books)

    def _handed_over(
        self, before: AccountState, entry: c.Entry, item: Adopt, recorded: datetime
    ) -> Iterator[Book]:
        """What may have been published, as far as it concerns the account: the versions it runs and waits for."""
        after = copy_state(before)
        apply(after, entry)
        waits = {
            name: version
            for name, version in after.pending.items()
            if item.policies.get(name) == NEXT_MOVE
        }
        seen: set[int] = set()
        for at in islice(self.shelf.around(recorded), MOST_BOOKS):
            book = self.shelf.running({**after.versions, **waits}, {}, at)
            if book is not None and id(book) not in seen:
                seen.add(id(book))
                yield book


def _creates(entry: c.Entry) -> bool:
    return any(isinstance(change, c.AccountCreated) for change in entry.changes)


def _again(fold: Fold, entry: c.Entry, published: Book | None) -> list[c.Entry]:
    """What the fold makes of the entry's input; nothing for a deadline that is not the next."""
    item = _as_it_came(fold.state, entry.input)
    if not isinstance(item, Deadline):
        return fold.take(item, published)
    due = fold.next_due()
    if due is None or (due.at, due.what) != (item.at, item.what):
        return []
    return [fold.apply_due(due, entry.historic)]


def _as_it_came(state: AccountState, item: Input) -> Input:
    """The fold shifts an event's own time by the account's lead; it is recorded shifted."""
    if isinstance(item, Event) and state.lead and not item.historic:
        return replace(item, time=item.time - timedelta(seconds=state.lead))
    return item


def _difference(entry: c.Entry, entries: list[c.Entry], fold: Fold) -> Differs:
    if not entries:
        due = fold.next_due()
        return _inputs(entry.input, Deadline(due.at, due.what) if due else None)
    if len(entries) > 1:
        return _inputs(entry.input, entries[0].input)
    again = entries[0]
    if again.at != entry.at:
        return "at", entry.at, again.at
    found = first_differing(entry_data(entry), entry_data(again))
    return found or _inputs(entry.input, again.input)


def _inputs(stored: Input, recomputed: Input | None) -> Differs:
    """As the journal writes them."""
    write = encoder(Input)
    return "input", write(stored), write(recomputed) if recomputed else None
