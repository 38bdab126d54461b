"""An export gathered by account: rows stream in, whole histories come out in order of time.

The sorting is left to SQLite in a temporary file, so that an export may be larger than memory.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from lifecycle.core.inputs import Event
from lifecycle.core.model import Book
from lifecycle.core.values import Value

from .mapping import FileSpec, Mapping
from .report import Outcome, Remark, RowReport
from .rows import Reader
from .sheets import BadRow, Row, Sheet

TABLES = """
create table account (id text primary key, line integer, fields text);
create table event (
    account text, id text, file integer, line integer, place integer, time integer, type text, data text,
    primary key (account, id)
) without rowid;
"""
IN_ORDER = "select id, type, time, data, file, line from event where account = ? order by time, file, place, line, id"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

Advance = Callable[[int], None]
"""Called now and then with the number of rows read since."""


@dataclass(slots=True)
class History:
    """All that an export says of one account, in the order in which it happened.

    `is_listed`: it stands in the accounts file, so it exists even before its first event.
    """

    account: str
    is_listed: bool = False
    fields: dict[str, Value] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)


class Gathering:
    """Reads an export once (`read`), then hands out its histories. Use it as a context manager."""

    def __init__(self, mapping: Mapping, folder: Path, book: Book, now: datetime) -> None:
        self.mapping, self.folder, self.book, self.now = mapping, folder, book, now
        self._reader = Reader(book, mapping.source, mapping.until, now)
        # An empty name is a temporary file of SQLite's own, gone when it is closed.
        self._tables = sqlite3.connect("", isolation_level=None)
        self._tables.executescript(TABLES)
        self._tables.execute("begin")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._tables.close()

    # ── in

    def read(self, report: RowReport, advance: Advance | None = None) -> None:
        """Read every file; what is wrong goes into the report. Then ask `unborn`, and `drop` those."""
        if self.mapping.accounts is not None:
            for row in self._rows(self.mapping.accounts.spec, advance):
                report_of = self._take_account(row)
                if report_of:
                    report.add(report_of)
        for number, spec in enumerate(self.mapping.rows):
            for row in self._rows(spec.spec, advance):
                report_of = self._take_row(number, row)
                if report_of:
                    report.add(report_of)

    def _rows(self, spec: FileSpec, advance: Advance | None) -> Iterator[Row | BadRow]:
        for count, row in enumerate(Sheet(self.folder, spec).rows(), 1):
            yield row
            if advance is not None and count % 100 == 0:
                advance(100)

    def _take_account(self, row: Row | BadRow) -> list[Remark]:
        spec = self.mapping.accounts
        assert spec is not None
        read = self._reader.account(spec, row)
        if isinstance(read, list):
            return read
        account, fields = read
        values = (account, row.line, json.dumps(fields))
        if self._tables.execute("insert or ignore into account values (?, ?, ?)", values).rowcount:
            return []
        (first,) = self._tables.execute(
            "select line from account where id = ?", (account,)
        ).fetchone()
        said = f"The account stands in line {first} already."
        column = spec.account.column
        return [Remark(spec.spec.file, row.line, column, account, said, f"{column}: given twice")]

    def _take_row(self, number: int, row: Row | BadRow) -> list[Remark]:
        spec = self.mapping.rows[number]
        read = self._reader.events(spec, row)
        if isinstance(read, list):
            return read
        account, found = read
        new = [self._insert(account, number, row.line, place, event) for place, event in found]
        if any(new):
            return []
        said = "Its events stand in earlier rows already."
        return [Remark(spec.spec.file, row.line, "", "", said, said, Outcome.NOTHING)]

    def _insert(self, account: str, file: int, line: int, place: int, event: Event) -> bool:
        time = (event.time - EPOCH) // MICROSECOND
        data = json.dumps(event.data)
        values = (account, event.id, file, line, place, time, event.type, data)
        marks = "insert or ignore into event values (?, ?, ?, ?, ?, ?, ?, ?)"
        return bool(self._tables.execute(marks, values).rowcount)

    def unborn(self) -> list[str]:
        """Accounts that neither the accounts file nor their first event creates (R2), unless they are known."""
        return sorted({account for account, *_ in self._before_birth()})

    def drop(self, report: RowReport, unknown: Collection[str]) -> None:
        """Refuse what is told of these accounts before they begin."""
        for account, name, file, line, kind in self._before_birth():
            if account in unknown:
                report.add([self._unborn(account, file, line, kind)])
                self._tables.execute(
                    "delete from event where account = ? and id = ?", (account, name)
                )

    def _before_birth(self) -> list[tuple[str, str, int, int, str]]:
        creating = [one.id for one in self.book.events.values() if one.creates_account]
        found = self._tables.execute(
            "with birth as (select account, min(time) as at from event"
            f" where type in ({', '.join('?' * len(creating))}) group by account)"
            " select e.account, e.id, e.file, e.line, e.type"
            " from event e left join birth b on b.account = e.account"
            " where e.account not in (select id from account) and (b.at is null or e.time < b.at)"
            " order by e.file, e.line",
            creating,
        )
        return found.fetchall()

    def _unborn(self, account: str, file: int, line: int, kind: str) -> Remark:
        spec = self.mapping.rows[file]
        said = f"There is no account {account!r} yet, and {kind} does not create one."
        summary = f"{kind} does not create an account."
        return Remark(spec.spec.file, line, spec.account.column, account, said, summary)

    # ── out

    def counts(self) -> tuple[int, int]:
        """How many accounts and events there are to send."""
        accounts = "select count(*) from (select id from account union select account from event)"
        (events,) = self._tables.execute("select count(*) from event").fetchone()
        return self._tables.execute(accounts).fetchone()[0], events

    def accounts(self) -> list[str]:
        """Every account, in order of its id."""
        found = self._tables.execute(
            "select id from account union select account from event order by 1"
        )
        return [account for (account,) in found]

    def histories(self) -> Iterator[History]:
        """One history after the other, in order of the account's id."""
        listed = "select fields from account where id = ?"
        for account in self.accounts():
            row = self._tables.execute(listed, (account,)).fetchone()
            fields = json.loads(row[0]) if row else {}
            yield History(account, row is not None, fields, self._events(account))

    def _events(self, account: str) -> list[Event]:
        return [
            Event(
                name,
                self.mapping.source,
                kind,
                EPOCH + time * MICROSECOND,
                self.now,
                json.loads(data),
                True,
            )
            for name, kind, time, data, _, _ in self._tables.execute(IN_ORDER, (account,))
        ]
