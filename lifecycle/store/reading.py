"""Reading much at once: a connection for it, and columns that no index is followed for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from sqlalchemy import ColumnElement, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from .engine import Store

READING: Final = text(
    "SELECT set_config('work_mem', '64MB', true), set_config('jit', 'off', true),"
    " set_config('plan_cache_mode', 'force_custom_plan', true)"
)
"""A book's groups in memory: PostgreSQL's few megabytes would have it sort them on disk. No compiling of
statements: that takes longer than most of them. And a plan for the values that are asked: after some turns it would
take one for any values, which reads whole tables where an index leads to a page of fifty at once."""


@asynccontextmanager
async def reading(store: Store) -> AsyncIterator[AsyncConnection]:
    """One consistent picture, of which nothing is changed."""
    async with store.connected() as connection:
        if store.is_postgresql:
            await connection.execute(READING)
        yield connection


class as_it_lies(FunctionElement[Any]):  # noqa: N801
    """A column by which rows are grouped or chosen where most of them are: read in the order they lie in.

    SQLite would follow an index of it, from row to row; its unary plus forbids that. PostgreSQL knows by itself.
    """

    inherit_cache = True
    name = "as_it_lies"

    def __init__(self, column: ColumnElement[Any]) -> None:
        super().__init__(column)
        self.type = column.type


@compiles(as_it_lies)
def _column(element: Any, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses.clauses[0], **options))


@compiles(as_it_lies, "sqlite")
def _column_without_index(element: Any, compiler: Any, **options: Any) -> str:
    return f"+{compiler.process(element.clauses.clauses[0], **options)}"
