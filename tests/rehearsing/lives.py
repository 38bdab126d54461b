"""A small book of accounts on their way through the customer journey; days count back from now."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from lifecycle.contract import RecordRequest
from lifecycle.core.durations import Duration
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import CreateAccount, Event, Hold, Input
from lifecycle.core.model import After, Book
from lifecycle.core.state import AccountState
from lifecycle.store.engine import Store
from lifecycle.store.record import record
from lifecycle.store.rehearsal_tables import RehearsalAccountRow, RehearsalRow
from lifecycle.store.tables import AccountRow

JOURNEY = "customer_journey"
TIMER = "two_weeks_passed"
SAME = ("early", "trained")
APART = ("held", "old", "timed-1", "timed-2", "timed-3")


@dataclass
class Life:
    """An account on its way; what it is given is folded when it is recorded."""

    account: str
    now: datetime
    inputs: list[Input] = field(default_factory=list)

    def ago(self, days: float) -> datetime:
        return self.now - timedelta(days=days)

    def won(self, days: float, csm: str = "Ann Lee") -> Life:
        at = self.ago(days)
        fields = {"name": self.account.title(), "contact_email": f"{self.account}@example.com"}
        self.inputs.append(CreateAccount(at - timedelta(days=1), dict(fields)))
        return self.event(days, "opportunity.closed_won", csm=csm, owner="Bo Diaz")

    def event(self, days: float, kind: str, **data: Any) -> Life:
        at = self.ago(days)
        return self.take(Event(f"{kind}-{len(self.inputs)}", "crm", kind, at, at, dict(data)))

    def take(self, item: Input) -> Life:
        self.inputs.append(item)
        return self

    async def record(self, store: Store, book: Book) -> Fold:
        """All of it, and what fell due up to now."""
        fold = Fold(book, AccountState(self.account))
        entries = fold.take_all(self.inputs) + fold.catch_up(self.now)
        wakes_at = fold.wakes_at()
        await record(store, RecordRequest(self.account, entries, 0, wakes_at), self.now)
        return fold


def lives(now: datetime) -> list[Life]:
    """Two whom a longer timer would leave as they are, four it would leave in Onboarding, one it moves later."""

    def life(account: str) -> Life:
        return Life(account, now)

    held = life("held").won(20)
    held.take(Hold(held.ago(2), "ann", held.ago(-10), "their sponsor is away"))
    return [
        life("early").won(10),
        life("trained").won(20).event(15, "training.completed", course="Basics"),
        held,
        life("old").won(60, csm="Cy Ode"),
        *(life(f"timed-{number}").won(20) for number in (1, 2, 3)),
    ]


async def fill(store: Store, book: Book, now: datetime) -> None:
    """Record them all."""
    for life in lives(now):
        await life.record(store, book)


def longer(book: Book, days: int = 45) -> Book:
    """The same book, but that time moves an account to Launched after so many days."""
    journey = book.lifecycles[JOURNEY]
    lines = tuple(
        replace(line, trigger=After(Duration(days))) if line.name == TIMER else line
        for line in journey.automations
    )
    draft = replace(journey, version=journey.version + 1, automations=lines)
    return replace(book, lifecycles={**book.lifecycles, JOURNEY: draft})


async def rows(store: Store) -> dict[str, int]:
    """How many rows every table has, but for those of rehearsals."""
    own = {RehearsalRow.__tablename__, RehearsalAccountRow.__tablename__}
    async with store.connected() as connection:
        return {
            table.name: (await connection.execute(select(func.count()).select_from(table))).scalar()
            or 0
            for table in AccountRow.metadata.sorted_tables
            if table.name not in own
        }
