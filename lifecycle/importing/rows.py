"""One row of an export as what happened to an account, or as the reasons why not (R16)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

from lifecycle.contract import MAX_EVENT_BYTES
from lifecycle.core.deciding.commands import read_field
from lifecycle.core.deciding.events import check_event, event_type
from lifecycle.core.inputs import Event
from lifecycle.core.model import PAST_MOVE, Book, EventType
from lifecycle.core.refusal import Refusal
from lifecycle.core.values import Kind, Value, read_instant, read_value

from .mapping import AccountsFile, Cell, Cells, FromColumn, PastEvent, Question, RowsFile
from .report import Outcome, Remark
from .sheets import BadRow, Row

T = TypeVar("T")
MAX_ID: Final = 255
MAX_BYTES: Final = 900
"""Of an account's id in UTF-8: Temporal takes 1,000, with what stands before it."""
CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
EARLIER: Final = timedelta(minutes=5)
"""How much later than the end of history an event may be: clocks differ (R20)."""


@dataclass(slots=True)
class Reader:
    """Reads rows against the book. `until` is where history ends; without it, what is read happens now."""

    book: Book
    source: str
    until: datetime | None
    now: datetime

    def account(
        self, spec: AccountsFile, row: Row | BadRow
    ) -> tuple[str, dict[str, Value]] | list[Remark]:
        """An account's id and its fields; an empty cell is left out (R16). Else what is wrong."""
        page = Page(spec.spec.file, row)
        account = page.account(spec.account)
        if isinstance(row, BadRow) or account is None:
            return page.remarks
        if spec.only is not None and not page.holds(spec.only, self.now):
            return page.remarks or [page.nothing("", "The condition of the mapping leaves it out.")]
        fields = self.fields(page, spec.fields)
        return page.remarks or (account, fields)

    def fields(self, page: Page, cells: dict[str, Cell]) -> dict[str, Value]:
        """The fields a row speaks of, by our names."""
        read = {name: self._field(page, name, cell) for name, cell in cells.items()}
        return {name: value for name, value in read.items() if value is not None}

    def _field(self, page: Page, name: str, cell: Cell) -> Value:
        value = page.read(cell)
        if value is not None:
            page.check(
                cell, lambda: read_field(self.book.account.fields[name], name, value, self.book)
            )
        return value

    def events(
        self, spec: RowsFile, row: Row | BadRow
    ) -> tuple[str, list[tuple[int, Event]]] | list[Remark]:
        """The account and its events, each with its place in the mapping's list; else what is wrong."""
        page = Page(spec.spec.file, row)
        account = page.account(spec.account)
        if isinstance(row, BadRow) or account is None:
            return page.remarks
        found = self.told(page, spec.events)
        if page.remarks:
            return page.remarks
        if not found:
            return [page.nothing("", "No event of the mapping applies to the row.")]
        return account, found

    def told(self, page: Page, events: tuple[PastEvent, ...]) -> list[tuple[int, Event]]:
        """Those of the events that the row speaks of, each with its place in the list."""
        found = []
        for place, past in enumerate(events):
            if past.only is None or page.holds(past.only, self.now):
                event = self._event(page, past)
                found += [(place, event)] if event is not None else []
        return found

    def _event(self, page: Page, past: PastEvent) -> Event | None:
        kind = self._type(page, past)
        name = page.required(past.id, "The event has no id.")
        time = page.required(past.time, "The event has no time.")
        moment = page.check(past.time, lambda: self._moment(time)) if time is not None else None
        data = self._data(page, past, kind) if kind is not None else {}
        if kind is None or name is None or moment is None:
            return None
        # A stage that a person set over there is told as the past it is, also by a webhook.
        historic = self.until is not None or kind.id == PAST_MOVE
        event = Event(str(name), self.source, kind.id, moment, self.now, data, historic)
        page.check(past.id, lambda: _size(event))
        if not page.remarks:
            page.check(past.type, lambda: check_event(self.book, None, event))
        return event

    def _type(self, page: Page, past: PastEvent) -> EventType | None:
        name = page.required(past.type, "The event has no type.")
        if name is None:
            return None
        return page.check(past.type, lambda: event_type(self.book, str(name), historic=True))

    def _moment(self, raw: Value) -> datetime:
        moment = read_instant(raw)
        if self.until is not None and moment > self.until + EARLIER:
            said = f"{raw!r} lies after the end of history, {self.until.isoformat(timespec='minutes')}."
            raise Refusal("future", said)
        return moment

    def _data(self, page: Page, past: PastEvent, kind: EventType) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for name, cell in past.data.items():
            if name not in kind.data:
                continue
            value = page.read(cell)
            if value is not None:
                self._fits(page, cell, kind.data[name], value)
                found[name] = value
        return found

    def _fits(self, page: Page, cell: Cell, kind: Kind, value: Value) -> None:
        page.check(cell, lambda: read_value(kind, value))


