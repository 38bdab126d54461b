"""Segments and reports over a large book, on both databases: each as a multiple of counting the table it reads.

100,000 accounts with more than three million journal rows, made by `bench.population`. Every statement's plan is
looked at: what it reads without an index is printed.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from lifecycle.core.model import Book
from lifecycle.definition.asked import condition_asked
from lifecycle.store import segments
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import migrate_database
from lifecycle.store.moment import AsOf, Moment, now_of
from lifecycle.store.reports import (
    distribution,
    durations,
    forecast,
    funnel,
    mails,
    manual,
    overdue,
    scores,
    standings,
    transitions,
)
from lifecycle.store.reports.periods import Period, Step
from lifecycle.store.reports.scope import Scope
from lifecycle.store.tables import table_of
from tests.postgres import running_server

from .core import shipped_book
from .population import COPIED, END, LIVES, multiply, seed, transfer
from .report import Figure

COPIES, ROUNDS = 99, 3
LAST_QUARTER = AsOf(END - timedelta(days=90), END - timedelta(days=90))
YEAR = Period((END - timedelta(days=365)).date(), END.date())
SENTENCES = {
    "one field": ["plan is one of Pro, Enterprise"],
    "text in a name": ["name contains 77"],
    "in a stage for days": [
        "customer_journey is one of onboarding, launched for more than 30 days"
    ],
    "in no stage": ["sales is not one of customer"],
    "changed": ["onboarding changed from kickoff to configuration in the last 90 days"],
    "completed": ["escalation completed in the last 90 days"],
    "does not exist": ["escalation does not exist"],
    "open CTA": ["has open cta of risk"],
}

Ask = Callable[[], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Question:
    """Something a person waits for: its goal is a multiple of `SELECT count(*)` over `table`."""

    name: str
    table: str
    goal: int
    ask: Ask


@dataclass(frozen=True, slots=True)
class World:
    """A book in a database, at the present and at the end of last quarter."""

    store: Store
    book: Book
    now: Moment

    def segment(self, name: str, condition: Any, moment: Moment) -> Question:
        """The first page of a segment and how many it has."""
        wanted = segments.Wanted(
            condition, moment, self.book.segments, ("name", "csm", "arr"), ("customer_journey",)
        )

        async def ask() -> None:
            await segments.page(self.store, wanted)
            await segments.count(self.store, wanted)

        return Question(f"segment {name}", "account", 5, ask)

    def segments(self) -> list[Question]:
        """Every saved segment and every operator, now; some as of last quarter."""
        saved = {one.id: one.where for one in self.book.segments.values()}
        asked = {name: condition_asked(said, self.book) for name, said in SENTENCES.items()}
        found = [self.segment(name, one, self.now) for name, one in (saved | asked).items()]
        past = ("one field", "in a stage for days", "changed")
        return found + [self.segment(f"{name}, as of", asked[name], LAST_QUARTER) for name in past]

    def reports(self) -> list[Question]:
        """Every report over one lifecycle or the whole book; those of the past once more."""
        return [*self._reports(self.now, ""), *self._reports(LAST_QUARTER, ", as of")]

    def _reports(self, moment: Moment, when: str) -> list[Question]:
        store, one = self.store, Scope(moment, ("customer_journey",))
        every = Scope(moment, tuple(self.book.lifecycles))
        card = self.book.scorecards["health"]
        stands = "visit" if when else "track"
        found: list[tuple[str, str, Ask]] = [
            ("distribution", stands, lambda: standings.standings(store, every)),
            ("over time", "visit", lambda: distribution.over_time(store, one, YEAR, Step.WEEK)),
            ("transitions", "visit", lambda: transitions.transitions(store, every, YEAR)),
            ("time in stage", "visit", lambda: durations.time_in_stage(store, one)),
            ("funnel", "visit", lambda: funnel.funnel(store, one, "onboarding", YEAR)),
            ("velocity", "visit", lambda: funnel.velocity(store, one, YEAR, Step.MONTH)),
            ("late", stands, lambda: overdue.overdue(store, "late", every, 30)),
            ("stuck", stands, lambda: overdue.overdue(store, "stuck", every, 30)),
            ("manual moves", "visit", lambda: manual.by_hand(store, YEAR, every)),
            ("mail", "effect", lambda: mails.mails(store, YEAR, every)),
            (
                "health",
                "field_change" if when else "account_field",
                lambda: scores.bands(store, card, every),
            ),
            (
                "health over time",
                "field_change",
                lambda: scores.bands_over_time(store, card, every, YEAR, Step.MONTH),
            ),
        ]
        if not when:
            wanted = forecast.Wanted(every, 90)
            found.append(("forecast", "ahead", lambda: forecast.outlook(store, wanted)))
        return [Question(f"report {name}{when}", table, 20, ask) for name, table, ask in found]


async def measure() -> list[Figure]:
    """Every question on PostgreSQL, then on SQLite."""
    book = shipped_book()
    with running_server() as server, tempfile.TemporaryDirectory() as folder:
        urls = {
            "PostgreSQL": await server.create_database(),
            "SQLite": f"sqlite:///{Path(folder) / 'book.db'}",
        }
        lives = f"sqlite:///{Path(folder) / 'lives.db'}"
        await seeded(lives, book)
        for url in urls.values():
            await enlarged(url, lives)
        return [one for name, url in urls.items() async for one in figures_of(name, url, book)]


async def figures_of(database: str, url: str, book: Book) -> AsyncIterator[Figure]:
    """One for each question asked of a large book."""
    async with _opened(make_engine(url)) as store:
        world = World(store, book, await now_of(store, END))
        for question in (*world.segments(), *world.reports()):
            yield await _figure(store, database, question)


async def seeded(url: str, book: Book) -> None:
    """A database with the original lives."""
    await migrate_database(url)
    async with _opened(make_engine(url)) as store:
        await seed(store, book)


async def enlarged(url: str, lives: str) -> None:
    """A database with the lives and their copies. Statements that make it may take their time."""
    begun = time.perf_counter()
    await migrate_database(url)
    patient = make_engine(url)
    if patient.dialect.name == "postgresql":
        patient = create_async_engine(patient.url)
    async with _opened(make_engine(lives)) as origin, _opened(patient) as store:
        await transfer(origin, store)
        await multiply(store, COPIES)
    accounts, seconds = LIVES * (COPIES + 1), time.perf_counter() - begun
    print(f"  {accounts:,} accounts in {seconds:.0f} s", file=sys.stderr)


@asynccontextmanager
async def _opened(engine: AsyncEngine) -> AsyncIterator[Store]:
    store = Store(engine)
    try:
        yield store
    finally:
        await store.close()


async def _figure(store: Store, database: str, question: Question) -> Figure:
    statements: list[tuple[str, Any]] = []
    with listening(store, statements):
        await question.ask()
    floor = await _best(lambda: _count(store, question.table))
    asked = await _best(question.ask)
    ratio = asked / floor
    scans = await _scans(store, statements)
    print(f"  {database} {question.name}: {ratio:.1f} {scans or ''}", file=sys.stderr, flush=True)
    return Figure(
        f"{database}: {question.name} / count of `{question.table}`",
        ratio,
        f"<= {question.goal}",
        ratio <= question.goal,
        f"{{:.1f}} ({1_000 * asked:,.0f} ms)",
    )


async def _best(ask: Ask) -> float:
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        await ask()
        times.append(time.perf_counter() - begun)
    return min(times)


async def _count(store: Store, table: str) -> None:
    async with store.engine.connect() as connection:
        await connection.execute(text(f'SELECT count(*) FROM "{table}"'))


# ── plans


class listening:  # noqa: N801 - reads as a block
    """Collects the statements sent in the block."""

    def __init__(self, store: Store, statements: list[tuple[str, Any]]) -> None:
        self.engine, self.statements = store.engine.sync_engine, statements

    def _hear(self, _c: Any, _cursor: Any, said: str, given: Any, *_: Any) -> None:
        if said.lstrip().upper().startswith(("SELECT", "WITH")):
            self.statements.append((said, given))

    def __enter__(self) -> None:
        event.listen(self.engine, "before_cursor_execute", self._hear)

    def __exit__(self, *_: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self._hear)


async def _scans(store: Store, statements: list[tuple[str, Any]]) -> list[str]:
    """The tables that are read from end to end without an index."""
    async with store.engine.connect() as connection:
        plans = [await _plan(store, connection, said, given) for said, given in statements]
    words = r"Seq Scan on (\w+)" if store.is_postgresql else r"SCAN ([a-z]+\w*)\b(?! USING)"
    found = {table for plan in plans for table in re.findall(words, plan)}
    return sorted(found & {table_of(model).name for model in COPIED})


async def _plan(store: Store, connection: AsyncConnection, said: str, given: Any) -> str:
    explain = "EXPLAIN " if store.is_postgresql else "EXPLAIN QUERY PLAN "
    rows = await connection.exec_driver_sql(explain + said, given)
    return "\n".join(str(row[-1]) for row in rows)
