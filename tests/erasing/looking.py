"""Looking for a person everywhere: every column of every table, and every history of every run."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import LargeBinary, inspect, select
from sqlalchemy.engine import Connection
from sqlalchemy.schema import MetaData
from temporalio.client import Client

from lifecycle.histories import texts_of
from lifecycle.sealing import KeyMissing
from lifecycle.store.engine import Store


async def rows_with(store: Store, *words: str) -> list[str]:
    """`table.column: value` of whatever holds one of the words, in any case, whichever table it is."""
    async with store.engine.connect() as connection:
        return await connection.run_sync(lambda found: list(_rows(found, words)))


def _rows(connection: Connection, words: tuple[str, ...]) -> Iterator[str]:
    tables = MetaData()
    tables.reflect(connection)
    assert set(inspect(connection).get_table_names()) == {*tables.tables}
    for table in tables.sorted_tables:
        for row in connection.execute(select(table)):
            for column in table.c:
                said = _said(row._mapping[column], isinstance(column.type, LargeBinary))
                yield from (
                    f"{table.name}.{column.name}: {said[:300]}"
                    for word in words
                    if word.casefold() in said.casefold()
                )


def _said(value: Any, is_binary: bool) -> str:
    return bytes(value).decode("utf-8", "replace") if is_binary and value else str(value)


async def histories_with(client: Client, *words: str) -> list[str]:
    """`workflow id: text` of whatever any run's history holds of the words, but for what its keys cannot read."""
    found = []
    async for one in client.list_workflows(""):
        with suppress(KeyMissing):
            async for text in texts_of(client, one.id, one.run_id):
                said = text.casefold()
                found += [f"{one.id}: {text[:300]}" for word in words if word.casefold() in said]
    return found


def of_ours(left: Sequence[str]) -> list[str]:
    """What could not be removed, but for histories that other tests wrote with keys of their own."""
    return [one for one in left if "nobody knows" not in one]
