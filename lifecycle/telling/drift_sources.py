"""What a CRM said of an account's fields, and what the tables say that lists are made of (N10)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from lifecycle.core.deciding.commands import read_field
from lifecycle.core.model import Automation, Book, FromEvent, OnEvent, Place, SetFields
from lifecycle.core.refusal import Refusal
from lifecycle.core.state import AccountState
from lifecycle.core.values import Value
from lifecycle.store.engine import Store
from lifecycle.store.state_rows import BUILT_IN, Row, account_columns, value_columns
from lifecycle.store.stored import state_of
from lifecycle.store.tables import AccountRow, FieldRow, JournalRow, TrackRow, table_of

LOOKED_BACK: Final = 500
"""Events read, the newest: what a CRM said before them is not told."""
JOURNAL: Final = table_of(JournalRow)
ACCOUNT: Final = table_of(AccountRow)
FIELD: Final = table_of(FieldRow)
TRACK: Final = table_of(TrackRow)
VALUES: Final = ("text", "number", "day", "instant")


# ── the CRM


@dataclass(frozen=True, slots=True)
class CrmSaid:
    """A value an event brought: which source, when, by which entry."""

    value: Value
    source: str
    at: datetime
    revision: int


async def said_of(store: Store, account: str, book: Book) -> dict[str, CrmSaid]:
    """The newest value of each field among the data of events that set it, read as the field reads it."""
    query = (
        select(JOURNAL.c.revision, JOURNAL.c.source, JOURNAL.c.at, JOURNAL.c.input)
        .where(JOURNAL.c.account == account, JOURNAL.c.kind == "Event")
        .where(JOURNAL.c.refused_code.is_(None))
        .order_by(JOURNAL.c.revision.desc())
        .limit(LOOKED_BACK)
    )
    said: dict[str, CrmSaid] = {}
    setting = _setting(book)
    async with store.connected() as connection:
        for row in await connection.execute(query):
            for datum, raw in (row.input.get("data") or {}).items():
                for name in setting.get((str(row.input.get("type")), datum), ()):
                    value = _read(book, name, raw)
                    if name not in said and value is not None:
                        said[name] = CrmSaid(value, row.source, row.at, row.revision)
    return said


def _read(book: Book, name: str, raw: Any) -> Value:
    try:
        return read_field(book.account.fields.get(name), name, raw, book)
    except (Refusal, ValueError):
        return None


def _setting(book: Book) -> dict[tuple[str, str], set[str]]:
    """Which fields an event's data are for, by (event, datum): an opportunity's name is not the account's."""
    found: dict[tuple[str, str], set[str]] = {}
    for lifecycle in book.lifecycles.values():
        for line in lifecycle.automations:
            for event in _always_at(line):
                for name, datum in _from_event(line):
                    found.setdefault((event, datum), set()).add(name)
    return found


def _always_at(line: Automation) -> Iterator[str]:
    """The events at which a line runs wherever the account stands: what is asked first may be meant otherwise."""
    asks = line.place is not Place.ALSO or line.guard is not None or line.at_most is not None
    if asks or line.shadow or not line.published or not isinstance(line.trigger, OnEvent):
        return
    yield from (one.event for one in line.trigger.any_of if one.when is None)


def _from_event(line: Automation) -> Iterator[tuple[str, str]]:
    """Field and datum."""
    for action in line.actions:
        if isinstance(action, SetFields):
            for name, value in action.values.items():
                if isinstance(value, FromEvent):
                    yield name, value.name


# ── the database


@dataclass(frozen=True, slots=True)
class Kept:
    """An account as stored. `edited` are the fields and stages of which a table says something else than its state."""

    state: AccountState
    edited: dict[str, Value]


async def kept(store: Store, account: str) -> Kept:
    """As it is at one moment: the state, and beside it the tables that lists and pages read."""
    async with store.one_picture(), store.connected() as connection:
        rows = await connection.execute(select(ACCOUNT).where(ACCOUNT.c.id == account))
        row = dict(rows.mappings().one())
        state = state_of(row["state"])
        fields = await _by(connection, FIELD, "name", account)
        tracks = await _by(connection, TRACK, "lifecycle", account)
    stages = {name: track.stage for name, track in state.tracks.items()}
    found = {name: one["stage"] for name, one in tracks.items()}
    edited = {
        name: found.get(name)
        for name in stages.keys() | found.keys()
        if found.get(name) != stages.get(name)
    }
    return Kept(state, {**edited, **_columns(state, row), **_fields(state, fields)})


async def _by(connection: AsyncConnection, table: Any, key: str, account: str) -> dict[str, Row]:
    rows = await connection.execute(select(table).where(table.c.account == account))
    return {row[key]: dict(row) for row in rows.mappings()}


def _columns(state: AccountState, row: Row) -> dict[str, Value]:
    due = account_columns(state)
    return {name: row[name] for name in BUILT_IN if row[name] != due[name]}


def _fields(state: AccountState, rows: dict[str, Row]) -> dict[str, Value]:
    edited: dict[str, Value] = {}
    for name in state.fields.keys() | rows.keys():
        row, due = rows.get(name, {}), value_columns(state.fields.get(name))
        if any(row.get(column) != due[column] for column in VALUES):
            values = (row.get(column) for column in VALUES)
            edited[name] = next((one for one in values if one is not None), None)
    return edited
