"""One account counted again from its journal: entry by entry the chain, the columns, the decision, the fold."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import insert
from sqlalchemy.engine import Connection

from lifecycle.core import changes as c
from lifecycle.core.codec import decoder
from lifecycle.core.evolve import copy_state
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import Input
from lifecycle.core.refusal import Refusal
from lifecycle.core.state import AccountState
from lifecycle.store.ahead import AHEAD, foretold, matters, numbered
from lifecycle.store.journal import COVERED, chain_of, columns_of, digest_of, entry_of
from lifecycle.store.projection import Projection
from lifecycle.store.shelf import Shelf
from lifecycle.store.state_rows import Row, account_columns, field_rows, track_rows
from lifecycle.store.stored import state_data
from lifecycle.store.written import Writing

from .difference import Difference, Kind, Where, first_differing, told
from .redeciding import Redeciding

KEPT: Final = 50
"""Differences kept of an account; all are counted."""
FLUSHED: Final = 2_000
"""Entries whose rows are held before they are written."""
NO_ENTRY: Final = "(no entry)"
BEFORE: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Recount:
    """Entries in order by `take`; `differences` are what was found so far, in these `tables`.

    `set_at` are the entries that set fields last, `is_account` whether there is an account: what was refused before
    leaves a journal, too.
    """

    def __init__(self, account: str, shelf: Shelf, scratch: Connection) -> None:
        self.account = account
        self.scratch = scratch
        self.deciding = Redeciding(shelf)
        self.projection = Projection(account, AccountState(account), BEFORE)
        self.chain, self.revision, self.events, self.entries = "", 0, 0, 0
        self.recorded_at: datetime | None = None
        self.known_from: datetime | None = None
        self.set_at: dict[str, int] = {}
        self.is_account = True
        self.is_readable = True
        self.is_rewritten = False
        self.wakes_at: datetime | None = None
        self.differences: list[Difference] = []
        self.tables: set[str] = set()
        self.count = 0
        self._there: tuple[dict[str, Row], dict[str, Row]] = {}, {}
        self._since_flush = 0
        self._ahead = _Ahead()

    @property
    def state(self) -> AccountState:
        """Folded from the recorded changes."""
        return self.projection.state

    # ── entries

    def take(self, row: Any) -> None:
        """The next row of the journal. From a missing entry on nothing can be folded: only the chain is looked at."""
        self.entries += 1
        self.is_readable &= row.revision == self.revision + 1
        if self.is_readable:
            try:
                self._fold(row)
            except Exception as error:
                # Whatever stands in an edited row: it is told, and the other accounts are looked at.
                self.is_readable = False
                said = f"{type(error).__name__}: {error}"
                part = _unreadable(row)
                self._note_entry(Kind.UNREADABLE, row.revision, part, said, "an entry")
        self._check_chain(row)
        self.recorded_at = row.recorded_at

    def _fold(self, row: Any) -> None:
        entry = entry_of(row)
        self._ahead.before(entry, row.recorded_at, self.state)
        self.is_rewritten |= not row.salt
        if self.is_rewritten:
            # Until the erasure itself, what was decided may have asked for what is gone (N12).
            self.deciding.forget()
            self.is_rewritten = not any(isinstance(one, c.PersonErased) for one in entry.changes)
        elif found := self.deciding.differs(self.state, entry, row.recorded_at):
            self._note_entry(Kind.DECISION, row.revision, *found)
        self._check_columns(row, entry)
        self.projection.record_at(row.recorded_at)
        self.projection.take(entry)
        self.known_from = self.projection.known_from or self.known_from
        self._ahead.after(entry, self.state)
        for change in entry.changes:
            if isinstance(change, c.FieldSet):
                self.set_at[change.name] = entry.revision
        self._since_flush += 1
        if self._since_flush >= FLUSHED:
            self._flush()

    def _check_columns(self, row: Any, entry: c.Entry) -> None:
        """The columns that say again what the entry's data says."""
        columns = columns_of(entry)
        self.events += columns["event_key"] is not None
        columns["event_number"] = self.events if columns["event_key"] is not None else None
        for name, value in columns.items():
            if (stored := getattr(row, name)) != value:
                self._note_entry(Kind.CHAIN, row.revision, name, stored, value)

    def _check_chain(self, row: Any) -> None:
        """Edited, missing or out of order."""
        due, self.revision = self.revision + 1, row.revision
        before, self.chain = self.chain, row.chain
        found: tuple[str, object, object] | None = None
        if row.revision != due:
            found = "", NO_ENTRY, "an entry"
        elif row.salt and row.digest != (digest := digest_of(row.salt, _covered(row))):
            found = "digest", row.digest, digest
        else:
            chain = chain_of(before, row.digest, row.revision, row.at, row.recorded_at)
            found = ("chain", row.chain, chain) if row.chain != chain else None
        if found:
            self._note_entry(Kind.CHAIN, due, *found)

    # ── what should be stored

    def account_row(self) -> Row:
        """The account's own row, but for `next_deadline`."""
        return {
            **account_columns(self.state),
            "state": state_data(self.state),
            "chain": self.chain,
            "events": self.events,
            "known_from": self.known_from,
            "recorded_at": self.recorded_at,
        }

    def check_deadline(self, stored: datetime | None) -> None:
        """When the account wakes next, by the book it runs. Nothing is said where no book is sure."""
        self.wakes_at = stored
        if self.deciding.fold is None or self.recorded_at is None:
            return
        wakes = [
            Fold(book, copy_state(self.state)).wakes_at()
            for book in self.deciding.books(self.state, self.recorded_at)
        ]
        if wakes and stored not in wakes:
            self.wakes_at = wakes[0]
            place = Where(self.revision, "account", "next_deadline")
            self.note(Kind.PROJECTION, place, stored, wakes[0])

    def write(self, ahead: list[Row]) -> None:
        """The rows of all tables into the scratch database; `ahead` are those stored of what lies ahead."""
        self._flush()
        state, at = self._ahead.standing(self.state), self._ahead.at
        if state is None or at is None or not state.versions:
            return
        rows: list[Row] | None = None
        for book in self.deciding.books(state, at):
            found = numbered(foretold(book, copy_state(state)))
            rows = found if rows is None or found == ahead else rows
        if rows:
            self.scratch.execute(insert(AHEAD), [{"account": self.account, **row} for row in rows])

    def _flush(self) -> None:
        writing = Writing(self.scratch, self.account, self.projection.now)
        writing.write(self.projection, *self._there)
        state = self.state
        self._there = field_rows(self.account, state), track_rows(self.account, state)
        self.projection = Projection(self.account, state, self.projection.now)
        self._since_flush = 0

    # ── findings

    def note(self, kind: Kind, where: Where, stored: object, recomputed: object) -> None:
        """Keep a difference, if it is not one too many; values as they are."""
        self.count += 1
        self.tables.add(where.table)
        if len(self.differences) < KEPT:
            place = where.revision, where.table, where.key, where.column
            sides = told(stored), told(recomputed)
            self.differences.append(Difference(kind, self.account, *place, *sides))

    def _note_entry(
        self, kind: Kind, revision: int, column: str, stored: object, recomputed: object
    ) -> None:
        self.note(kind, Where(revision, "journal", column), stored, recomputed)

    def check_account(self, stored: Row) -> None:
        """The account's own row against what it should be."""
        for name, value in self.account_row().items():
            found = first_differing(stored[name], value, name)
            if found is not None:
                column, *sides = found
                revision = self.set_at.get(name, self.revision)
                self.note(Kind.PROJECTION, Where(revision, "account", column), *sides)
        self.check_deadline(stored["next_deadline"])


