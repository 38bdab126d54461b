"""`record`: one folded batch of one account into the database, in one transaction (design.md, The workflow).

Idempotent by account and revision: a batch that is there already is answered as before; one that differs
from what is there is a `Conflict`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from lifecycle.contract import RecordAnswer, RecordRequest
from lifecycle.core.changes import Entry, MailDue, WebhookDue
from lifecycle.core.evolve import WINDOW
from lifecycle.core.model import Book
from lifecycle.core.state import AccountState

from .ahead import book_of, put_ahead
from .engine import Store
from .errors import Conflict, DataRefused, refused_data
from .journal import Row, digest_of, entry_data, journal_row
from .projection import Projection
from .state_rows import account_columns, field_rows, track_rows
from .statements import (
    ACCOUNT,
    ACCOUNT_UPDATE,
    HEAD,
    JOURNAL_INSERT,
    insert_new,
)
from .storable import check_account, check_data
from .stored import state_data, state_of
from .tables import EffectRow, EffectStatus, JournalRow, table_of
from .written import Writing

JOURNAL = table_of(JournalRow)
EFFECT = table_of(EffectRow)


async def record(store: Store, request: RecordRequest, now: datetime) -> RecordAnswer:
    """Record a batch; answers with the effects that are due because of it.

    Raises `Conflict` and `DataRefused`, neither worth another try; every other error is.
    """
    check_account(request.account)
    batch = _checked(request)
    book = await book_of(store, request)
    try:
        return await store.write(
            lambda connection: _Recording(connection, request, now, book).run(batch)
        )
    except Exception as error:
        if isinstance(error, Conflict | DataRefused) or (reason := refused_data(error)) is None:
            raise
        culprit = request.entries[0].revision if len(request.entries) == 1 else None
        raise DataRefused(reason, culprit) from error


Batch = list[tuple[Entry, Row]]


def _checked(request: RecordRequest) -> Batch:
    """The entries with their JSON data, which can be stored, in order and without gaps."""
    batch: Batch = []
    for entry in request.entries:
        if batch and entry.revision != batch[-1][0].revision + 1:
            raise Conflict(
                f"{request.account}: entry {entry.revision} does not follow the one before it"
            )
        data = entry_data(entry)
        check_data(data, entry.revision)
        batch.append((entry, data))
    if not batch:
        raise Conflict(f"{request.account}: a batch without entries")
    return batch


class _Recording:
    """One transaction. `book` is None where what lies ahead stays as it is."""

    def __init__(
        self, connection: Connection, request: RecordRequest, now: datetime, book: Book | None
    ) -> None:
        self.connection = connection
        self.dialect = connection.dialect.name
        self.account = request.account
        self.request = request
        self.now = now
        self.book = book

    def run(self, batch: Batch) -> RecordAnswer:
        head = self._lock()
        fresh = [pair for pair in batch if pair[0].revision > head.revision]
        self._compare([pair for pair in batch if pair[0].revision <= head.revision])
        if fresh:
            self._append(head, fresh)
        return RecordAnswer(due=self._due([entry for entry, _ in batch]))

    def _lock(self) -> Any:
        """The account's row, locked; a new one for an account seen for the first time."""
        of = {"of": self.account}
        found = self.connection.execute(HEAD, of).one_or_none()
        if found is None:
            self._create()
            found = self.connection.execute(HEAD, of).one()
        return found

    def _create(self) -> None:
        state = AccountState(self.account)
        row = {"id": self.account, **account_columns(state), "state": state_data(state)}
        row |= {"chain": "", "events": 0}
        self.connection.execute(insert_new(self.dialect, ACCOUNT), [row])

    def _compare(self, known: Batch) -> None:
        """What is recorded already must be what was sent."""
        if not known:
            return
        columns = (JOURNAL.c.revision, JOURNAL.c.at, JOURNAL.c.salt, JOURNAL.c.digest)
        query = select(*columns).where(
            JOURNAL.c.account == self.account,
            JOURNAL.c.revision.between(known[0][0].revision, known[-1][0].revision),
        )
        rows = {row.revision: row for row in self.connection.execute(query)}
        for entry, data in known:
            row = rows.get(entry.revision)
            if row is None or row.at != entry.at or not _is_of(row, data):
                raise Conflict(
                    f"{self.account}: something else is recorded as entry {entry.revision}"
                )

    def _append(self, head: Any, fresh: Batch) -> None:
        if fresh[0][0].revision != head.revision + 1:
            raise Conflict(
                f"{self.account}: entry {fresh[0][0].revision} would leave a gap after entry"
                f" {head.revision}, the last one recorded"
            )
        state = state_of(head.state)
        fields, tracks = field_rows(self.account, state), track_rows(self.account, state)
        projection = Projection(self.account, state, self.now)
        for entry, _ in fresh:
            projection.take(entry)
        chain, events = self._journal(fresh, head.chain, head.events)
        self._raise_floor(state, head.events, events)
        self._account(projection, chain, events)
        Writing(self.connection, self.account, self.now).write(projection, fields, tracks)
        if self.book is not None:
            put_ahead(self.connection, self.book, state)

    def _journal(self, fresh: Batch, chain: str, events: int) -> tuple[str, int]:
        """Append; answers with the new head of the chain and the new number of events."""
        rows: list[Row] = []
        for entry, data in fresh:
            row = journal_row(self.account, entry, data, chain, self.now)
            chain = row["chain"]
            if row["event_key"] is not None:
                events += 1
                row["event_number"] = events
            rows.append(row)
        self.connection.execute(JOURNAL_INSERT, rows)
        return chain, events

    def _raise_floor(self, state: AccountState, before: int, after: int) -> None:
        """The window is not stored: what it dropped in this batch is read from the journal (R20)."""
        first, last = max(before - WINDOW, 0) + 1, after - WINDOW
        if last < first:
            return
        query = select(func.max(JOURNAL.c.event_seconds)).where(
            JOURNAL.c.account == self.account, JOURNAL.c.event_number.between(first, last)
        )
        dropped = self.connection.execute(query).scalar_one()
        state.window_floor = max(state.window_floor, dropped)

    def _account(self, projection: Projection, chain: str, events: int) -> None:
        row = {
            "of": self.account,
            **account_columns(projection.state),
            "state": state_data(projection.state),
            "chain": chain,
            "events": events,
            "next_deadline": self.request.next_deadline,
            "recorded_at": self.now,
        }
        if projection.known_from is not None:
            row["known_from"] = projection.known_from
        self.connection.execute(ACCOUNT_UPDATE, row)

    def _due(self, entries: Iterable[Entry]) -> list[str]:
        """Effects of these entries that nobody has finished, in order."""
        made = [
            change.id
            for entry in entries
            for change in entry.changes
            if isinstance(change, MailDue | WebhookDue)
        ]
        if not made:
            return []
        query = (
            select(EFFECT.c.id)
            .where(EFFECT.c.account == self.account, EFFECT.c.id.in_(made))
            .where(EFFECT.c.status.in_([EffectStatus.DUE, EffectStatus.SENDING]))
            .order_by(EFFECT.c.revision, EFFECT.c.position, EFFECT.c.id)
        )
        return list(self.connection.execute(query).scalars())


def _is_of(row: Any, data: Row) -> bool:
    """Whether a row is of this entry. One without its salt was erased since: nobody can tell any more (N12)."""
    return not row.salt or row.digest == digest_of(row.salt, data)
