"""Lives of accounts, folded by the core and recorded batch by batch as a worker records them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lifecycle.contract import RecordRequest
from lifecycle.core import changes as c
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import Input
from lifecycle.core.model import Book
from lifecycle.core.state import AccountState
from lifecycle.store.definitions import parts_of, publish
from lifecycle.store.engine import Store
from lifecycle.store.record import record
from lifecycle.store.shelf import shelf_of
from lifecycle.verifying.page import Verified, Verifying
from tests.core.journey import START
from tests.core.test_properties import BOOK

PUBLISHED = START - timedelta(days=1)


@dataclass
class Lived:
    """One account. Each batch is recorded a second after the last input in it."""

    store: Store
    account: str = "acme"
    book: Book = BOOK
    entries: list[c.Entry] = field(default_factory=list)
    recorded: int = 0

    def __post_init__(self) -> None:
        self.fold = Fold(self.book, AccountState(self.account))

    def take(self, item: Input, now: datetime, published: Book | None = None) -> None:
        """An input, and what is due by then."""
        self.entries += [*self.fold.take(item, published), *self.fold.catch_up(now)]

    async def keep(self) -> None:
        """Record what was not recorded yet."""
        if not self.entries:
            return
        state = self.fold.state
        self.recorded += 1
        now = max(state.clock or START, self.entries[-1].at) + timedelta(seconds=self.recorded)
        runs = state.versions, state.pending
        wakes = self.fold.wakes_at()
        request = RecordRequest(self.account, self.entries, state.lead, wakes, *runs)
        await record(self.store, request, now)
        self.entries = []

    async def live(self, steps: Iterable[tuple[datetime, Input]], cuts: Iterable[int] = ()) -> None:
        """All of it, recorded at these places and at the end."""
        places = set(cuts)
        for number, (now, item) in enumerate(steps):
            self.take(item, now)
            if number in places:
                await self.keep()
        await self.keep()


async def publish_book(store: Store, book: Book = BOOK, at: datetime = PUBLISHED) -> None:
    """The definitions these lives run."""
    await publish(store, parts_of(book, {}), "ann", at)


async def verified(store: Store, *accounts: str) -> Verified:
    """What verification finds."""
    verifying = Verifying(store, await shelf_of(store))
    try:
        return await verifying.verify(accounts or ["acme"])
    finally:
        verifying.close()
