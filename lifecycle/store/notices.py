"""Notices that are given once (R15)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy.dialects import postgresql, sqlite

from .engine import Store
from .tables import NoticeRow, table_of

NOTICE: Final = table_of(NoticeRow)


async def give_once(store: Store, key: str, now: datetime) -> bool:
    """Whether the notice was not given before; from now on it was."""
    put: Any = postgresql.insert if store.is_postgresql else sqlite.insert
    statement = put(NOTICE).values(key=key, given_at=now).on_conflict_do_nothing()
    async with store.writing() as connection:
        given = await connection.execute(statement.returning(NOTICE.c.key))
        return given.scalar_one_or_none() is not None
