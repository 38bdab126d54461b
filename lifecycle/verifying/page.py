"""Some accounts verified on one connection, which shows one moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select, tuple_
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from lifecycle.store.engine import Store
from lifecycle.store.shelf import Shelf
from lifecycle.store.state_rows import Row
from lifecycle.store.tables import AccountRow, AheadRow, JournalRow, table_of

from .difference import Difference
from .recount import Recount
from .scratch import Scratch
from .tables import TABLES, Rows, by_account, compare

CHUNK: Final = 500
"""Entries read at once."""
ACCOUNT: Final = table_of(AccountRow)
JOURNAL: Final = table_of(JournalRow)
AHEAD: Final = str(AheadRow.__tablename__)

Run = Callable[[Callable[[], None]], Awaitable[None]]
"""Where the folding is done: here, or in a thread so that others get their turn."""


async def here(work: Callable[[], None]) -> None:
    """In a process of its own nobody waits."""
    work()


async def aside(work: Callable[[], None]) -> None:
    """In a thread."""
    await asyncio.to_thread(work)


@dataclass(slots=True)
class Verified:
    """What was looked at, and the differences kept; `count` counts all."""

    accounts: int = 0
    never_began: int = 0
    """Ids that were only refused: no accounts, but their journals are looked at, too."""
    entries: int = 0
    count: int = 0
    differences: list[Difference] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """The accounts with a difference."""


class Verifying:
    """Verifies accounts of one database. Close it when done."""

    def __init__(self, store: Store, shelf: Shelf, run: Run = here) -> None:
        self.store = store
        self.shelf = shelf
        self.run = run
        self.scratch = Scratch()

    def close(self) -> None:
        """Give the memory back; the store stays open."""
        self.scratch.close()

    async def verify(self, accounts: Sequence[str]) -> Verified:
        """These accounts, as they are at one moment."""
        async with self.store.one_picture(), self.store.connected() as connection:
            with self.scratch.open() as scratch:
                recounts = await self.recount(connection, scratch, accounts)
        return _verified(list(recounts.values()))

    async def recount(
        self, connection: AsyncConnection, scratch: Connection, accounts: Sequence[str]
    ) -> dict[str, Recount]:
        """Each counted again and compared; the rows that are due stay in `scratch`."""
        found = await connection.execute(select(ACCOUNT).where(ACCOUNT.c.id.in_(accounts)))
        rows = {row["id"]: dict(row) for row in found.mappings()}
        recounts = {account: Recount(account, self.shelf, scratch) for account in rows}
        for account, row in rows.items():
            recounts[account].is_account = row["created_at"] is not None
        async for chunk in _chunks(connection, list(rows)):
            await self.run(lambda chunk=chunk: _take(recounts, chunk))  # type: ignore[misc]
        stored = {
            table.name: by_account((await connection.execute(table.rows(list(rows)))).all())
            for table in TABLES
        }
        await self.run(lambda: _compare_all(recounts, scratch, rows, stored))
        return recounts


async def _chunks(
    connection: AsyncConnection, accounts: Sequence[str]
) -> AsyncIterator[Sequence[Any]]:
    """Their journal, in order."""
    place = tuple_(JOURNAL.c.account, JOURNAL.c.revision)
    query = select(JOURNAL).where(JOURNAL.c.account.in_(accounts))
    query = query.order_by(JOURNAL.c.account, JOURNAL.c.revision).limit(CHUNK)
    rows = (await connection.execute(query)).all()
    while rows:
        yield rows
        if len(rows) < CHUNK:
            return
        last = tuple_(rows[-1].account, rows[-1].revision)
        rows = (await connection.execute(query.where(place > last))).all()


def _take(recounts: dict[str, Recount], chunk: Sequence[Any]) -> None:
    for row in chunk:
        recounts[row.account].take(row)


def _compare_all(
    recounts: dict[str, Recount],
    scratch: Connection,
    rows: dict[str, Row],
    stored: dict[str, Rows],
) -> None:
    readable = {account: one for account, one in recounts.items() if one.is_readable}
    for account, recount in readable.items():
        recount.check_account(rows[account])
        recount.write(_without_account(stored[AHEAD].get(account, [])))
    for table in TABLES:
        due = by_account(scratch.execute(table.rows(list(readable))).all())
        for account, recount in readable.items():
            compare(table, recount, stored[table.name].get(account, []), due.get(account, []))


def _without_account(rows: list[Row]) -> list[Row]:
    names = [column.name for column in table_of(AheadRow).columns if column.name != "account"]
    return [{name: row[name] for name in names} for row in sorted(rows, key=_position)]


def _position(row: Row) -> int:
    position: int = row["position"]
    return position


def _verified(recounts: list[Recount]) -> Verified:
    began = sum(one.is_account for one in recounts)
    found = Verified(began, len(recounts) - began)
    for recount in recounts:
        found.entries += recount.entries
        found.count += recount.count
        found.differences += recount.differences
        found.wrong += [recount.account] if recount.count else []
    return found
