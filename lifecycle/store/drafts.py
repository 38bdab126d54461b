"""Drafts: what people are writing in place of a part of the definitions. One per part and person."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import delete
from sqlmodel import col, select

from .door_tables import DraftRow
from .engine import Store
from .statements import put
from .tables import table_of

DRAFT: Final = table_of(DraftRow)


async def draft_of(store: Store, part: str, person: str) -> DraftRow | None:
    """What the person is writing, if anything."""
    async with store.reading() as session:
        return await session.get(DraftRow, (part, person))


async def drafts_of(store: Store, person: str) -> dict[str, datetime]:
    """The parts the person is writing at, and when each was kept last."""
    query = select(DraftRow.part, DraftRow.saved_at).where(col(DraftRow.person) == person)
    async with store.reading() as session:
        return dict((await session.exec(query)).all())


async def keep_draft(store: Store, draft: DraftRow) -> None:
    """Keep it, in place of what the person had."""
    row = draft.model_dump()
    async with store.writing() as connection:
        await connection.execute(put(connection.dialect.name, DRAFT, tuple(row), ()), row)


async def drop_draft(
    store: Store, part: str, person: str, saved_at: datetime | None = None
) -> None:
    """Forget it; with `saved_at` only if nothing was written since."""
    mine = delete(DRAFT).where(DRAFT.c.part == part, DRAFT.c.person == person)
    if saved_at is not None:
        mine = mine.where(DRAFT.c.saved_at == saved_at)
    async with store.writing() as connection:
        await connection.execute(mine)