def _size(event: Event) -> None:
    size = len(json.dumps([event.id, event.data], default=str).encode("utf-8", "replace"))
    if len(event.id) > MAX_ID:
        raise Refusal("too_long", f"An event's id has at most {MAX_ID} characters.")
    if size > MAX_EVENT_BYTES - 500:
        raise Refusal(
            "too_large", f"The event has {size:,} bytes; at most {MAX_EVENT_BYTES:,} are taken."
        )


class Page:
    """One row, or one message, while it is read: its cells, and the remarks that gather."""

    def __init__(self, file: str, row: Row | BadRow) -> None:
        self.file, self.line = file, row.line
        self.cells: Cells = row.cells if isinstance(row, Row) else {}
        self.remarks: list[Remark] = []
        if isinstance(row, BadRow):
            self.refuse("", row.excerpt, row.reason, "The row cannot be read.")

    def refuse(
        self, column: str, value: str, reason: str, summary: str = "", code: str = ""
    ) -> None:
        """Note a reason, once."""
        said = _labelled(column, summary or reason)
        remark = Remark(self.file, self.line, column, value, reason, said, code=code)
        if remark not in self.remarks:
            self.remarks.append(remark)

    def nothing(self, column: str, reason: str) -> Remark:
        """The row is fine and says nothing."""
        return Remark(self.file, self.line, column, "", reason, reason, Outcome.NOTHING)

    def account(self, cell: FromColumn) -> str | None:
        """The account's id."""
        if self.remarks:
            return None
        value = self.required(cell, "The row names no account.")
        if value is None:
            return None
        return self.check(cell, lambda: account_id(value))

    def read(self, cell: Cell) -> Value:
        """What the cell says; a time that cannot be read is noted."""
        return self.check(cell, lambda: cell.read(self.cells))

    def required(self, cell: Cell, otherwise: str) -> Value:
        """The same, where it must say something."""
        before = len(self.remarks)
        value = self.read(cell)
        if value is None and len(self.remarks) == before:
            empty = [name for name in cell.columns() if self.cells.get(name) is None]
            self.refuse(", ".join(empty or cell.columns()), "", otherwise)
        return value

    def check(self, cell: Cell, read: Callable[[], T]) -> T | None:
        """What `read` gives; a refusal is noted with the columns of the cell and what stands there."""
        try:
            return read()
        except Refusal as refusal:
            columns = cell.columns()
            shown = ", ".join(str(self.cells.get(name) or "") for name in columns)
            said = str(refusal)
            self.refuse(", ".join(columns), shown, said, _general(refusal), refusal.code)
            return None

    def holds(self, question: Question, now: datetime) -> bool:
        """Whether the row is meant; a value the question cannot read is noted."""
        try:
            return question.holds(self.cells, now)
        except Refusal as refusal:
            shown = str(self.cells.get(refusal.where) or "")
            said = str(refusal)
            self.refuse(refusal.where, shown, said, _general(refusal), refusal.code)
            return False


def account_id(raw: Value) -> str:
    """An account's id as every door takes it. Raises `Refusal(code="bad_account")`."""
    text = str(raw).strip()
    is_long = len(text) > MAX_ID or len(text.encode("utf-8", "replace")) > MAX_BYTES
    if not text or is_long or CONTROL.search(text):
        said = f"{text[:40]!r} is no account id."
        raise Refusal(
            "bad_account",
            said,
            f"It has 1 to {MAX_ID} characters (at most {MAX_BYTES} bytes), none of them a control character.",
        )
    return text


def _labelled(column: str, summary: str) -> str:
    return f"{column}: {summary}" if column else summary


def _general(refusal: Refusal) -> str:
    """The reason without the value: `'abc' is not a number.` counts with all that are not numbers."""
    _, found, rest = refusal.what.partition(" is not ")
    return f"not {rest}" if found else refusal.what
