"""Sheets brought in by a page: kept with their file until they are through, so that nothing depends on one process.

Whoever works on one says so every moment (`beat`); who does not any more was interrupted, and it can be begun again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select, update
from sqlmodel import col
from sqlmodel import select as select_rows

from lifecycle.core.refusal import Refusal

from .engine import Store
from .import_tables import ImportPartRow, ImportRow, ImportStatus, PartOf
from .tables import table_of

IMPORT: Final = table_of(ImportRow)
PART: Final = table_of(ImportPartRow)
PIECE: Final = 1_000_000
LOST_AFTER: Final = timedelta(seconds=30)
"""Nobody who works on one is silent for so long."""
KEPT_FOR: Final = timedelta(days=7)
"""A file that nothing was done with is no longer kept after that: it may speak of people."""
AT_WORK: Final = (ImportStatus.CHECKING, ImportStatus.SENDING)


def is_lost(row: ImportRow, now: datetime) -> bool:
    """Whether whoever worked on it is gone."""
    return row.status in AT_WORK and row.seen_at < now - LOST_AFTER


async def keep_import(store: Store, row: ImportRow, pieces: AsyncIterator[bytes]) -> None:
    """Keep a new one with its file, a piece at a time: others write in between.

    An upload that breaks off leaves fewer bytes than `size` says.
    """
    async with store.writing() as connection:
        await connection.execute(insert(IMPORT).values(row.model_dump()))
    number = 0
    async for piece in pieces:
        part = {"id": row.id, "of": PartOf.FILE, "number": number, "data": piece}
        async with store.writing() as connection:
            await connection.execute(insert(PART).values(part))
        number += 1


async def import_row(store: Store, name: str) -> ImportRow:
    """One of them. Raises `Refusal` `unknown_import`."""
    async with store.reading() as session:
        found = await session.get(ImportRow, name)
    if found is None:
        said = f"There is no import {name!r}."
        raise Refusal("unknown_import", said, "Imports lists them.", "name")
    return found


async def list_imports(
    store: Store, limit: int = 100, before: datetime | None = None
) -> list[ImportRow]:
    """The latest first."""
    query = select_rows(ImportRow).order_by(col(ImportRow.at).desc(), col(ImportRow.id))
    if before is not None:
        query = query.where(col(ImportRow.at) < before)
    async with store.reading() as session:
        return list((await session.exec(query.limit(limit))).all())


async def claim(
    store: Store, name: str, wanted: ImportStatus, now: datetime, **columns: Any
) -> bool:
    """Begin a step, unless somebody is at it: whoever gets True does it."""
    free = or_(
        IMPORT.c.status.in_((ImportStatus.CHECKED, ImportStatus.FAILED)),
        and_(IMPORT.c.status.in_(AT_WORK), IMPORT.c.seen_at < now - LOST_AFTER),
    )
    begun = {"status": wanted, "seen_at": now, "step": "", "done": 0, "total": None}
    told = {"code": "", "said": "", "remedy": "", "ended_at": None}
    changed = update(IMPORT).where(IMPORT.c.id == name, IMPORT.c.kept, free)
    async with store.writing() as connection:
        result = await connection.execute(changed.values(**begun, **told, **columns))
        return bool(result.rowcount)


async def beat(
    store: Store, name: str, now: datetime, step: str, done: int, total: int | None
) -> None:
    """How far it is; says that somebody is at it."""
    columns = {"seen_at": now, "step": step, "done": done, "total": total}
    await _set(store, IMPORT.c.id == name, columns)


async def sent_as(store: Store, name: str, change_set: str) -> None:
    """Which change-set carries it out."""
    await _set(store, IMPORT.c.id == name, {"change_set": change_set})


async def let_go(store: Store, names: Sequence[str], long_ago: datetime) -> None:
    """Nobody is at them any more: they can be begun again at once."""
    at_work = and_(IMPORT.c.id.in_(names), IMPORT.c.status.in_(AT_WORK))
    await _set(store, at_work, {"seen_at": long_ago})


async def end_step(
    store: Store, name: str, status: ImportStatus, now: datetime, **columns: Any
) -> None:
    """A step is over: checked, done or failed."""
    await _set(store, IMPORT.c.id == name, {"status": status, "seen_at": now, **columns})


async def _set(store: Store, which: ColumnElement[bool], columns: dict[str, Any]) -> None:
    async with store.writing() as connection:
        await connection.execute(update(IMPORT).where(which).values(**columns))


# ── files


async def pieces_of(store: Store, name: str, of: PartOf) -> AsyncIterator[bytes]:
    """The parts in order, one at a time."""
    number = 0
    while True:
        query = select(PART.c.data).where(
            PART.c.id == name, PART.c.of == of, PART.c.number == number
        )
        async with store.connected() as connection:
            data = (await connection.execute(query)).scalar_one_or_none()
        if data is None:
            return
        yield data
        number += 1


async def put_errors(store: Store, name: str, pieces: Sequence[bytes]) -> None:
    """The list of what was refused, in place of an earlier one."""
    mine = and_(PART.c.id == name, PART.c.of == PartOf.ERRORS)
    async with store.writing() as connection:
        await connection.execute(delete(PART).where(mine))
        for number, data in enumerate(pieces):
            part = {"id": name, "of": PartOf.ERRORS, "number": number, "data": data}
            await connection.execute(insert(PART).values(part))


async def drop_file(store: Store, name: str) -> None:
    """Its file is not needed any more; the report stays."""
    async with store.writing() as connection:
        await connection.execute(delete(PART).where(PART.c.id == name, PART.c.of == PartOf.FILE))
        await connection.execute(update(IMPORT).where(IMPORT.c.id == name).values(kept=False))


async def forget(store: Store, name: str, now: datetime) -> bool:
    """Take it away with all that is kept of it, unless somebody is at it."""
    idle = or_(IMPORT.c.status.not_in(AT_WORK), IMPORT.c.seen_at < now - LOST_AFTER)
    async with store.writing() as connection:
        mine = select(IMPORT.c.id).where(IMPORT.c.id == name, idle)
        if (await connection.execute(mine)).scalar_one_or_none() is None:
            return False
        await connection.execute(delete(PART).where(PART.c.id == name))
        await connection.execute(delete(IMPORT).where(IMPORT.c.id == name))
        return True


async def tidy(store: Store, now: datetime) -> None:
    """Files that nothing was done with for long are no longer kept."""
    query = select(IMPORT.c.id).where(IMPORT.c.kept, IMPORT.c.seen_at < now - KEPT_FOR)
    async with store.connected() as connection:
        old = list((await connection.execute(query)).scalars())
    for name in old:
        await drop_file(store, name)