def _covered(row: Any) -> Row:
    return {name: getattr(row, name) for name in COVERED}


def _unreadable(row: Any) -> str:
    """The column that cannot be read; the changes, where what they say cannot be."""
    for name, kind in _PARTS.items():
        try:
            decoder(kind)(getattr(row, name))
        except Exception:
            return name
    return "changes"


_PARTS: Final[dict[str, Any]] = {
    "input": Input,
    "changes": list[c.Change],
    "notes": list[c.Note],
    "refused": Refusal | None,
}


class _Ahead:
    """Which state was foretold from: the one after the last batch that mattered; a batch was recorded at once."""

    def __init__(self) -> None:
        self.at: datetime | None = None
        self._group: datetime | None = None
        self._matters = False
        self._is_fresh = False
        self._kept: AccountState | None = None

    def before(self, entry: c.Entry, recorded: datetime, state: AccountState) -> None:
        """An entry is about to be folded."""
        if recorded != self._group:
            self._group, self._matters = recorded, False
            if self._is_fresh and (not matters(entry) or _imports(entry, state)):
                self._kept, self._is_fresh = copy_state(state), False

    def after(self, entry: c.Entry, state: AccountState) -> None:
        """It was folded."""
        self._matters |= matters(entry)
        if self._matters and state.importing_since is None:
            self._is_fresh, self.at = True, self._group

    def standing(self, state: AccountState) -> AccountState | None:
        """The state it was, given the present one."""
        return state if self._is_fresh else self._kept


def _imports(entry: c.Entry, state: AccountState) -> bool:
    began = any(isinstance(change, c.HistoryBegan) for change in entry.changes)
    return began or state.importing_since is not None
