"""Rehearsing over the database: recorded inputs read, lived through and compared per second and core (N2).

The lives are those of `core` up to today, recorded in SQLite and copied by it. Once the record is of what is live alone
and counts as the live life; once other versions ran, and each record is folded twice. One core: processor time.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert, literal, select, true
from sqlalchemy.engine import Connection

from lifecycle.contract import RecordRequest
from lifecycle.core.durations import Duration
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import Deadline
from lifecycle.core.model import After, Automation, Book
from lifecycle.core.state import AccountState
from lifecycle.processes import collect_seldom, cores
from lifecycle.rehearsing.living import Plan, live_through
from lifecycle.rehearsing.running import AT_ONCE, how_many, rehearsed
from lifecycle.store.definitions import parts_of, publish
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import migrate_database
from lifecycle.store.record import record
from lifecycle.store.tables import AccountRow, JournalRow, table_of

from .core import START, life, shipped_book
from .report import Figure

ACCOUNTS, COPIES, ROUNDS, GOAL = 100, 9, 3, 10_000
LATER = timedelta(days=365)


async def measure() -> list[Figure]:
    """One core with a record of what is live alone, and of older versions; then all cores."""
    collect_seldom()  # as in the processes that do the work
    book = shipped_book()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'lives.db'}"
        inputs, bare = await _recorded(url, book)
        store = Store(make_engine(url))
        once, twice = [await _on_one_core(store, plan) for plan in _plans(book)]
        every = await _on_every_core(store, _plans(book)[0]) / (inputs * (1 + COPIES))
        await store.close()
    rate = 1 / once
    return [
        Figure(
            "rehearse: inputs per second and core",
            rate,
            f">= {GOAL}",
            rate >= GOAL,
            "{:,.0f}",
        ),
        Figure("rehearse: time per input / folding it bare", once / bare, "", None),
        Figure("rehearse: the same where older versions ran", twice / bare, "", None),
        Figure(f"rehearse: inputs per second on {cores()} cores", 1 / every, "", None, "{:,.0f}"),
    ]


def _plans(book: Book) -> tuple[Plan, Plan]:
    """The record is the live life; and: everything was published since."""
    now = datetime.now(UTC)
    plan = Plan(book, longer(book), now, START)
    return plan, replace(plan, published_at=now + LATER)


def longer(book: Book) -> Book:
    """The shipped book, but that time moves an account on after 45 days."""

    def line(one: Automation) -> Automation:
        is_it = one.name == "two_weeks_passed"
        return replace(one, trigger=After(Duration(45))) if is_it else one

    journey = book.lifecycles["customer_journey"]
    lines = tuple(line(one) for one in journey.automations)
    draft = replace(journey, version=journey.version + 1, automations=lines)
    return replace(book, lifecycles={**book.lifecycles, journey.id: draft})


async def _recorded(url: str, book: Book) -> tuple[int, float]:
    """Record the lives; how many inputs they are, and the seconds that folding one takes by itself."""
    await migrate_database(url)
    store = Store(make_engine(url))
    await publish(store, parts_of(book, {}), "bench", START)
    inputs, spent, now = 0, 0.0, datetime.now(UTC)
    for number in range(ACCOUNTS):
        items, fold = list(life(number)), Fold(book, AccountState(f"a{number:04}"))
        begun = time.process_time()
        entries = fold.take_all(items) + fold.catch_up(now)
        spent += time.process_time() - begun
        inputs += sum(not isinstance(entry.input, Deadline) for entry in entries)
        request = RecordRequest(fold.state.account, entries, 0, fold.wakes_at())
        await record(store, request, now)
    await store.write(_copied)
    await store.close()
    return inputs, spent / inputs


def _copied(connection: Connection) -> None:
    """Each account and its record again under other ids: a rehearsal reads no other rows."""
    for number in range(COPIES):
        for model, name in ((AccountRow, "id"), (JournalRow, "account")):
            table = table_of(model)
            columns = [
                (literal(f"b{number}-") + column).label(name) if column.name == name else column
                for column in table.c
            ]
            first = select(*columns).where(table.c[name].like("a%"))
            names = [column.name for column in table.c]
            connection.execute(insert(table).from_select(names, first))


async def _on_one_core(store: Store, plan: Plan) -> float:
    """Seconds per input, the best of some rounds."""
    names = [f"a{number:04}" for number in range(ACCOUNTS)]
    best = float("inf")
    for _ in range(ROUNDS):
        begun, inputs = time.process_time(), 0
        for first in range(0, len(names), AT_ONCE):
            found = await live_through(store, plan, names[first : first + AT_ONCE])
            inputs += found.totals.inputs
        best = min(best, (time.process_time() - begun) / inputs)
    return best


async def _on_every_core(store: Store, plan: Plan) -> float:
    """Seconds, the start of the processes included."""
    total = await how_many(store, true())
    begun = time.perf_counter()
    async for _ in rehearsed(store, plan, true(), total):
        pass
    return time.perf_counter() - begun
