"""The record of some accounts as a rehearsal reads it: one query, and no JSON taken apart that nobody asks for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Text, cast, select

from lifecycle.core.changes import Change, Note, Undone
from lifecycle.core.codec import TAG, decoder
from lifecycle.core.inputs import Adopt, Erase, GoBack, Input
from lifecycle.core.model import RULES
from lifecycle.core.rehearsing import Recorded
from lifecycle.core.state import AccountState
from lifecycle.core.trail import MARKED, Trail
from lifecycle.store.engine import Store
from lifecycle.store.folded import states_at
from lifecycle.store.moment import ACCOUNT, AsOf
from lifecycle.store.stored import state_of
from lifecycle.store.tables import JournalRow, table_of

JOURNAL: Final = table_of(JournalRow)
INPUT: Final = decoder(Input)
CHANGE: Final = decoder(Change)
NOTE: Final = decoder(Note)
TELLING: Final = re.compile(rf'"{TAG}":\s?"(?:{"|".join(MARKED)})"')
DUPLICATE: Final = "DuplicateSeen"
_TEXTS: Final = [cast(JOURNAL.c[name], Text).label(name) for name in ("input", "changes", "notes")]
COLUMNS: Final = (
    JOURNAL.c.account,
    JOURNAL.c.revision,
    JOURNAL.c.at,
    JOURNAL.c.kind,
    JOURNAL.c.refused_code,
    JOURNAL.c.rules,
    JOURNAL.c.recorded_at,
    *_TEXTS,
)


_OTHERWISE: Final = {kind.__name__ for kind in (Adopt, GoBack, Erase)}
"""After these a record is not the fold of its inputs under one book: of a person erased some inputs are gone."""


@dataclass(slots=True)
class Kept:
    """What is kept of one account: the state the rehearsal begins with, the rows since, and where it stands now.

    `stored` is JSON of the stored state; `began` is the account that does not exist yet, or the state of a date.
    """

    account: str
    lead: int
    stored: Any
    began: AccountState
    rows: Sequence[Any] = field(default_factory=list)

    def recorded(self) -> Iterator[Recorded]:
        """The entries, oldest first."""
        for row in self.rows:
            yield _recorded(row)

    def state(self) -> AccountState:
        """Where it stands, by what is stored."""
        return state_of(json.loads(self.stored))

    def trail(self) -> Trail:
        """What the record says was done."""
        trail = Trail()
        for row in self.rows:
            if TELLING.search(row.changes):
                trail.add(row.at, row.revision, _changes(row.changes, MARKED))
            if row.refused_code:
                trail.refuse(row.at, row.revision, row.refused_code)
        return trail

    def notes_at(self, at: datetime) -> list[Note]:
        """The reasons the record gives of an instant."""
        return [NOTE(data) for row in self.rows if row.at == at for data in json.loads(row.notes)]

    def is_as(self, stored: AccountState, versions: dict[str, int], published_at: datetime) -> bool:
        """Whether these rows are the fold of just these versions, under the rules that run now.

        Nothing was published since the first of them was recorded, no version was taken over, nobody erased.
        """
        return (
            bool(self.rows)
            and self.rows[0].recorded_at >= published_at
            and stored.versions == versions
            and not stored.pending
            and all(row.rules == RULES and row.kind not in _OTHERWISE for row in self.rows)
        )


def _recorded(row: Any) -> Recorded:
    changes = row.changes
    undid = None
    if row.kind == "Undo" and not row.refused_code:
        for change in _changes(changes, (Undone.__name__,)):
            undid = change.unit.revision if isinstance(change, Undone) else None
    return Recorded(
        row.revision,
        row.at,
        INPUT(json.loads(row.input)),
        row.refused_code or "",
        undid,
        len(changes) < 40 and DUPLICATE in changes,
    )


def _changes(text: str, names: Sequence[str]) -> list[Change]:
    return [CHANGE(data) for data in json.loads(text) if data[TAG] in names]


async def kept(store: Store, accounts: Sequence[str], since: datetime | None) -> list[Kept]:
    """What is kept of these accounts, by id; with `since` from where they stood then."""
    async with store.one_picture():
        began = await states_at(store, accounts, AsOf(since, since)) if since else {}
        async with store.connected() as connection:
            found = {
                row.id: Kept(row.id, row.lead, row.state, began.get(row.id) or AccountState(row.id))
                for row in await connection.execute(_accounts(accounts))
            }
            rows = (await connection.execute(_journal(accounts))).all()
    for account, mine in groupby(rows, lambda row: row.account):
        if account in found:
            one = found[account]
            one.rows = [row for row in mine if row.revision > one.began.revision]
    return list(found.values())


def _accounts(accounts: Sequence[str]) -> Any:
    state = cast(ACCOUNT.c.state, Text).label("state")
    return (
        select(ACCOUNT.c.id, ACCOUNT.c.lead, state)
        .where(ACCOUNT.c.id.in_(accounts), ACCOUNT.c.created_at.is_not(None))
        .order_by(ACCOUNT.c.id)
    )


def _journal(accounts: Sequence[str]) -> Any:
    return (
        select(*COLUMNS)
        .where(JOURNAL.c.account.in_(accounts))
        .order_by(JOURNAL.c.account, JOURNAL.c.revision)
    )
