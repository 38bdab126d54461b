"""N9: one edited row is found, whatever the table and the column, and its place is told."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Column, Date, Float, Integer, Table, and_, delete, insert, select, update

from lifecycle.store.columns import ExactNumber, Instant, Json
from lifecycle.store.engine import Store
from lifecycle.store.tables import AccountRow, EffectRow, JournalRow, table_of
from lifecycle.verifying.difference import Difference, Kind
from lifecycle.verifying.tables import DELIVERED, TABLES
from tests.core.test_shadows import TWINS
from tests.verifying.lived import Lived, busy, publish_book, verified

ACCOUNT = table_of(AccountRow)
JOURNAL = table_of(JournalRow)
EDITED = {"edited": True}


def other(column: Column[Any], value: Any) -> Any:
    """Another value of the column."""
    if getattr(column.type, "enums", None):
        return next(word for word in column.type.enums if word != value)  # type: ignore[attr-defined]
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 100
    if isinstance(value, datetime | date):
        return value + timedelta(days=1)
    if isinstance(value, str):
        return f"{value}x"
    return EDITED if value is not None else _something(column)


def _something(column: Column[Any]) -> Any:
    made: dict[type, Any] = {
        Instant: datetime(2020, 2, 2, tzinfo=UTC),
        Date: date(2020, 2, 2),
        Json: EDITED,
        ExactNumber: 1.5,
        Float: 1.5,
        Integer: 1,
    }
    return next((value for kind, value in made.items() if isinstance(column.type, kind)), "x")


def edits(table: Table, rows: list[Any], skipped: set[str]) -> Iterator[tuple[Any, Column[Any]]]:
    """Each column of a row that has a value there, if any has one."""
    for column in table.columns:
        if column.name not in skipped:
            row = next((row for row in rows if row._mapping[column.name] is not None), rows[-1])
            yield row, column


def one_of_each_type(chosen: Iterable[tuple[Any, Column[Any]]]) -> list[tuple[Any, Column[Any]]]:
    """What a second database may have otherwise."""
    return list({type(column.type): (row, column) for row, column in chosen}.values())


async def edit(store: Store, table: Table, row: Any, values: dict[str, Any]) -> None:
    mine = [column == row._mapping[column.name] for column in table.primary_key]
    async with store.writing() as connection:
        await connection.execute(update(table).where(and_(*mine)).values(**values))


async def found_after(
    store: Store, table: Table, row: Any, column: Column[Any]
) -> list[Difference]:
    """The differences after that value was edited, which is put right again."""
    value = row._mapping[column.name]
    await edit(store, table, row, {column.name: other(column, value)})
    found = (await verified(store)).differences
    await edit(store, table, row, {column.name: value})
    return found


async def rows_of(store: Store, table: Table) -> list[Any]:
    async with store.connected() as connection:
        return list(await connection.execute(select(table).order_by(*table.primary_key)))


async def test_n9_an_edited_value_of_any_projection_is_found(store: Store) -> None:
    await publish_book(store, TWINS)
    await busy(store)
    assert (await verified(store)).differences == []
    for table in TABLES:
        place = table_of(table.model)
        skipped = {"account", *place.primary_key.columns.keys()}
        skipped |= DELIVERED if table.model is EffectRow else set()
        chosen = edits(place, await rows_of(store, place), skipped)
        for row, column in one_of_each_type(chosen) if store.is_postgresql else chosen:
            found = await found_after(store, place, row, column)
            assert [(one.kind, one.table, of(one)) for one in found] == [
                (Kind.PROJECTION, table.name, column.name)
            ], column
            if "revision" in row._mapping and column.name != "revision":
                assert found[0].revision == row.revision


def of(found: Difference) -> str:
    """The column, without the place in its JSON."""
    return found.column.partition(".")[0].partition("[")[0]


async def test_n9_a_row_that_is_gone_or_was_planted_is_found(store: Store) -> None:
    await publish_book(store, TWINS)
    await busy(store)
    for table in TABLES:
        place = table_of(table.model)
        row = (await rows_of(store, place))[0]
        mine = [column == row._mapping[column.name] for column in place.primary_key]
        async with store.writing() as connection:
            await connection.execute(delete(place).where(and_(*mine)))
        [found] = (await verified(store)).differences
        assert (found.table, found.stored) == (table.name, "(no row)")
        planted = dict(row._mapping) | {_last_key(place): _planted(place, row)}
        async with store.writing() as connection:
            await connection.execute(insert(place), [dict(row._mapping), planted])
        [found] = (await verified(store)).differences
        assert (found.table, found.recomputed) == (table.name, "(no row)")
        mine = [column == planted[column.name] for column in place.primary_key]
        async with store.writing() as connection:
            await connection.execute(delete(place).where(and_(*mine)))


def _last_key(table: Table) -> str:
    return list(table.primary_key)[-1].name


def _planted(table: Table, row: Any) -> Any:
    value = row._mapping[_last_key(table)]
    return value + 900 if isinstance(value, int) else "planted"


async def test_n9_an_edited_value_of_the_accounts_own_row_is_found(store: Store) -> None:
    await publish_book(store, TWINS)
    life = await busy(store)
    for row, column in edits(ACCOUNT, await rows_of(store, ACCOUNT), {"id"}):
        found = await found_after(store, ACCOUNT, row, column)
        assert [(one.table, of(one)) for one in found] == [("account", column.name)]
        assert found[0].account == "acme"
        last = life.state.revision
        assert found[0].revision == (
            last if column.name not in life.state.fields else _set(life, column.name)
        )


def _set(life: Lived, name: str) -> int:
    return max(
        entry.revision
        for entry in life.entries
        for change in entry.changes
        if getattr(change, "name", "") == name
    )


async def test_n9_an_edited_value_of_the_journal_is_found(store: Store) -> None:
    await publish_book(store, TWINS)
    await busy(store)
    rows = await rows_of(store, JOURNAL)
    for row, column in edits(JOURNAL, rows, {"account", "revision"}):
        found = await found_after(store, JOURNAL, row, column)
        first = next(one for one in found if one.table == "journal")
        assert (first.account, first.revision) == ("acme", row.revision), column
        if column.name not in {"salt", "recorded_at", "at"}:
            assert {column.name, "digest"} & {of(one) for one in found}
    assert (await verified(store)).differences == []


async def test_n9_a_missing_entry_is_named_and_nothing_is_made_up_from_what_is_left(
    store: Store,
) -> None:
    await publish_book(store, TWINS)
    await busy(store)
    rows = await rows_of(store, JOURNAL)
    for row in (rows[0], rows[len(rows) // 2]):
        async with store.writing() as connection:
            mine = JOURNAL.c.account == row.account, JOURNAL.c.revision == row.revision
            await connection.execute(delete(JOURNAL).where(*mine))
        [found] = (await verified(store)).differences
        assert (found.kind, found.revision, found.column) == (Kind.CHAIN, row.revision, "")
        assert (found.stored, found.recomputed) == ("(no entry)", "an entry")
        async with store.writing() as connection:
            await connection.execute(insert(JOURNAL), [dict(row._mapping)])
    assert (await verified(store)).differences == []
