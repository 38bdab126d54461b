"""One account seen from three sides: what the CRM said last, what is stored, what runs (N10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from lifecycle.client import Lifecycles
from lifecycle.core.codec import from_data
from lifecycle.core.deciding.commands import read_field
from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal
from lifecycle.core.state import AccountState
from lifecycle.core.values import Value
from lifecycle.store.engine import Store
from lifecycle.store.tables import FieldChangeRow, JournalRow, table_of
from lifecycle.verifying.difference import told
from lifecycle.verifying.drift import running

from .accounts import Found

LOOKED_BACK: Final = 500
"""Events read, the newest: what a CRM said before them is not told."""
JOURNAL: Final = table_of(JournalRow)
FIELD_CHANGE: Final = table_of(FieldChangeRow)


@dataclass(frozen=True, slots=True)
class CrmSaid:
    """A value an event brought: which source, when, by which entry."""

    value: Value
    source: str
    at: datetime
    revision: int


@dataclass(frozen=True, slots=True)
class Sides:
    """A field or the stage of a lifecycle. Texts; NULL for none. `crm` None: no source ever said one; `workflow` None:
    none runs.

    `changed_here` says that it got another value of ours after the CRM's: that is no drift.
    """

    name: str
    crm: str | None
    source: str
    said_at: datetime | None
    database: str
    workflow: str | None
    changed_here: bool

    @property
    def differs(self) -> bool:
        """Whether the sides do not agree."""
        crm = self.crm is not None and not self.changed_here and self.crm != self.database
        return crm or self.workflow not in {None, self.database}


@dataclass(frozen=True, slots=True)
class Drift:
    """All of them; `is_running` says whether the account's workflow runs, at which revision."""

    account: str
    revision: int
    is_running: bool
    workflow_revision: int
    sides: list[Sides]

    @property
    def differing(self) -> list[Sides]:
        """Those that do not agree."""
        return [one for one in self.sides if one.differs]


async def drift_of(store: Store, client: Lifecycles, found: Found) -> Drift:
    """Look at an account. Raises as `running` does."""
    state, account = found.state, found.account
    runs = await running(client, account)
    other: AccountState | None = from_data(AccountState, runs.state) if runs.state else None
    said = await _said(store, found)
    last = await _last_changes(store, account)
    sides = [
        _sides(name, said.get(name), last.get(name, 0), state, other)
        for name in found.book.account.fields
        if name in said or name in state.fields or (other and name in other.fields)
    ]
    sides += [_stage(name, state, other) for name in found.book.lifecycles]
    return Drift(account, state.revision, runs.state is not None, runs.revision, sides)


def _sides(
    name: str, said: CrmSaid | None, last: int, stored: AccountState, runs: AccountState | None
) -> Sides:
    crm = told(said.value) if said else None
    changed = said is not None and last > said.revision
    source, at = (said.source, said.at) if said else ("", None)
    workflow = told(runs.fields.get(name)) if runs else None
    return Sides(name, crm, source, at, told(stored.fields.get(name)), workflow, changed)


def _stage(lifecycle: str, stored: AccountState, runs: AccountState | None) -> Sides:
    workflow = _stage_of(lifecycle, runs) if runs else None
    return Sides(lifecycle, None, "", None, _stage_of(lifecycle, stored), workflow, False)


def _stage_of(lifecycle: str, state: AccountState) -> str:
    return told(state.tracks[lifecycle].stage if lifecycle in state.tracks else None)


async def _said(store: Store, found: Found) -> dict[str, CrmSaid]:
    """The newest value of each field among the data of events, read as the field reads it."""
    query = (
        select(JOURNAL.c.revision, JOURNAL.c.source, JOURNAL.c.at, JOURNAL.c.input)
        .where(JOURNAL.c.account == found.account, JOURNAL.c.kind == "Event")
        .where(JOURNAL.c.refused_code.is_(None))
        .order_by(JOURNAL.c.revision.desc())
        .limit(LOOKED_BACK)
    )
    said: dict[str, CrmSaid] = {}
    async with store.connected() as connection:
        for row in await connection.execute(query):
            for name, raw in (row.input.get("data") or {}).items():
                value = _read(found.book, name, raw)
                if name not in said and value is not None:
                    said[name] = CrmSaid(value, row.source, row.at, row.revision)
    return said


def _read(book: Book, name: str, raw: Any) -> Value:
    try:
        return read_field(book.account.fields.get(name), name, raw, book)
    except (Refusal, ValueError):
        return None


async def _last_changes(store: Store, account: str) -> dict[str, int]:
    """The entry that gave each field its last value."""
    query = select(FIELD_CHANGE.c.name, FIELD_CHANGE.c.revision).where(
        FIELD_CHANGE.c.account == account, FIELD_CHANGE.c.withdrawn_at.is_(None)
    )
    async with store.connected() as connection:
        rows = await connection.execute(query.order_by(FIELD_CHANGE.c.revision))
        return {row.name: row.revision for row in rows}
