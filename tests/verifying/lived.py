"""Lives of accounts, folded by the core and recorded batch by batch as a worker records them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from lifecycle.contract import RecordRequest
from lifecycle.core.inputs import Input, OpenCta
from lifecycle.core.model import Book
from lifecycle.store.definitions import parts_of, publish
from lifecycle.store.engine import Store
from lifecycle.store.record import record
from lifecycle.store.shelf import Shelf, shelf_of
from lifecycle.verifying.page import Verified, Verifying
from tests.core.journey import START, Journey
from tests.core.test_properties import BOOK
from tests.core.test_shadows import TWINS

SHELVES: WeakKeyDictionary[Store, Shelf] = WeakKeyDictionary()
PUBLISHED = START - timedelta(days=1)


class Lived(Journey):
    """One account. Each batch is recorded a second or more after the last input in it."""

    def __init__(self, store: Store, account: str = "acme", book: Book = BOOK) -> None:
        super().__init__(book, account)
        self.store = store
        self.kept = self.batches = 0

    def take(self, item: Input, now: datetime, published: Book | None = None) -> None:
        """An input, and what is due by then."""
        self._keep([*self.fold.take(item, published), *self.fold.catch_up(now)])

    async def record(self) -> None:
        """What was not recorded yet, as one batch."""
        entries = self.entries[self.kept :]
        if not entries:
            return
        self.kept, self.batches = len(self.entries), self.batches + 1
        state = self.fold.state
        now = max(state.clock or START, entries[-1].at) + timedelta(seconds=self.batches)
        runs = state.versions, state.pending
        wakes = self.fold.wakes_at()
        request = RecordRequest(state.account, entries, state.lead, wakes, *runs)
        await record(self.store, request, now)

    async def live(self, steps: Iterable[tuple[datetime, Input]], cuts: Iterable[int] = ()) -> None:
        """All of it, recorded at these places and at the end."""
        places = set(cuts)
        for number, (now, item) in enumerate(steps):
            self.take(item, now)
            if number in places:
                await self.record()
        await self.record()


async def busy(store: Store, account: str = "acme") -> Lived:
    """A life that leaves rows in every table, under definitions of which every line has a twin in shadow."""
    life = Lived(store, account, TWINS)
    life.create(name="Acme", csm="Ann Lee", contact_email="cleo@acme.example")
    await life.record()
    life.at(1).won(csm="Ann Lee", arr=120_000, renewal_date="2026-12-31")
    life.at(2).cta(OpenCta, title="Call", playbook="kickoff")
    await life.record()
    by_hand = next(name for name in life.state.ctas if name.startswith("by_hand"))
    life.task(by_hand, "read_handover")
    life.at(3).set("customer_journey", "launched")
    life.at(3.5).undo()
    await life.record()
    life.at(10).event("invoice.payment_failed", invoice_id="i1")
    life.event("usage.reported", active_users=9, weekly_logins=20)
    life.event("escalation.opened", severity="high", summary="down")
    life.hold(3)
    await life.record()
    life.at(60).fields(sector="Steel", employees=12)
    life.close(by_hand)
    life.event("no.such_event")
    await life.record()
    return life


async def publish_book(store: Store, book: Book = BOOK, at: datetime = PUBLISHED) -> None:
    """The definitions these lives run."""
    await publish(store, parts_of(book, {}), "ann", at)


async def verified(store: Store, *accounts: str) -> Verified:
    """What verification finds."""
    shelf = SHELVES[store] = await shelf_of(store, SHELVES.get(store))
    verifying = Verifying(store, shelf)
    try:
        return await verifying.verify(accounts or ["acme"])
    finally:
        verifying.close()
