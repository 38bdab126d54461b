"""A large book of accounts, the same in every run: a thousand lives folded and recorded by the engine, then
copied by the database itself under new ids. A copy has every row that its original has."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Table, insert, select, text

from lifecycle.contract import RecordRequest
from lifecycle.core.changes import Entry
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import CreateAccount, Event, Input, SetFields, SetStage, Undo
from lifecycle.core.model import Book
from lifecycle.core.state import AccountState
from lifecycle.core.values import Value
from lifecycle.store import tables as t
from lifecycle.store.definitions import parts_of, publish
from lifecycle.store.engine import Store
from lifecycle.store.record import record
from lifecycle.store.tables import table_of

LIVES, STEPS = 1_000, 18
AT_ONCE, COPIES_AT_ONCE = 500, 10
BEGIN, END = datetime(2025, 1, 1, 9, tzinfo=UTC), datetime(2026, 6, 30, 9, tzinfo=UTC)
COPIED = (
    t.AccountRow, t.FieldRow, t.FieldChangeRow, t.TrackRow, t.VisitRow, t.JournalRow, t.CtaRow,
    t.TaskRow, t.EffectRow, t.AheadRow,
)  # fmt: skip
PEOPLE = ("Ana Diaz", "Ben Ode", "Cleo Marsh", "Dan Wolf", "Eva Lind", "Femi Ajayi")
KINDS: list[tuple[int, str]] = [
    (20, "usage.reported"),
    (12, "opportunity.closed_won"),
    (6, "opportunity.stage_changed"),
    (9, "kickoff.held"),
    (9, "configuration.completed"),
    (8, "product.went_live"),
    (8, "training.completed"),
    (4, "product.purchased"),
    (4, "wholesale.billed"),
    (4, "escalation.opened"),
    (5, "escalation.acknowledged"),
    (4, "escalation.plan_agreed"),
    (4, "escalation.plan_done"),
    (4, "opportunity.created"),
    (5, "contract.renewed"),
    (2, "notice.given"),
    (2, "subscription.cancelled"),
]
"""Shares in a hundred or so."""


def data_of(kind: str, dice: random.Random) -> dict[str, Value]:
    """What an event of that type carries."""
    renewal = (BEGIN + timedelta(days=dice.randint(200, 900))).date().isoformat()
    known: dict[str, dict[str, Value]] = {
        "usage.reported": {"active_users": dice.randint(0, 40), "weekly_logins": 9},
        "opportunity.closed_won": {
            "opportunity_id": str(dice.randint(1, 9)),
            "csm": dice.choice(PEOPLE),
            "renewal_date": renewal,
            "arr": dice.randint(2, 200) * 1_000,
        },
        "contract.renewed": {"renewal_date": renewal},
        "product.purchased": {"order_id": "1"},
        "wholesale.billed": {"order_id": "1"},
        "opportunity.stage_changed": {"stage": "Negotiations Completed"},
        "escalation.opened": {"severity": "high", "summary": "slow"},
    }
    return known.get(kind, {})


def life(number: int) -> Iterator[Input]:
    """One account's inputs in order, a few of them by people."""
    dice = random.Random(number)
    at = BEGIN + timedelta(hours=dice.randint(0, 6_000))
    yield CreateAccount(at, {"name": f"Company {number}", "sector": dice.choice("abcdefgh")})
    for step in range(STEPS):
        at += timedelta(hours=dice.randint(1, 700))
        if at > END:
            return
        yield from _step(f"{number}-{step}", at, dice)


def _step(name: str, at: datetime, dice: random.Random) -> Iterator[Input]:
    who = dice.choice(PEOPLE)
    if dice.random() < 0.06:
        stage = dice.choice(["onboarding", "launched", "adopting", "renewal"])
        yield SetStage(at, who, f"reason {dice.randint(1, 5)}", "customer_journey", stage)
        if dice.random() < 0.2:
            yield Undo(at + timedelta(minutes=5), who, "a slip")
    elif dice.random() < 0.06:
        yield SetFields(at, who, {"contact_name": "C", "contact_email": f"c{name}@example.com"})
    else:
        [(_, kind)] = dice.choices(KINDS, [share for share, _ in KINDS])
        yield Event(name, "bench", kind, at, at, data_of(kind, dice))


