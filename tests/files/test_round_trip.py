"""What is exported and imported again changes nothing; and it carries everything it says (T26, R16)."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import delete
from sqlmodel import SQLModel

from lifecycle.core.evolve import copy_state
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import CreateAccount
from lifecycle.core.state import AccountState
from lifecycle.files.cells import json_cell, written
from lifecycle.files.columns import account_columns
from lifecycle.files.commands import commands_of
from lifecycle.files.exports import accounts as export_accounts
from lifecycle.files.looking import Looker
from lifecycle.files.reading import Reader, open_sheet
from lifecycle.files.scope import Scope
from lifecycle.files.standing import cell_of
from lifecycle.files.wanted import Asked, Change, Checker, Standing
from lifecycle.files.writing import Format, write
from lifecycle.messages import Arrival, read_command
from lifecycle.store.definitions import parts_of, publish
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import migrate_database
from lifecycle.store.moment import Now
from lifecycle.store.record import record
from tests.admin.book import NOW, Life, ago
from tests.files.hostile import BOOK, accounts

COLUMNS = account_columns(BOOK)
LATER = NOW + timedelta(days=3)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    await migrate_database(database_url)
    store = Store(make_engine(database_url))
    await publish(store, parts_of(BOOK, {}), "ann", ago(500))
    yield store
    await store.close()


async def emptied(store: Store) -> None:
    async with store.writing() as connection:
        for table in reversed(SQLModel.metadata.sorted_tables):
            if table.name != "definition":
                await connection.execute(delete(table))


async def exported(store: Store, path: Path, kind: Format) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        await write(export_accounts(Scope(store, BOOK, Now(NOW))), file, kind, lambda _: None)


async def read_back(store: Store, path: Path) -> list[Change]:
    """Every row of the file as the change it asks for, some days later."""
    reader = Reader(open_sheet(path), BOOK)
    found = list(reader.rows(lambda _: None))
    rows = [row for row in found if isinstance(row, Asked)]
    assert rows == found
    standings = await Looker(store, LATER).standings([row.account for row in rows])
    checker = Checker(reader.columns, "ann", "again")
    changes = [checker.change(row, standings[row.account]) for row in rows]
    assert all(isinstance(one, Change) for one in changes), changes
    return [one for one in changes if isinstance(one, Change)]


async def test_r16_an_export_imported_again_changes_nothing(store: Store, tmp_path: Path) -> None:
    loop, path, lines = asyncio.get_running_loop(), tmp_path / "a.csv", tmp_path / "a.jsonl"

    async def there_and_back(life: Life) -> None:
        await emptied(store)
        await record(store, life.request(), NOW)
        await exported(store, path, Format.CSV)
        (change,) = await read_back(store, path)
        assert change.is_empty, change.differences
        await exported(store, lines, Format.LINES)
        told = json.loads(lines.read_text("utf-8"))
        state = life.fold.state
        assert list(told) == [column.header for column in COLUMNS]
        assert [*told.values()] == [json_cell(cell_of(one, state, NOW)) for one in COLUMNS]

    @settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
    @given(accounts())
    def check(life: Life) -> None:
        asyncio.run_coroutine_threadsafe(there_and_back(life), loop).result(60)

    await asyncio.to_thread(check)


def cells_of(life: Life) -> dict[str, str]:
    """A row of an export, as a sheet hands it on; what the engine counts is left out."""
    state = life.fold.state
    kept = [one for one in COLUMNS if " " not in one.header and one.header != "account"]
    texts = {one.header: written(cell_of(one, state, NOW)).strip() for one in kept}
    told = ("health", "health_score")
    return {name: text for name, text in texts.items() if text and name not in told}


@settings(deadline=None, max_examples=100)
@given(accounts("acme"), accounts("acme"))
def test_r16_an_import_makes_one_account_as_the_other(one: Life, other: Life) -> None:
    one.request(), other.request()
    standing = Standing(copy_state(other.fold.state), BOOK, NOW)
    change = Checker(COLUMNS, "ann", "as in the file").change(
        Asked(2, "acme", cells_of(one)), standing
    )
    assert isinstance(change, Change)
    wanted = one.fold.state
    for message in commands_of(change):
        said = {"actor": "ann", "reason": "as in the file"}
        sent = json.loads(json.dumps({**said, **message}))
        *_, entry = other.fold.take(read_command(message["command"], sent, Arrival("acme", NOW)))
        assert entry.refused is None, entry.refused
        for name in message.get("fields", {}):
            assert other.fold.state.fields[name] == wanted.fields[name], name
        if lifecycle := message.get("lifecycle"):
            assert other.fold.state.tracks[lifecycle].stage == message["stage"]


def test_a_row_that_is_too_large_for_one_message_is_sent_in_several() -> None:
    fold = Fold(BOOK, AccountState("acme"))
    fold.take(CreateAccount(ago(1)))
    texts = dict.fromkeys(("name", "csm", "owner", "sector", "parent", "country"), "ß" * 2000)
    checker = Checker(COLUMNS, "ann", "big")
    change = checker.change(Asked(2, "acme", texts), Standing(fold.state, BOOK, NOW))
    assert isinstance(change, Change)
    sent: list[dict[str, Any]] = commands_of(change)
    assert len(sent) > 1
    assert {name: value for one in sent for name, value in one["fields"].items()} == texts
    for message in sent:
        given = {"actor": "ann", **message}
        assert not fold.take(read_command(message["command"], given, Arrival("acme", NOW)))[
            -1
        ].refused
