"""Verifying over the database: recorded entries counted again per second and core, and one edited row found (N9).

The lives are those of `core`, recorded in SQLite as a worker records them, in batches.
"""

from __future__ import annotations

import os
import resource
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import update

from lifecycle.contract import RecordRequest
from lifecycle.core.fold import Fold
from lifecycle.core.state import AccountState
from lifecycle.processes import cores
from lifecycle.store.definitions import parts_of, publish
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import migrate_database
from lifecycle.store.record import record
from lifecycle.store.tables import JournalRow, table_of
from lifecycle.verifying.page import Verified
from lifecycle.verifying.whole import verify_all

from .core import START, life, shipped_book
from .report import Figure

ACCOUNTS: Final = int(os.environ.get("BENCH_VERIFY_ACCOUNTS", "600"))
ONE_CORE: Final = 100
BATCH: Final = 50
JOURNAL: Final = table_of(JournalRow)


async def measure() -> list[Figure]:
    """One core, all cores, an edited row among all, and what memory more accounts take."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'lives.db'}"
        store, bare = await _recorded(url)
        some = [_name(number) for number in range(ONE_CORE)]
        few, one = await _timed(store, some)
        await verify_all(store, some, processes=cores())
        before = _memory()
        many, every = await _timed(store, None)
        grown = _memory() - before
        assert few.count == 0, few.differences
        assert many.count == 0, many.differences
        edited, _ = await _edited(store)
        await store.close()
    entries = f"{many.entries:,}"
    return [
        Figure("verify: entries per second and core", few.entries / one, "", None, "{:,.0f}"),
        Figure("verify: time per entry / folding it bare", one / few.entries / bare, "", None),
        Figure(
            f"verify: entries per second on {cores()} cores",
            many.entries / every,
            "",
            None,
            "{:,.0f}",
        ),
        Figure(
            f"verify: edited rows found among {entries}",
            float(len(edited.wrong)),
            "= 1",
            edited.wrong == [_name(ACCOUNTS - 2)],
            "{:,.0f}",
        ),
        Figure("verify: MiB more for all accounts", grown / 1024, "<= 64", grown < 64 * 1024),
    ]


def _name(number: int) -> str:
    return f"a{number:06}"


async def _recorded(url: str) -> tuple[Store, float]:
    """The lives in a database; the seconds that folding one entry takes by itself."""
    await migrate_database(url)
    store, book = Store(make_engine(url)), shipped_book()
    await publish(store, parts_of(book, {}), "bench", START)
    made, spent = 0, 0.0
    for number in range(ACCOUNTS):
        fold = Fold(book, AccountState(_name(number)))
        items = list(life(number))
        for first in range(0, len(items), BATCH):
            begun = time.perf_counter()
            entries = fold.take_all(items[first : first + BATCH])
            spent += time.perf_counter() - begun
            made += len(entries)
            state = fold.state
            runs = dict(state.versions), dict(state.pending)
            request = RecordRequest(state.account, entries, 0, fold.wakes_at(), *runs)
            await record(store, request, datetime.now(UTC))
    return store, spent / made


async def _timed(store: Store, named: list[str] | None) -> tuple[Verified, float]:
    """What is found, and the seconds; named accounts on one core, all on every one."""
    begun = time.perf_counter()
    found = await verify_all(store, named, processes=1 if named is not None else cores())
    return found, time.perf_counter() - begun


async def _edited(store: Store) -> tuple[Verified, float]:
    """One entry of one account says something else."""
    async with store.writing() as connection:
        mine = (JOURNAL.c.account == _name(ACCOUNTS - 2)) & (JOURNAL.c.revision == 77)
        await connection.execute(update(JOURNAL).where(mine).values(historic=True))
    return await _timed(store, None)


def _memory() -> int:
    """KiB at most so far, of this process and the largest of its children."""
    own, children = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    return resource.getrusage(own).ru_maxrss + resource.getrusage(children).ru_maxrss
