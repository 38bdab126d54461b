"""What bringing a version back would do, before anybody does it: folded on copies, nothing is recorded (R13, R24)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import col, select

from lifecycle.core import changes as c
from lifecycle.core.deciding.going_back import KEPT
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import GoBack
from lifecycle.core.model import Book
from lifecycle.core.state import AccountState
from lifecycle.definition.condition_words import Labels
from lifecycle.store.definitions import book_for, current_book
from lifecycle.store.engine import Store
from lifecycle.store.publication_tables import PublicationRow
from lifecycle.store.stored import state_of
from lifecycle.store.tables import AccountRow

from .phrases import count

MOST: Final = 2_000
MOST_KEPT: Final = 20


@dataclass(slots=True)
class GoingBack:
    """What would become of the accounts that run the version, `looked_at` of `total`.

    `moved` counts the ways back; `kept` are accounts that cannot be brought all the way back, with the reason.
    """

    lifecycle: str
    version: int
    before: int
    total: int = 0
    looked_at: int = 0
    moved: Counter[str] = field(default_factory=Counter)
    mails: int = 0
    ctas: int = 0
    kept: list[tuple[str, str]] = field(default_factory=list)

    def lines(self) -> Iterator[tuple[str, str]]:
        """A sign and a sentence for each thing that would happen."""
        go = "runs" if self.total == 1 else "run"
        yield "undo", f"{count(self.total, 'account')} {go} version {self.before} again."
        for way, number in self.moved.most_common():
            verb = "moves" if number == 1 else "move"
            yield "arrow", f"{count(number, 'account')} {verb} back: {way}. Its timers count on."
        if self.ctas:
            yield "check", f"{count(self.ctas, 'CTA')} it opened are withdrawn."
        if self.mails:
            yield "mail", f"{count(self.mails, 'e-mail')} it set off cannot be taken back if sent."
        if self.kept:
            verb = "keeps" if len(self.kept) == 1 else "keep"
            yield "info", f"{count(len(self.kept), 'account')} {verb} what somebody else did since."
        if self.looked_at < self.total:
            yield "info", f"The first {self.looked_at:,} of {self.total:,} were looked at."


async def foresee_back(store: Store, row: PublicationRow, now: datetime) -> GoingBack:
    """Fold the way back on copies of the accounts that run the version, or wait for it."""
    found = GoingBack(row.lifecycle, row.version, row.before)
    if not row.lifecycle:
        return found
    runs = await _running(store, row)
    found.total = len(runs)
    books: dict[Any, Book] = {}
    taken = []
    for state, lead in runs[:MOST]:
        key = (tuple(state.versions.items()), tuple(state.pending.items()))
        if key not in books:
            books[key], _ = await book_for(store, state.versions, state.pending)
        taken.append((books[key], state, now + timedelta(seconds=lead)))
    published = await _without(store, row)
    await asyncio.to_thread(_fold, taken, published, found)
    return found


async def _without(store: Store, row: PublicationRow) -> Book:
    """What is in force once the version holds for nobody."""
    book, _ = await current_book(store)
    running = {one.id: one.version for one in book.lifecycles.values()}
    return (await book_for(store, running | {row.lifecycle: row.before}))[0]


async def _running(store: Store, row: PublicationRow) -> list[tuple[AccountState, int]]:
    columns: Any = (AccountRow.state, AccountRow.lead)
    there = (col(AccountRow.revision) > 0, col(AccountRow.created_at).is_not(None))
    async with store.reading() as session:
        rows = await session.exec(select(*columns).where(*there).order_by(col(AccountRow.id)))
        states = [(state_of(data), lead) for data, lead in rows]
    return [
        (state, lead)
        for state, lead in states
        if row.version in {state.versions.get(row.lifecycle), state.pending.get(row.lifecycle)}
    ]


def _fold(
    taken: list[tuple[Book, AccountState, datetime]], published: Book, found: GoingBack
) -> None:
    labels = Labels(published)
    for book, state, now in taken:
        found.looked_at += 1
        if state.importing_since is not None:
            continue
        fold = Fold(book, state)
        fold.catch_up(now)
        before = fold.state.tracks.get(found.lifecycle)
        stood = before.stage if before else None
        item = GoBack(now, "…", "…", left={found.lifecycle: found.version})
        entries = fold.take(item, published)
        _note(found, entries, stood, fold.state, labels)


def _note(
    found: GoingBack,
    entries: list[c.Entry],
    stood: str | None,
    state: AccountState,
    labels: Labels,
) -> None:
    undone = [one for entry in entries for one in entry.changes if isinstance(one, c.Undone)]
    if undone:
        track = state.tracks.get(found.lifecycle)
        ends = [
            labels.stage(found.lifecycle, stage) if stage else "None"
            for stage in (stood, track.stage if track else None)
        ]
        found.moved[" → ".join(ends)] += 1
    found.mails += sum(len(one.unit.effects) for one in undone)
    found.ctas += sum(len(one.unit.ctas_opened) for one in undone)
    notes = (note for entry in entries for note in entry.notes if note.code == KEPT)
    found.kept += [(state.account, note.text) for note in notes]
