"""A connection for reading much at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from ..engine import Store

READING: Final = text("SELECT set_config('work_mem', '64MB', true), set_config('jit', 'off', true)")
"""A book's groups in memory: PostgreSQL's few megabytes would have it sort them on disk. And no compiling of
statements: that takes longer than most of them."""


@asynccontextmanager
async def reading(store: Store) -> AsyncIterator[AsyncConnection]:
    """One consistent picture, of which nothing is changed."""
    async with store.engine.connect() as connection:
        if store.is_postgresql:
            await connection.execute(READING)
        yield connection
