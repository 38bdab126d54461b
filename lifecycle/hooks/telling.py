"""What one message says to us: orders for an account, a reason why it cannot be mapped, or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from lifecycle import contract
from lifecycle.client import Message as Sent
from lifecycle.core.inputs import Event
from lifecycle.core.model import PAST_MOVE, Book
from lifecycle.core.refusal import Refusal
from lifecycle.core.values import Value
from lifecycle.importing.mapping import Cells, FromColumn, Question
from lifecycle.importing.rows import CONTROL, Page, Reader, account_id
from lifecycle.importing.sending import message_of
from lifecycle.importing.sheets import Row
from lifecycle.messages import plain
from lifecycle.store.hook_arrivals import Problem
from lifecycle.store.hook_map import Theirs

from .mapping import Entry, Hook, Known
from .message import Message

MAX_REASON: Final = 500


@dataclass(frozen=True, slots=True)
class Orders:
    """What is to be sent to an account, in order. `starts` holds the fields of one that is not there."""

    account: str
    events: list[Sent] = field(default_factory=list)
    commands: list[Sent] = field(default_factory=list)
    starts: dict[str, Value] | None = None


Said = Orders | Problem | None


class Teller:
    """Reads messages by a hook, against the book that is published."""

    def __init__(self, hook: Hook, book: Book, now: datetime) -> None:
        self.hook, self.now = hook, now
        self._reader = Reader(book, hook.source, None, now)

    def cells(self, message: Message) -> Cells:
        """What the hook reads of a message."""
        return message.cells(self.hook.paths)

    # ── ids

    def lessons(self, message: Message) -> dict[Theirs, str]:
        """The ids a message explains, with their accounts."""
        cells, told = self.cells(message), dict[Theirs, str]()
        for lesson in self.hook.lessons:
            if _holds(lesson.only, cells, self.now):
                theirs, account = _text(lesson.id, cells), _text(lesson.account, cells)
                told |= {(lesson.of, theirs): account} if theirs and account else {}
        return told

    def asked(self, message: Message) -> set[Theirs]:
        """The ids whose account a message may be about."""
        cells = self.cells(message)
        ids = ((known.of, _text(known.id, cells)) for known in self.hook.known())
        return {(of, theirs) for of, theirs in ids if theirs}

    # ── what it says

    def said(self, message: Message, known: Mapping[Theirs, str]) -> Said:
        """Orders, a problem, or None: the message is to be ignored, or nothing of the hook applies to it."""
        page = Page(self.hook.id, Row(0, self.cells(message)))
        entry = self._entry(page)
        if page.remarks:
            return _wrong(page)
        if entry is None:
            said = f"No entry of the hook {self.hook.id} speaks of {plain(message.type, 80)}."
            return Problem("unknown_message", said)
        if entry.ignore:
            return None
        events = [event for _, event in self._reader.told(page, entry.events)]
        fields = self._reader.fields(page, dict(entry.fields))
        if page.remarks or not all(map(_can_be_kept, events)):
            return _wrong(page)
        if not events and not fields:
            return None
        return self._addressed(page, entry, known, self._orders(message, entry, events, fields))

    def _entry(self, page: Page) -> Entry | None:
        """The first entry that is meant."""
        for entry in self.hook.entries:
            if entry.only is None or page.holds(entry.only, self.now):
                return entry
        return None

    def _orders(
        self, message: Message, entry: Entry, events: list[Event], fields: dict[str, Value]
    ) -> Orders:
        told = [event for event in events if event.type != PAST_MOVE]
        moves = [self._move(event) for event in events if event.type == PAST_MOVE]
        name = f"{self.hook.source}:{message.id}"
        sets = [self._command(contract.SET_FIELDS, name, fields=fields)] if fields else []
        return Orders(
            "", [message_of(one) for one in told], [*sets, *moves], _starting(entry, fields)
        )

    def _move(self, event: Event) -> Sent:
        """A stage that a person set over there is a person's move here (V9, T26)."""
        said = {name: value for name, value in event.data.items() if value}
        return {**self._command(contract.SET_STAGE, f"{self.hook.source}:{event.id}"), **said}

    def _command(self, name: str, id_: str, **more: Any) -> Sent:
        by = {"actor": self.hook.title, "reason": f"Told by {self.hook.title}."}
        return {"command": name, "id": id_, **by, **more}

    # ── whose it is

    def _addressed(
        self, page: Page, entry: Entry, known: Mapping[Theirs, str], orders: Orders
    ) -> Orders | Problem:
        account, waits_for = self._account(page, entry, known)
        if page.remarks:
            return _wrong(page)
        if account:
            return Orders(account, orders.events, orders.commands, orders.starts)
        if waits_for is None:
            return Problem("no_account", "The message names no account.")
        of, theirs = waits_for
        said = f"It is not known which account the {of} {plain(theirs, 120)} belongs to."
        return Problem("no_account", said, waits_for=waiting(waits_for))

    def _account(
        self, page: Page, entry: Entry, known: Mapping[Theirs, str]
    ) -> tuple[str, Theirs | None]:
        """The account by the first way that says something; else the id that it could be known by."""
        waits_for = None
        for way in entry.whose:
            if isinstance(way, Known):
                theirs = (way.of, _text(way.id, page.cells))
                if theirs in known:
                    return known[theirs], None
                waits_for = theirs if theirs[1] else waits_for
            elif (found := _named(page, way)) or page.remarks:
                return found, None
        return "", waits_for


def waiting(theirs: Theirs) -> str:
    """An id as the row of a kept message names it."""
    return "/".join(theirs)


def _starting(entry: Entry, fields: dict[str, Value]) -> dict[str, Value] | None:
    return fields if entry.starts and fields else None


def _can_be_kept(event: Event) -> bool:
    """Whether every database takes the event's id."""
    return not CONTROL.search(event.id)


def _named(page: Page, cell: FromColumn) -> str:
    value = page.read(cell)
    return "" if value is None else page.check(cell, lambda: account_id(value)) or ""


def _holds(question: Question | None, cells: Cells, now: datetime) -> bool:
    """Whether a lesson is meant; what cannot be read teaches nothing, and is told by its entry."""
    try:
        return question is None or question.holds(cells, now)
    except Refusal:
        return False


def _text(cell: FromColumn, cells: Cells) -> str:
    """An id; empty when there is none that could be kept."""
    try:
        value = cell.read(cells)
        return "" if value is None else account_id(value)
    except Refusal:
        return ""


def _wrong(page: Page) -> Problem:
    """All that is wrong with the values of a message; the code is that of the first."""
    code = page.remarks[0].code if page.remarks else ""
    said = (
        " ".join(_remarks(page)) or "The id of an event would hold a character that none may have."
    )
    return Problem(code or "bad_value", plain(said, MAX_REASON))


def _remarks(page: Page) -> Iterator[str]:
    for remark in page.remarks:
        yield f"{remark.column}: {remark.reason}" if remark.column else remark.reason
