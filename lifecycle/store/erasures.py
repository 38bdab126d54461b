"""Erasures: what is to go, step by step, so that a kill anywhere leaves nothing half done (N12).

The words looked for live in the erasure's row and nowhere else, and only while it goes on.
"""

from __future__ import annotations

import sqlite3
from asyncio import to_thread
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection
from sqlmodel import col
from sqlmodel import select as select_rows

from lifecycle.core.codec import from_data, to_data
from lifecycle.core.erasing import Eraser, Personal, Words, personal_of, roles_of
from lifecycle.core.model import Book
from lifecycle.core.persons import anybody, one_with
from lifecycle.core.refusal import Refusal
from lifecycle.core.values import Value

from .audit import AUDIT, Deed
from .engine import BUSY_MS, Store
from .erasing import FIELD, Sweep, accounts_with, entries_of, sending_until
from .erasing_beside import Beside
from .erasing_tables import ErasureRow
from .keyed import keyed_with
from .tables import table_of

ERASURE: Final = table_of(ErasureRow)
T = TypeVar("T")


@dataclass(slots=True)
class Wanted:
    """Who is to be erased: everybody known of an account, the person of a `role`, or whoever has an `address`.

    `words` are the values found so far, and texts that a person gave; `names` the fields of each account that lose
    their values, `runs` what Temporal was asked to delete, by workflow.
    """

    role: str = ""
    address: str = ""
    words: list[Value] = field(default_factory=list)
    names: dict[str, list[str]] = field(default_factory=dict)
    runs: dict[str, list[str]] = field(default_factory=dict)

    def personal(self, book: Book) -> Personal:
        """Under which names everything goes; none for an address, as others may stand there, too."""
        if self.address:
            return Personal(frozenset())
        return personal_of(book, self._fields(book))

    def _fields(self, book: Book) -> list[str] | None:
        if not self.role:
            return None
        roles = roles_of(book)
        others = {name for role, names in roles.items() if role != self.role for name in names}
        return sorted((personal_of(book).fields - others) | {*roles.get(self.role, ())})

    def contacts(self, book: Book) -> frozenset[str]:
        """The roles whose mail is to them."""
        if self.address:
            return frozenset()
        return frozenset({self.role} if self.role else roles_of(book))

    @property
    def looked_for(self) -> Words:
        """What they are found by."""
        return Words([self.address or None, *self.words])

    def eraser(self, book: Book) -> Eraser:
        """What takes them out."""
        return Eraser(self.personal(book), self.looked_for)


class Erasing:
    """The steps over one database. `book` says what is personal."""

    def __init__(self, connection: Connection, book: Book, wanted: Wanted) -> None:
        self.connection = connection
        self.book = book
        self.wanted = wanted

    def learn(self, account: str) -> None:
        """What an account knows of them, added to what is looked for."""
        entries = entries_of(self.connection, account)
        if self.wanted.address:
            found = one_with(self.wanted.address, entries, self.book, account)
        else:
            found = anybody(entries, self.book, self.wanted.personal(self.book))
        self.wanted.names[account] = found.fields
        self.wanted.words = list(dict.fromkeys([*self.wanted.words, *found.values]))

    def sweep(self, account: str) -> Counter[str]:
        """Take them out of an account."""
        self.learn(account)
        eraser, contacts = self.wanted.eraser(self.book), self.wanted.contacts(self.book)
        return Sweep(self.connection, eraser, contacts).account(account)

    def beside(
        self, accounts: Sequence[str], keyed: Callable[[str], str], actor: str, now: datetime
    ) -> Counter[str]:
        """Take them out of what belongs to no account."""
        eraser = Eraser(Personal(frozenset()), self.wanted.looked_for)
        everywhere = bool(self.wanted.address)
        return Beside(self.connection, eraser, keyed, accounts, everywhere).run(actor, now)


# ── foreseen


@dataclass(slots=True)
class Foreseen:
    """What an erasure would do: `tally` counts rows by table, `names` the fields by account."""

    accounts: list[str]
    tally: Counter[str]
    wanted: Wanted


class _TakenBack(Exception):
    """Nothing of it is kept."""


async def foresee(
    store: Store, book: Book, account: str, wanted: Wanted, keyed: Callable[[str], str]
) -> Foreseen:
    """Do it and take it back: what was counted is what would be done."""
    found = Foreseen([account] if account else [], Counter(), wanted)

    def work(connection: Connection) -> None:
        if not account:
            found.accounts = accounts_with(connection, wanted.address)
        erasing = Erasing(connection, book, wanted)
        for one in found.accounts:
            found.tally += erasing.sweep(one)
        now = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
        found.tally += erasing.beside(found.accounts, keyed, "", now)
        raise _TakenBack

    with suppress(_TakenBack):
        await store.write(work)
    return found


# ── steps


async def begin(store: Store, row: ErasureRow, wanted: Wanted) -> None:
    """Keep what is to be done."""
    values = {**row.model_dump(), "wanted": to_data(wanted)}
    async with store.writing() as connection:
        await connection.execute(insert(ERASURE).values(**values))


async def erasure_row(store: Store, erasure: str) -> ErasureRow:
    """One of them. Raises `Refusal` `unknown_erasure`."""
    async with store.reading() as session:
        found = await session.get(ErasureRow, erasure)
    if found is None:
        raise Refusal("unknown_erasure", f"There is no erasure {erasure!r}.", where="name")
    return found


