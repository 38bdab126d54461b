"""Taking events in: each is checked as far as it can be without its account, then Temporal has it (R2, R16, R20).

No database is read for an event: definitions are kept for a moment, and for as long as the database is away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError
from temporalio.service import RPCError

from lifecycle.client import Lifecycles
from lifecycle.core.deciding.events import check_event
from lifecycle.core.inputs import Event
from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal
from lifecycle.failure import Failure
from lifecycle.importing.rows import account_id
from lifecycle.messages import Arrival, read_event
from lifecycle.store.definitions import current_book
from lifecycle.telling.refusals import told

from ..door import Door
from .cloud_events import message_of

FRESH: Final = 5.0
"""Seconds for which definitions are taken as the newest."""
AGAIN: Final = 1.0
"""After so many seconds an unknown event type may be new: the definitions are read again."""
AT_ONCE: Final = 16
"""Accounts told at the same time, of one request."""
ACCEPTED, REFUSED, FAILED = "accepted", "refused", "failed"


@dataclass(frozen=True, slots=True)
class Checked:
    """An event in order: what its account is told (`message`), and what it was read as."""

    place: int
    account: str
    message: dict[str, Any]
    event: Event


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one event of a request. `failed` is not refused: Temporal did not answer, so send it again."""

    place: int
    id: str
    source: str
    account: str
    status: str
    code: str = ""
    detail: str = ""
    field: str = ""
    remedy: str = ""


class Books:
    """The newest definitions, read again every few seconds while events come."""

    def __init__(self, door: Door) -> None:
        self._store = door.store
        self._book: Book | None = None
        self._creating: frozenset[str] = frozenset()
        self._read_at = 0.0

    async def now(self, within: float = FRESH) -> tuple[Book, frozenset[str]]:
        """The definitions, and the types that may be the first thing known of an account.

        Raises `Refusal` while nothing is published, and what the database raises when it was never there.
        """
        if self._book is None or monotonic() - self._read_at > within:
            await self._read()
        assert self._book is not None
        return self._book, self._creating

    async def _read(self) -> None:
        try:
            book, _ = await current_book(self._store)
        except (OSError, SQLAlchemyError):
            if self._book is None:
                raise
        else:
            if book is not self._book:
                self._book = book
                self._creating = frozenset(
                    one.id for one in book.events.values() if one.creates_account
                )
        self._read_at = monotonic()


@dataclass(slots=True)
class Intake:
    """Where events come in."""

    door: Door
    books: Books = field(init=False)

    def __post_init__(self) -> None:
        self.books = Books(self.door)

    # ── checked

    async def checked(self, events: Sequence[object]) -> tuple[list[Checked], list[Result]]:
        """Those in order, and what is wrong with each of the others."""
        now, (book, _) = self.door.now(), await self.books.now()
        good: list[Checked] = []
        bad: list[Result] = []
        for place, event in enumerate(events):
            try:
                good.append(await self._checked(book, place, event, now))
            except Refusal as refusal:
                bad.append(_refused(place, event, refusal))
        return good, bad

    async def _checked(self, book: Book, place: int, event: object, now: datetime) -> Checked:
        message = message_of(event)
        account = _account(message["subject"])
        message["subject"] = account
        read = read_event(message, Arrival(account, now))
        if read.type not in book.events:
            book, _ = await self.books.now(within=AGAIN)
        check_event(book, None, read)
        return Checked(place, account, message, read)

    # ── handed over

    async def take(self, good: Sequence[Checked]) -> list[Result]:
        """Hand events over, those of one account in order; what became of each."""
        client = await self.client()
        room = asyncio.Semaphore(AT_ONCE)

        async def told_one(account: str, events: list[Checked]) -> list[Result]:
            async with room:
                return await _tell(client, account, events)

        groups = _by_account(good)
        found = await asyncio.gather(*(told_one(*group) for group in groups.items()))
        return [result for results in found for result in results]

    async def client(self) -> Lifecycles:
        """The client that knows which events create accounts."""
        _, creating = await self.books.now()
        accounts = self.door.accounts
        return Lifecycles(accounts.client, accounts.task_queue, creating, accounts.answer_within)


def _account(subject: object) -> str:
    if not isinstance(subject, str | int) or isinstance(subject, bool):
        raise Refusal("bad_account", "The account's id is a text.", where="subject")
    try:
        return account_id(subject)
    except Refusal as refusal:
        refusal.where = "subject"
        raise


def _by_account(events: Iterable[Checked]) -> dict[str, list[Checked]]:
    groups: dict[str, list[Checked]] = {}
    for one in events:
        groups.setdefault(one.account, []).append(one)
    return groups


async def _tell(client: Lifecycles, account: str, events: list[Checked]) -> list[Result]:
    """The events of one account; when they cannot be taken together, one by one."""
    try:
        await client.record_events(account, (one.message for one in events))
    except Refusal as refusal:
        if len(events) == 1:
            return [_result(events[0], REFUSED, refusal)]
        return await _one_by_one(client, account, events)
    except (Failure, RPCError) as error:
        return [_result(one, FAILED, told(error)) for one in events]
    return [_result(one, ACCEPTED) for one in events]


async def _one_by_one(client: Lifecycles, account: str, events: list[Checked]) -> list[Result]:
    """There was no such account at first; one of them may have created it."""
    found: list[Result] = []
    for one in events:
        found += await _tell(client, account, [one])
    return found


# ── results


def _refused(place: int, event: object, refusal: Refusal) -> Result:
    shown = event if isinstance(event, dict) else {}
    id_, source, account = (
        str(shown.get(name) or "")[:200] for name in ("id", "source", "subject")
    )
    return Result(
        place,
        id_,
        source,
        account,
        REFUSED,
        refusal.code,
        refusal.what,
        refusal.where,
        refusal.remedy,
    )


def _result(one: Checked, status: str, refusal: Refusal | None = None) -> Result:
    said = refusal or Refusal("", "")
    return Result(
        one.place,
        one.event.id,
        one.event.source,
        one.account,
        status,
        said.code,
        said.what,
        "subject" if said.code == "unknown_account" else said.where,
        said.remedy,
    )
