"""One account seen from three sides: what the CRM said last, what is stored, what runs (N10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select

from lifecycle.client import Lifecycles
from lifecycle.core.codec import from_data
from lifecycle.core.state import AccountState
from lifecycle.core.values import Value
from lifecycle.store.engine import Store
from lifecycle.store.tables import FieldChangeRow, table_of
from lifecycle.verifying.difference import told
from lifecycle.verifying.drift import running

from .accounts import Found
from .drift_sources import CrmSaid, Kept, kept, said_of

FIELD_CHANGE: Final = table_of(FieldChangeRow)


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
    account = found.account
    runs = await running(client, account)
    stored = await kept(store, account)
    state = stored.state
    other: AccountState | None = from_data(AccountState, runs.state) if runs.state else None
    said = await said_of(store, account, found.book)
    last = await _last_changes(store, account)
    known = said.keys() | state.fields.keys() | stored.edited.keys()
    known |= other.fields.keys() if other else set()
    sides = [
        _field(name, said.get(name), last.get(name, 0), stored, other)
        for name in found.book.account.fields
        if name in known
    ]
    sides += [_stage(name, stored, other) for name in found.book.lifecycles]
    return Drift(account, state.revision, runs.state is not None, runs.revision, sides)


def _field(
    name: str, said: CrmSaid | None, last: int, stored: Kept, runs: AccountState | None
) -> Sides:
    crm = told(said.value) if said else None
    changed = said is not None and last > said.revision
    source, at = (said.source, said.at) if said else ("", None)
    workflow = told(runs.fields.get(name)) if runs else None
    database = _database(name, stored, stored.state.fields.get(name), workflow)
    return Sides(name, crm, source, at, database, workflow, changed)


def _stage(lifecycle: str, stored: Kept, runs: AccountState | None) -> Sides:
    workflow = told(_stage_of(lifecycle, runs)) if runs else None
    database = _database(lifecycle, stored, _stage_of(lifecycle, stored.state), workflow)
    return Sides(lifecycle, None, "", None, database, workflow, False)


def _stage_of(lifecycle: str, state: AccountState) -> str | None:
    return state.tracks[lifecycle].stage if lifecycle in state.tracks else None


def _database(name: str, stored: Kept, of_state: Value, workflow: str | None) -> str:
    """What a table says, unless it alone agrees with what runs: then what the stored state says."""
    table = told(stored.edited.get(name, of_state))
    return told(of_state) if table == workflow else table


async def _last_changes(store: Store, account: str) -> dict[str, int]:
    """The entry that gave each field its last value."""
    query = select(FIELD_CHANGE.c.name, FIELD_CHANGE.c.revision).where(
        FIELD_CHANGE.c.account == account, FIELD_CHANGE.c.withdrawn_at.is_(None)
    )
    async with store.connected() as connection:
        rows = await connection.execute(query.order_by(FIELD_CHANGE.c.revision))
        return {row.name: row.revision for row in rows}
