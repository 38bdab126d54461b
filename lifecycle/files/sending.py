"""Changes on their way to the accounts, and what the accounts said: read from the journal, when it is there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from lifecycle.core.refusal import Refusal
from lifecycle.failure import Failure
from lifecycle.importing.crowd import each
from lifecycle.store import arrivals
from lifecycle.store.engine import Store

from .commands import commands_of
from .wanted import Change

if TYPE_CHECKING:
    from lifecycle.client import Lifecycles

AT_ONCE: Final = 32
LOOK_EVERY: Final = 0.2
SHOWN: Final = 10
Done = Callable[[int], None]


class NotRecorded(Failure):
    """Changes that were sent are not recorded yet."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class Answered:
    """What an account refused of a row after all: `column` names the field or the lifecycle."""

    change: Change
    refusal: Refusal
    command: dict[str, Any]


@dataclass(slots=True)
class Sender:
    """Sends the changes of one file. `patience` is how long nothing may arrive, in seconds."""

    lifecycles: Lifecycles
    store: Store
    digest: str
    actor: str
    reason: str
    anyway: bool = False
    patience: float = 60.0
    _ids: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    _changes: dict[str, Change] = field(default_factory=dict)

    async def send(self, changes: Iterable[Change], done: Done) -> list[Answered]:
        """All of them, several accounts at a time; what could not even be handed over."""
        from lifecycle.client import UnknownAccount

        lost: list[Answered] = []

        async def one(change: Change) -> None:
            account = change.asked.account
            commands = commands_of(change, self.digest, self.actor, self.reason, self.anyway)
            self._ids[account] = {command["id"]: command for command in commands}
            self._changes[account] = change
            try:
                await self.lifecycles.carry_out(account, commands)
            except UnknownAccount:
                del self._ids[account]
                lost.append(Answered(change, _not_running(account), {}))
            done(1)

        await each(changes, one, AT_ONCE)
        return lost

    async def answers(self, done: Done) -> list[Answered]:
        """Wait until the database has all of them. Raises `NotRecorded`."""
        refused: list[Answered] = []
        last = monotonic()
        while self._ids:
            arrived = await arrivals.commands(self.store, dict(self._waiting()))
            refused += [answered for one in arrived for answered in self._take(one)]
            finished = [account for account, ids in self._ids.items() if not ids]
            for account in finished:
                del self._ids[account]
            done(len(finished))
            if arrived:
                last = monotonic()
            elif monotonic() - last > self.patience:
                raise _still(list(self._ids))
            else:
                await asyncio.sleep(LOOK_EVERY)
        return refused

    def _waiting(self) -> Iterator[tuple[str, int]]:
        for _, account in zip(range(arrivals.AT_ONCE), self._ids, strict=False):
            yield account, self._changes[account].revision

    def _take(self, one: arrivals.Arrival) -> Iterator[Answered]:
        waiting = self._ids.get(one.account, {})
        for key in [key for key in waiting if one.is_about(key)]:
            command = waiting.pop(key)
            if one.refused is not None:
                yield Answered(self._changes[one.account], one.refused, command)


def _not_running(account: str) -> Refusal:
    return Refusal(
        "not_running",
        f"{account} is recorded, but its workflow does not run on this Temporal server.",
        f"If this is the right server, `nudge {account}` starts it again where it was.",
    )


def _still(pending: list[str]) -> NotRecorded:
    names = ", ".join(pending[:SHOWN]) + (", …" if len(pending) > SHOWN else "")
    verb = "account is" if len(pending) == 1 else "accounts are"
    return NotRecorded(
        f"Everything was sent, but {len(pending):,} {verb} not recorded yet: {names}\n"
        "Does a worker run, and does it reach the database? Nothing is lost: it is recorded as soon as"
        " one does. The same import again changes nothing twice."
    )