async def erasures(store: Store, account: str = "", limit: int = 50) -> list[ErasureRow]:
    """The latest first; of an account, when it is named."""
    query = select_rows(ErasureRow).order_by(col(ErasureRow.at).desc(), col(ErasureRow.id))
    async with store.reading() as session:
        rows = list((await session.exec(query.limit(500))).all())
    return [row for row in rows if not account or account in row.accounts][:limit]


async def going_on(store: Store, account: str, person: str, wanted: Wanted) -> ErasureRow | None:
    """The one for the same that has not ended."""
    query = select_rows(ErasureRow).where(
        col(ErasureRow.account) == account,
        col(ErasureRow.person) == person,
        col(ErasureRow.done_at).is_(None),
    )
    async with store.reading() as session:
        rows = (await session.exec(query.order_by(col(ErasureRow.at), col(ErasureRow.id)))).all()
    asked = {*wanted.words} if not wanted.address else set[Value]()
    for row in rows:
        before = wanted_of(row)
        if before.address == wanted.address and asked <= {*before.words}:
            return row
    return None


async def accounts_with_any(store: Store, addresses: Sequence[str]) -> list[str]:
    """The accounts that have one of these (folded) addresses in a field now."""
    query = select(FIELD.c.account).where(FIELD.c.folded.in_(addresses)).distinct()
    async with store.connected() as connection:
        return sorted((await connection.execute(query)).scalars())


def wanted_of(row: ErasureRow) -> Wanted:
    """What is looked for; nothing once it has ended."""
    found: Wanted = from_data(Wanted, row.wanted or {})
    return found


async def sweep(store: Store, book: Book, row: ErasureRow, account: str) -> Counter[str]:
    """Take them out of an account; what was learnt of them is kept in the same transaction."""

    def work(erasing: Erasing) -> Counter[str]:
        return erasing.sweep(account)

    return await _step(store, book, row, work)


async def sweep_beside(
    store: Store, book: Book, row: ErasureRow, secret: str, now: datetime
) -> Counter[str]:
    """Take them out of what belongs to no account."""

    def work(erasing: Erasing) -> Counter[str]:
        return erasing.beside(row.accounts, keyed_with(secret), row.actor, now)

    return await _step(store, book, row, work)


async def _step(
    store: Store, book: Book, row: ErasureRow, work: Callable[[Erasing], Counter[str]]
) -> Counter[str]:
    def transact(connection: Connection) -> Counter[str]:
        present = _locked(connection, row.id)
        if present.done_at is not None:
            return Counter()
        erasing = Erasing(connection, book, wanted_of(present))
        counts = work(erasing)
        tally = dict(Counter(present.tally) + counts)
        kept = {"tally": tally, "wanted": to_data(erasing.wanted)}
        connection.execute(update(ERASURE).where(ERASURE.c.id == row.id).values(**kept))
        return counts

    return await store.write(transact)


async def sending(store: Store, account: str, now: datetime) -> datetime | None:
    """Until when a delivery of the account may be on its way."""
    async with store.connected() as connection:
        return await connection.run_sync(sending_until, account, now)


async def note_step(store: Store, erasure: str, step: str) -> None:
    """Where it stands, for those who watch."""
    await _set(store, erasure, step=step)


async def note_run(store: Store, erasure: str, workflow: str, run: str) -> None:
    """Temporal was asked to delete a run; again, it counts once."""

    def work(connection: Connection) -> None:
        row = _locked(connection, erasure)
        wanted = wanted_of(row)
        runs = wanted.runs.setdefault(workflow, [])
        if run not in runs:
            runs.append(run)
            told = {"tally": dict(Counter(row.tally) + Counter(runs=1)), "wanted": to_data(wanted)}
            connection.execute(update(ERASURE).where(ERASURE.c.id == erasure).values(**told))

    await store.write(work)


def _locked(connection: Connection, erasure: str) -> ErasureRow:
    query = select(ERASURE).where(ERASURE.c.id == erasure).with_for_update()
    return ErasureRow(**connection.execute(query).one()._mapping)


async def note_left(store: Store, erasure: str, found: Counter[str], left: list[str]) -> None:
    """What went outside the database, and what could not."""

    def work(connection: Connection) -> None:
        tally = dict(Counter(_locked(connection, erasure).tally) + found)
        told: dict[str, Any] = {"tally": tally, "left": sorted(left)}
        connection.execute(update(ERASURE).where(ERASURE.c.id == erasure).values(**told))

    await store.write(work)


async def end(store: Store, row: ErasureRow, now: datetime) -> None:
    """It is done: the words are forgotten, and the audit says that and when. Again, nothing happens."""
    about = "account" if row.account else "person"
    detail = row.account or ", ".join(row.accounts)
    told = {"at": now, "what": Deed.ERASED.value, "who": row.actor, "role": about, "detail": detail}
    open_ = (ERASURE.c.id == row.id, ERASURE.c.done_at.is_(None))
    async with store.writing() as connection:
        done = update(ERASURE).where(*open_).values(done_at=now, wanted=None, step="")
        if (await connection.execute(done)).rowcount:
            await connection.execute(insert(AUDIT).values(**told))


async def _set(store: Store, erasure: str, **columns: Any) -> None:
    async with store.writing() as connection:
        await connection.execute(update(ERASURE).where(ERASURE.c.id == erasure).values(**columns))


async def compact(store: Store) -> None:
    """SQLite keeps what was overwritten in its file until it is written anew; PostgreSQL does so by itself."""
    file = store.engine.url.database
    if not store.is_postgresql and file:
        await to_thread(_compact, file)


def _compact(file: str) -> None:
    connection = sqlite3.connect(file, timeout=BUSY_MS / 1000, isolation_level=None)
    try:
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
