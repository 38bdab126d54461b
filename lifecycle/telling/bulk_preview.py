"""A change of many accounts before it is begun: folded on copies of them by the core, nothing is recorded.

What the preview says and what is sent afterwards come of the same fold: whoever would refuse it, or is as wanted
already, gets no command.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from lifecycle import messages
from lifecycle.core.changes import Entry
from lifecycle.core.evolve import copy_state
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import Adopt, Command, CreateAccount
from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal
from lifecycle.definition.condition_words import Labels
from lifecycle.files.wanted import general
from lifecycle.opposites import is_unchanged
from lifecycle.store.change_sets import NewItem
from lifecycle.store.change_tables import ItemStatus
from lifecycle.store.chosen import Chosen, chosen, how_many
from lifecycle.store.definitions import book_for

from .accounts import Found
from .bulk import Bulk, Message, Whom, sql_of
from .consequences import Consequence, consequences, foresee
from .phrases import count
from .set_off import SetOff
from .viewer import Viewer

EXAMPLES: Final = 3
SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Example:
    """One account, with what the change would do there."""

    account: str
    name: str
    stands: str
    lines: list[Consequence]


@dataclass(frozen=True, slots=True)
class NotSo:
    """An account that would refuse it, and why."""

    account: str
    name: str
    reason: str


@dataclass(slots=True)
class Preview:
    """What a change of many comes to. `by_stage` is where those stand now that it would change.

    `total` accounts are meant, `looked_at` of them were asked.
    """

    title: str
    total: int = 0
    looked_at: int = 0
    changes: int = 0
    unchanged: int = 0
    by_stage: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    first_refused: list[NotSo] = field(default_factory=list)
    set_off: SetOff = field(default_factory=SetOff)
    examples: list[Example] = field(default_factory=list)

    @property
    def is_part(self) -> bool:
        """Whether there are more accounts than were asked."""
        return self.looked_at < self.total

    def said(self) -> str:
        """In one sentence."""
        parts = [f"{count(self.changes, 'account')} would change"]
        parts += [f"{self.unchanged:,} as wanted already"] if self.unchanged else []
        parts += [f"{self.refused.total():,} refused"] if self.refused else []
        return ", ".join(parts) + "."

    def data(self) -> dict[str, Any]:
        """For programs, and kept with the change-set."""
        return {
            "title": self.title,
            "total": self.total,
            "looked_at": self.looked_at,
            "changes": self.changes,
            "unchanged": self.unchanged,
            "by_stage": dict(self.by_stage.most_common()),
            "refused": [
                {"reason": why, "accounts": number} for why, number in self.refused.most_common()
            ],
            "first_refused": [asdict(one) for one in self.first_refused],
            "sets_off": self.set_off.data(),
            "examples": [asdict(one) for one in self.examples],
        }


@dataclass(slots=True)
class Drawn:
    """A preview with the commands that were found out on the way."""

    preview: Preview
    items: list[NewItem] = field(default_factory=list)


async def preview(
    viewer: Viewer,
    bulk: Bulk,
    whom: Whom,
    done: Callable[[int], None] = lambda _: None,
    most: int | None = None,
) -> Drawn:
    """Ask every account that is meant, or the first `most`. Raises `Refusal` as `sql_of`.

    `done` is told how many more were asked.
    """
    only = await sql_of(viewer, whom)
    drawn = Drawn(Preview(bulk.title, await how_many(viewer.store, only)))
    asking = _Asking(viewer, bulk, drawn)
    async for page in chosen(viewer.store, only):
        part = page if most is None else page[: most - drawn.preview.looked_at]
        books = [await asking.book(one) for one in part]
        await asyncio.to_thread(asking.ask, part, books)
        done(len(part))
        if most is not None and drawn.preview.looked_at >= most:
            break
    return drawn


class _Asking:
    """The accounts asked one after the other."""

    def __init__(self, viewer: Viewer, bulk: Bulk, drawn: Drawn) -> None:
        self.viewer, self.bulk, self.drawn = viewer, bulk, drawn
        self.preview = drawn.preview
        self._books: dict[Any, Book] = {}
        self._shown: set[str] = set()

    async def book(self, one: Chosen) -> Book:
        """What the account runs."""
        state = one.state
        key = (tuple(state.versions.items()), tuple(state.pending.items()))
        if key not in self._books:
            found, _ = await book_for(self.viewer.store, state.versions, state.pending)
            self._books[key] = found
        return self._books[key]

    def ask(self, page: Sequence[Chosen], books: Iterable[Book]) -> None:
        """What each would do."""
        for one, book in zip(page, books, strict=True):
            self.preview.looked_at += 1
            message = self.bulk.message_to(one.state)
            try:
                self._ask(one, book, message)
            except Refusal as refusal:
                self._refused(one, message, refusal)

    def _ask(self, one: Chosen, book: Book, message: Message) -> None:
        now, stands = self.viewer.now_for(one.lead), self.bulk.stands(one.state)
        command = self._read(one, message)
        wanted = self._is_example(stands)
        before = Found(copy_state(one.state) if wanted else one.state, book, now)
        fold = Fold(book, one.state)
        # What is due anyhow is none of this change's doing.
        fold.catch_up(now)
        entries = [*fold.take(command), *fold.catch_up(now)]
        own = next(entry for entry in entries if entry.input is command)
        if own.refused is not None:
            raise own.refused
        status = ItemStatus.UNCHANGED if is_unchanged(own) else ItemStatus.WAITING
        self.drawn.items.append(NewItem(before.account, message, status=status))
        if status is ItemStatus.UNCHANGED:
            self.preview.unchanged += 1
            return
        self._count(stands, fold, entries)
        if wanted:
            self._show(before, command, stands)

    def _read(self, one: Chosen, message: Message) -> Command:
        """As the account will read it."""
        arrival = messages.Arrival(one.state.account, self.viewer.now_for(one.lead), one.lead)
        said = {"actor": "…", "reason": self.bulk.reason, **message}
        found = messages.read_named(said, arrival)
        assert not isinstance(found, CreateAccount | Adopt)
        return found

    def _count(self, stands: str, fold: Fold, entries: Sequence[Entry]) -> None:
        self.preview.changes += 1
        self.preview.by_stage[stands] += 1
        changes = [change for entry in entries for change in entry.changes]
        self.preview.set_off.note(changes, Labels(fold.book))

    def _show(self, of: Found, command: Command, stands: str) -> None:
        self._shown.add(stands)
        lines = consequences(foresee(of, command), self.viewer.zone)
        self.preview.examples.append(Example(of.account, of.name, stands, lines))

    def _is_example(self, stands: str) -> bool:
        """The first of every stage that changes."""
        return len(self.preview.examples) < EXAMPLES and stands not in self._shown

    def _refused(self, one: Chosen, message: Message, refusal: Refusal) -> None:
        account, reason = one.state.account, str(refusal)
        self.preview.refused[general(refusal)] += 1
        if len(self.preview.first_refused) < SHOWN:
            name = str(one.state.fields.get("name") or account)
            self.preview.first_refused.append(NotSo(account, name, reason))
        self.drawn.items.append(
            NewItem(account, message, status=ItemStatus.REFUSED, code=refusal.code, reason=reason)
        )
