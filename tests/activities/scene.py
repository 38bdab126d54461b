"""An account as the core decided it and the store recorded it: what activities find."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from activities.deliver import Delivering
from lifecycle import contract
from lifecycle.core.changes import Entry
from lifecycle.core.codec import to_data
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import CreateAccount, Event, Hold, Input, SetFields
from lifecycle.core.model import Book
from lifecycle.core.state import AccountState
from lifecycle.settings import Settings
from lifecycle.store import effects
from lifecycle.store.engine import Store
from lifecycle.store.record import record
from lifecycle.store.tables import EffectRow

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
MARIA = {"contact_email": "maria@example.com", "contact_name": "Maria"}
ANA = {"csm": "Ana Torres", "csm_email": "ana@example.com"}
BEN = {"owner": "Ben", "owner_email": "ben@example.com"}


@dataclass
class Scene:
    """One account; every step is recorded at once."""

    store: Store
    settings: Settings
    book: Book
    account: str = "acme"
    numbers: Any = field(default_factory=count)
    entries: list[Entry] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.fold = Fold(self.book, AccountState(self.account))
        self.delivering = Delivering(self.store, self.settings)

    @property
    def now(self) -> datetime:
        return self.fold.state.clock or START

    async def take(self, item: Input) -> list[str]:
        """Fold and record; answers with what is due."""
        entries = self.fold.take(item)
        self.entries += entries
        answer = await record(
            self.store, contract.RecordRequest(self.account, entries), datetime.now(UTC)
        )
        return answer.due

    async def event(self, type_: str, **data: Any) -> list[str]:
        at = self.now + timedelta(minutes=1)
        return await self.take(Event(f"e{next(self.numbers)}", "test", type_, at, at, data))

    async def create(self, **fields: Any) -> None:
        await self.take(CreateAccount(START, fields))

    async def set(self, **fields: Any) -> None:
        await self.take(SetFields(self.now, "ann", fields))

    async def hold(self) -> None:
        await self.take(Hold(self.now, "ann", self.now + timedelta(days=3), "merger"))

    async def deliver(self, effect: str) -> str:
        request = contract.DeliverRequest(self.account, effect)
        return await self.delivering.deliver(to_data(request))

    async def row(self, effect: str) -> EffectRow:
        return await effects.effect_row(self.store, effect)
