"""A small book of accounts, folded by the core and recorded by the store: what the commands are tried on."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lifecycle.contract import RecordRequest
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import CreateAccount, Event, Hold, Input, SetFields, SetStage, Undo
from lifecycle.core.model import Book
from lifecycle.core.state import AccountState
from lifecycle.core.values import Value
from lifecycle.definition import read_folder
from lifecycle.store.definitions import parts_of, publish
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import migrate_database
from lifecycle.store.record import record

SHIPPED = Path(__file__).parents[2] / "definitions"
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
"""The wall clock of these tests; a Monday."""


def shipped() -> Book:
    """The shipped definitions."""
    book = read_folder(SHIPPED, None).book
    assert book is not None
    return book


@dataclass
class Life:
    """An account on its way; days count back from NOW."""

    fold: Fold
    inputs: list[Input] = field(default_factory=list)

    def event(self, days_ago: float, kind: str, **data: Value) -> "Life":
        at = ago(days_ago)
        return self.take(Event(f"{kind}-{len(self.inputs)}", "crm", kind, at, at, dict(data)))

    def take(self, item: Input) -> "Life":
        self.inputs.append(item)
        return self

    def set(self, days_ago: float, lifecycle: str, stage: str | None, reason: str) -> "Life":
        return self.take(SetStage(ago(days_ago), "ann", reason, lifecycle, stage))

    def fields(self, days_ago: float, **fields: Value) -> "Life":
        return self.take(SetFields(ago(days_ago), "ann", dict(fields), "from the contract"))

    def request(self) -> RecordRequest:
        """Everything up to NOW."""
        entries = self.fold.take_all(self.inputs) + self.fold.catch_up(NOW)
        state = self.fold.state
        return RecordRequest(state.account, entries, state.lead, self.fold.wakes_at())


def ago(days: float) -> datetime:
    """That many days before NOW."""
    return NOW - timedelta(days=days)


def lives(book: Book) -> list[Life]:
    """Five accounts, each in another situation."""

    def born(account: str, days_ago: float, **fields: Value) -> Life:
        life = Life(Fold(book, AccountState(account)))
        return life.take(CreateAccount(ago(days_ago), dict(fields)))

    acme = born(
        "acme", 60, name="Acme GmbH", plan="Pro", seats=40, contact_email="eve@acme.example"
    )
    acme.event(58, "opportunity.stage_changed", stage="Negotiations Completed", amount=48000)
    acme.event(
        50,
        "opportunity.closed_won",
        csm="Ann Lee",
        owner="Bo Diaz",
        renewal_date="2027-04-12",
        arr=48000,
    )
    acme.event(46, "kickoff.held").event(40, "product.went_live")
    acme.event(20, "training.completed", course="Basics")
    acme.event(6, "usage.reported", active_users=7, weekly_logins=20, seats_used=44)
    acme.set(5, "customer_stages", "implementation", "kick-off went well")

    globex = born("globex", 30, name="Globex", country="Spain")
    globex.event(20, "opportunity.closed_won", csm="Ann Lee", owner="Cy Ode", arr=9000.5)
    globex.take(Hold(ago(3), "ann", NOW + timedelta(days=11), "their sponsor is on leave"))
    globex.event(2, "usage.reported", active_users=6, weekly_logins=2, seats_used=3)

    initech = born("initech", 400, name="Initech")
    initech.event(
        390, "opportunity.closed_won", csm="Dee Fox", renewal_date="2026-05-01", arr=120000
    )
    initech.event(100, "notice.given", reason="budget")

    hooli = born("hooli", 90, name="Hooli", arr=250000)
    hooli.event(10, "escalation.opened", severity="high", summary="outage")
    hooli.set(4, "sales", "customer", "signed on paper").take(Undo(ago(3), "ann", "wrong account"))

    umbrella = born("umbrella", 70, name="Umbrella Corporation of Greater Raccoon City")
    return [acme, globex, initech, hooli, umbrella]


async def fill(url: str) -> None:
    """A migrated database with the shipped definitions published and the book in it."""
    await migrate_database(url)
    store = Store(make_engine(url))
    book = shipped()
    await publish(store, parts_of(book, {}), "ann", ago(500))
    for life in lives(book):
        await record(store, life.request(), NOW)
    await store.close()