async def seed(store: Store, book: Book) -> None:
    """Record the original lives, each quarter of a year as it went by."""
    await publish(store, parts_of(book, {}), "bench", BEGIN)
    for number in range(LIVES):
        fold = Fold(book, AccountState(f"a{number:04}"))
        for item in life(number):
            await _record(
                store, fold, fold.take(item), item.at if not isinstance(item, Event) else item.time
            )
        await _record(store, fold, fold.catch_up(END), END)


async def _record(store: Store, fold: Fold, entries: list[Entry], now: datetime) -> None:
    state = fold.state
    if entries:
        request = RecordRequest(
            state.account, entries, 0, fold.wakes_at(), dict(state.versions), dict(state.pending)
        )
        await record(store, request, now)


async def transfer(origin: Store, target: Store) -> None:
    """Give another database of this release the original lives, row by row: folding them again takes minutes."""
    for model in (t.DefinitionRow, *COPIED):
        table = table_of(model)
        async with origin.engine.connect() as connection:
            rows = [dict(row._mapping) for row in await connection.execute(select(table))]
        async with target.writing() as connection:
            for start in range(0, len(rows), AT_ONCE):
                await connection.execute(insert(table), rows[start : start + AT_ONCE])


async def multiply(store: Store, copies: int) -> None:
    """Copy every account so many times, and leave the tables as a database that tends itself has them."""
    for model in COPIED:
        table = table_of(model)
        async with store.writing() as connection:
            await connection.run_sync(_drop_indexes, table)
        for first in range(1, copies + 1, COPIES_AT_ONCE):
            last = min(first + COPIES_AT_ONCE - 1, copies)
            async with store.writing() as connection:
                if store.is_postgresql:  # A copy's account is there, as the original's is.
                    await connection.execute(text("SET LOCAL session_replication_role = replica"))
                await connection.execute(text(_copying(table, first, last)))
        async with store.writing() as connection:
            await connection.run_sync(_create_indexes, table)
    await _tend(store)


def _drop_indexes(connection: Connection, table: Table) -> None:
    """An index is made at once in a fraction of the time that its rows take one by one."""
    for index in table.indexes:
        index.drop(connection)


def _create_indexes(connection: Connection, table: Table) -> None:
    for index in table.indexes:
        index.create(connection)


async def _tend(store: Store) -> None:
    """What autovacuum does in its own time; SQLite only knows of statistics."""
    if not store.is_postgresql:
        async with store.writing() as connection:
            await connection.execute(text("ANALYZE"))
        return
    engine = store.engine.execution_options(isolation_level="AUTOCOMMIT")
    for model in COPIED:
        async with engine.connect() as connection:
            await connection.execute(text(f'VACUUM ANALYZE "{table_of(model).name}"'))


def _copying(table: Table, first: int, last: int) -> str:
    """The statement that copies the originals under the numbers from `first` to `last`."""
    named = {"account"} if "account" in table.c else {"id"}
    whose = "account" if "account" in table.c else "id"
    if table.name == "effect":
        named |= {"id"}
    columns = ", ".join(f'"{column.name}"' for column in table.c)
    values = ", ".join(
        f"\"{column.name}\" || '-' || n" if column.name in named else f'"{column.name}"'
        for column in table.c
    )
    numbers = f"WITH RECURSIVE copies(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM copies WHERE n < {last})"
    rows = f'SELECT {values} FROM "{table.name}", copies WHERE "{whose}" NOT LIKE \'%-%\''
    return f'INSERT INTO "{table.name}" ({columns}) {numbers} {rows}'
