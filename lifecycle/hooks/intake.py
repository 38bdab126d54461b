"""Messages on their way in: mapped, handed to Temporal, and kept where that cannot be done.

Nothing is lost half way: what fails because a server is away fails as a whole and is told again by its sender,
and a repetition changes nothing (R20).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from temporalio.client import Client

from lifecycle import contract
from lifecycle.client import Lifecycles, UnknownAccount
from lifecycle.core.model import Book
from lifecycle.failure import Failure
from lifecycle.importing.crowd import each
from lifecycle.messages import plain
from lifecycle.settings import Settings
from lifecycle.store import hook_arrivals, hook_map, imports
from lifecycle.store.definitions import current_book
from lifecycle.store.engine import Store
from lifecycle.store.hook_arrivals import Problem, Unmapped
from lifecycle.store.hook_tables import HookArrivalRow

from .message import Message, from_text
from .shelf import Shelf
from .telling import Orders, Said, Teller, waiting

AT_ONCE: Final = 8
FREED_AT_ONCE: Final = 200
"""Kept messages that one delivery may set free by what it teaches."""
MAX_WORDS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a delivery: messages handed over, kept, and those that said nothing to us."""

    sent: int = 0
    kept: int = 0
    ignored: int = 0


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a kept message: None as `problem` when it was sent, or says nothing any more."""

    id: int
    problem: Problem | None


class Intake:
    """The way in, for the door and for operators. `shelf` has the hooks."""

    def __init__(self, settings: Settings, store: Store, client: Client) -> None:
        self.settings, self.store, self.client = settings, store, client
        self.shelf = Shelf(settings)

    async def take(self, name: str, messages: Sequence[Message], now: datetime) -> Taken:
        """All messages of one delivery. Raises `NoServer`, and `Refusal` when nothing is published."""
        batch = await self._batch(name, now)
        if isinstance(batch, Problem):
            await self._keep(name, messages, [batch] * len(messages), now)
            return Taken(kept=len(messages))
        explained = await batch.learn(messages)
        outcomes = await batch.hand_over(messages)
        await self._keep(name, messages, outcomes, now)
        await self._arrived(name, messages, outcomes, now)
        await self._free(batch, name, explained)
        return _counted(outcomes)

    async def _free(self, batch: Batch, name: str, explained: Iterable[hook_map.Theirs]) -> None:
        """Send what waited for ids that are explained now. Those known before are looked for as well: a delivery
        that was broken off here is told again."""
        ids = [waiting(theirs) for theirs in explained]
        freed = await hook_arrivals.waiting_for(self.store, name, ids, FREED_AT_ONCE)
        if freed:
            await self._again(batch, freed, batch.teller.hook.title)

    async def retry(self, rows: Sequence[HookArrivalRow], actor: str, now: datetime) -> list[Tried]:
        """Kept messages once more, by the hooks as they are now. Raises as `take`."""
        tried = list[Tried]()
        for name in dict.fromkeys(row.source for row in rows):
            own = [row for row in rows if row.source == name]
            batch = await self._batch(name, now)
            if isinstance(batch, Problem):
                tried += await self._failed([(row, batch) for row in own], now)
            else:
                tried += await self._again(batch, own, actor)
        return sorted(tried, key=lambda one: one.id)

    async def _batch(self, name: str, now: datetime) -> Batch | Problem:
        """The hook and what it works with; a problem when it cannot be used."""
        book, digest = await current_book(self.store)
        try:
            hook = self.shelf.hook(name, book, digest, now)
        except Failure as error:
            return Problem("bad_hook", plain_lines(str(error)))
        return Batch(self.store, self._accounts(book), Teller(hook, book, now), now)

    def _accounts(self, book: Book) -> Lifecycles:
        creating = [one.id for one in book.events.values() if one.creates_account]
        return Lifecycles(self.client, self.settings.task_queue, creating)

    # ── what was kept

    async def _keep(
        self, name: str, messages: Sequence[Message], outcomes: Sequence[Said], now: datetime
    ) -> None:
        unmapped = [
            Unmapped(one.id, plain(one.type, 200), one.text(), outcome)
            for one, outcome in zip(messages, outcomes, strict=True)
            if isinstance(outcome, Problem)
        ]
        await hook_arrivals.keep(self.store, name, unmapped, now, now)

    async def _arrived(
        self, name: str, messages: Sequence[Message], outcomes: Sequence[Said], now: datetime
    ) -> None:
        """What was kept before and is told again, with success, is not for an operator any more."""
        good = [
            one.id
            for one, outcome in zip(messages, outcomes, strict=True)
            if not isinstance(outcome, Problem)
        ]
        there = await hook_arrivals.kept_before(self.store, name, good)
        if there:
            await hook_arrivals.sent(self.store, there, name, now)

    async def _again(self, batch: Batch, rows: Sequence[HookArrivalRow], actor: str) -> list[Tried]:
        messages = [from_text(row.body) for row in rows]
        await batch.learn(messages)
        outcomes = list(zip(rows, await batch.hand_over(messages), strict=True))
        good = [row.id or 0 for row, outcome in outcomes if not isinstance(outcome, Problem)]
        if good:
            await hook_arrivals.sent(self.store, good, actor, batch.now)
        bad = [(row, outcome) for row, outcome in outcomes if isinstance(outcome, Problem)]
        return [*(Tried(one, None) for one in good), *await self._failed(bad, batch.now)]

    async def _failed(
        self, found: Iterable[tuple[HookArrivalRow, Problem]], now: datetime
    ) -> list[Tried]:
        tried = []
        for row, problem in found:
            await hook_arrivals.tried(self.store, row.id or 0, problem, now)
            tried.append(Tried(row.id or 0, problem))
        return tried


@dataclass(slots=True)
class Batch:
    """Messages of one hook that are worked on together."""

    store: Store
    accounts: Lifecycles
    teller: Teller
    now: datetime

    async def learn(self, messages: Iterable[Message]) -> set[hook_map.Theirs]:
        """Note whose their ids are; answers with the ids that were explained, known before or not."""
        told: dict[hook_map.Theirs, str] = {}
        for message in messages:
            told |= self.teller.lessons(message)
        await hook_map.learn(self.store, self.teller.hook.id, told, self.now)
        return set(told)

    async def hand_over(self, messages: Sequence[Message]) -> list[Said]:
        """Send what the messages say; answers for each with its orders (sent), its problem, or None."""
        asked = {theirs for message in messages for theirs in self.teller.asked(message)}
        known = await hook_map.accounts_of(self.store, self.teller.hook.id, asked)
        said = [self.teller.said(message, known) for message in messages]
        unknown = await self._send([one for one in said if isinstance(one, Orders)])
        return [
            _unknown(one.account) if isinstance(one, Orders) and one.account in unknown else one
            for one in said
        ]

    async def _send(self, orders: list[Orders]) -> set[str]:
        """Account by account; answers with those that are not there. Raises `NoServer`."""
        there = await imports.revisions(self.store, [one.account for one in orders if one.starts])
        unknown: set[str] = set()

        async def send(account: str) -> None:
            own = [one for one in orders if one.account == account]
            try:
                await self._to(account, own, there.get(account) == 0)
            except UnknownAccount:
                unknown.add(account)

        await each(dict.fromkeys(one.account for one in orders), send, AT_ONCE)
        return unknown

    async def _to(self, account: str, orders: list[Orders], is_new: bool) -> None:
        """Few signals; an account that begins with its fields begins before what happened."""
        events = [event for one in orders for event in one.events]
        commands = [command for one in orders for command in one.commands]
        starts = next((one.starts for one in orders if one.starts is not None), None)
        if is_new and starts is not None:
            start = {"command": contract.START, "id": f"{account[:200]}:start", "fields": starts}
            await self.accounts.carry_out(account, [{**commands[0], **start}, *commands])
            commands = []
        if events:
            await self.accounts.record_events(account, events)
        if commands:
            await self.accounts.carry_out(account, commands)


def _unknown(account: str) -> Problem:
    said = f"There is no account {plain(account, 120)}, and nothing in the message creates one."
    return Problem("unknown_account", said, account)


def _counted(outcomes: Sequence[Said]) -> Taken:
    return Taken(
        sum(isinstance(one, Orders) for one in outcomes),
        sum(isinstance(one, Problem) for one in outcomes),
        sum(one is None for one in outcomes),
    )


def plain_lines(text: str) -> str:
    """Several lines that every database takes."""
    return "\n".join(_printable(text[:MAX_WORDS]))


def _printable(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield plain(line, MAX_WORDS)
