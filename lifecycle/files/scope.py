"""What an export is about: a moment, the definitions, and a filter over `account`; and its rows as a stream."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Row, Select, func, select

from lifecycle.core.model import Book
from lifecycle.store.engine import Store
from lifecycle.store.moment import Moment
from lifecycle.store.standing import ACCOUNT, exists_at

AT_ONCE: Final = 400
"""Rows fetched at a time, and accounts asked about in one query: memory stays small, whatever there is."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Scope:
    """`only` None means everybody."""

    store: Store
    book: Book
    moment: Moment
    only: ColumnElement[bool] | None = None

    @property
    def accounts(self) -> list[ColumnElement[bool]]:
        """What is asked of a row of `account`."""
        chosen = [self.only] if self.only is not None else []
        return [exists_at(self.moment), *chosen]

    async def count(self, rows: Any = None, *parts: ColumnElement[bool]) -> int:
        """How many rows of a table belong to these accounts (of `account` itself by default)."""
        query = select(func.count()).select_from(ACCOUNT)
        if rows is not None:
            query = query.join(rows, rows.c.account == ACCOUNT.c.id)
        async with self.store.engine.connect() as connection:
            return int((await connection.execute(query.where(*self.accounts, *parts))).scalar_one())


async def stream(store: Store, query: Select[Any]) -> AsyncIterator[Row[Any]]:
    """The rows of one query, as they come: one picture of the database, never all of it in memory."""
    async with store.engine.connect() as connection:
        rows = await connection.stream(query, execution_options={"yield_per": AT_ONCE})
        try:
            async for row in rows:
                yield row
        finally:  # also when nobody wants the rest
            await rows.close()


async def batches(items: AsyncIterator[T], size: int = AT_ONCE) -> AsyncIterator[list[T]]:
    """Items in lists."""
    batch: list[T] = []
    async for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
