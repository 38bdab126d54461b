"""What was recorded lately: which accounts changed since an instant, and how they moved (design.md, live changes).

Asked again and again by every process with readers, so it costs an index range of `account.recorded_at`: one row an
account however many events it took. That instant is the recorder's, taken before the transaction: rows become visible
out of its order, so whoever asks looks back a little and knows by the revision what is new.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

import sqlmodel
from sqlalchemy import ColumnElement, Select, and_, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from lifecycle.core.changes import Entry

from .engine import Store
from .journal import entry_of
from .reading import reading
from .tables import AccountRow, JournalRow, TrackRow, VisitRow, table_of

ACCOUNT: Final = table_of(AccountRow)
JOURNAL: Final = table_of(JournalRow)
TRACK: Final = table_of(TrackRow)
VISIT: Final = table_of(VisitRow)
A_QUESTION: Final = 500
"""Accounts asked about in one statement."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """An account that was recorded, as it is now."""

    account: str
    revision: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Since:
    """From where on an account's changes are new: behind a revision, where that is known, and after an instant."""

    revision: int | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Move:
    """Where an account stands in a lifecycle, and where it stood; the same stage twice when it did not move."""

    lifecycle: str
    came_from: str | None
    stage: str | None


async def fresh(store: Store, since: datetime, most: int) -> list[Fresh]:
    """Accounts recorded after an instant, at most so many, oldest first."""
    columns = (ACCOUNT.c.id, ACCOUNT.c.revision, ACCOUNT.c.recorded_at)
    query = (
        select(*columns)
        .where(ACCOUNT.c.recorded_at > since)
        .order_by(ACCOUNT.c.recorded_at, ACCOUNT.c.id)
        .limit(most)
    )
    async with reading(store) as connection:
        return [Fresh(*row) for row in await connection.execute(query)]


async def newest(store: Store, account: str) -> int | None:
    """The revision an account is at; None where there is no such account."""
    query = select(ACCOUNT.c.revision).where(
        ACCOUNT.c.id == account, ACCOUNT.c.created_at.is_not(None)
    )
    async with reading(store) as connection:
        revision: int | None = (await connection.execute(query)).scalar_one_or_none()
    return revision


async def entries_behind(
    store: Store, account: str, revision: int, most: int, up_to: int | None = None
) -> list[Entry]:
    """The newest entries behind a revision, and up to another one if there is one; oldest first, at most so many."""
    query = (
        sqlmodel.select(JournalRow)
        .where(col(JournalRow.account) == account, col(JournalRow.revision) > revision)
        .order_by(col(JournalRow.revision).desc())
        .limit(most)
    )
    if up_to is not None:
        query = query.where(col(JournalRow.revision) <= up_to)
    async with store.reading() as session:
        return [entry_of(row) for row in await session.exec(query)][::-1]


async def moves(store: Store, since: Mapping[str, Since]) -> dict[str, list[Move]]:
    """How these accounts moved, one `Move` for every lifecycle they stand in or have left."""
    found: dict[str, list[Move]] = {}
    accounts = iter(sorted(since))
    async with reading(store) as connection:
        while part := list(islice(accounts, A_QUESTION)):
            before = await _before(connection, {one: since[one] for one in part})
            for row in await connection.execute(_standing(part)):
                _, left = before.get((row.account, row.lifecycle), (0, row.stage))
                if row.stage is not None or left is not None:
                    found.setdefault(row.account, []).append(Move(row.lifecycle, left, row.stage))
    return found


def _standing(accounts: Sequence[str]) -> Select[Any]:
    query = select(TRACK.c.account, TRACK.c.lifecycle, TRACK.c.stage)
    mine = query.where(TRACK.c.account.in_(accounts))
    return mine.order_by(TRACK.c.account, TRACK.c.lifecycle)


Left = dict[tuple[str, str], tuple[int, str | None]]
"""The stage that was left first, with the revision at which it was."""


async def _before(connection: AsyncConnection, since: Mapping[str, Since]) -> Left:
    """By account and lifecycle; nothing for those that stayed."""
    left: Left = {}
    for row in _new(since, await connection.execute(_begun(since))):
        left.setdefault((row.account, row.lifecycle), (row.revision, row.from_stage))
    undos = _new(since, await connection.execute(_undos(since)))
    undone = {(row.account, row.at): row.revision for row in undos}
    withdrawn = await connection.execute(_withdrawn(undone)) if undone else ()
    for row in withdrawn:
        undo = undone.get((row.account, row.withdrawn_at))
        first, _ = left.get((row.account, row.lifecycle), (None, None))
        if undo is not None and (first is None or undo < first):
            left[row.account, row.lifecycle] = undo, row.stage
    return left


def _begun(since: Mapping[str, Since]) -> Select[Any]:
    """Visits begun lately, in order: the first one says where the account came from."""
    told = (VISIT.c.account, VISIT.c.lifecycle, VISIT.c.revision, VISIT.c.recorded_at)
    query = select(*told, VISIT.c.from_stage).where(_lately(VISIT.c, since))
    in_order = query.order_by(VISIT.c.account, VISIT.c.lifecycle)
    return in_order.order_by(VISIT.c.revision, VISIT.c.position)


def _undos(since: Mapping[str, Since]) -> Select[Any]:
    told = (JOURNAL.c.account, JOURNAL.c.revision, JOURNAL.c.recorded_at, JOURNAL.c.at)
    # The index of undos is a partial one: its condition has to stand there in words.
    is_undo = JOURNAL.c.kind == literal_column("'Undo'")
    return select(*told).where(is_undo, _lately(JOURNAL.c, since))


def _withdrawn(undone: Mapping[tuple[str, datetime], int]) -> Select[Any]:
    """What undos withdrew at these instants; the stay that went on until then first."""
    accounts, instants = (sorted(set(part)) for part in zip(*undone, strict=True))
    told = (VISIT.c.account, VISIT.c.lifecycle, VISIT.c.stage, VISIT.c.withdrawn_at)
    query = select(*told).where(VISIT.c.account.in_(accounts), VISIT.c.withdrawn_at.in_(instants))
    return query.order_by(VISIT.c.account, VISIT.c.revision.desc(), VISIT.c.position.desc())


def _lately(columns: Any, since: Mapping[str, Since]) -> ColumnElement[bool]:
    """Rows of these accounts, some of which may be known: one condition for all is written and planned once."""
    earliest = min(it.recorded_at for it in since.values())
    return and_(columns.account.in_(list(since)), columns.recorded_at > earliest)


def _new(since: Mapping[str, Since], rows: Iterable[Any]) -> Iterator[Any]:
    """Those that are behind what is known of their account."""
    for row in rows:
        it = since[row.account]
        if row.revision > (it.revision or 0) and row.recorded_at > it.recorded_at:
            yield row
