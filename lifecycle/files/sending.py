"""Changes of a sheet on their way to the accounts, as one change-set: it can be paused, and undone as one.

It goes on by itself once it has begun; whoever waits here only looks on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from lifecycle.contract import ChangeProgress
from lifecycle.core.refusal import Refusal
from lifecycle.failure import Failure
from lifecycle.store.change_sets import NewChangeSet, NewItem, items_of
from lifecycle.store.change_tables import ChangeStatus, ItemStatus

from .commands import commands_of
from .wanted import Change

if TYPE_CHECKING:
    from datetime import datetime

    from lifecycle.changing import ChangeSets

LOOK_EVERY: Final = 0.2
A_PAGE: Final = 500
Done = Callable[[int], None]


class NotRecorded(Failure):
    """Changes that were sent are not recorded yet."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class Answered:
    """What an account refused of a row after all: `command` was made of its cell."""

    change: Change
    refusal: Refusal
    command: dict[str, Any]


@dataclass(slots=True)
class Sender:
    """Sends the changes of one file. `patience` is how long nothing may move on, in seconds."""

    changes: ChangeSets
    digest: str
    title: str
    actor: str
    reason: str
    anyway: bool = False
    patience: float = 60.0
    name: str = ""
    _of: list[Change] = field(default_factory=list)
    """Of which change each item was made, in order of their numbers."""

    async def send(self, changes: Sequence[Change], now: datetime) -> None:
        """Begin the change-set; the same changes sent again go on with it. Raises `NoServer`."""
        self.name = self._named(changes)
        new = NewChangeSet(self.name, "import", self.title, self.actor, self.reason)
        found = await self.changes.begin(new, self._items(changes), now)
        if found.counts.get(ItemStatus.FAILED):
            await self.changes.retry(self.name, actor=self.actor)

    def _named(self, changes: Sequence[Change]) -> str:
        """By the file and how its accounts stood: what is sent twice by a slip is one."""
        stood = "\n".join(f"{one.asked.account}:{one.revision}" for one in changes)
        text = f"{self.digest}\n{self.anyway}\n{stood}".encode("utf-8", "replace")
        return f"import-{sha256(text).hexdigest()[:12]}"

    def _items(self, changes: Sequence[Change]) -> Iterator[NewItem]:
        for change in changes:
            for command in commands_of(change, self.anyway):
                self._of.append(change)
                yield NewItem(change.asked.account, command)

    async def answers(self, done: Done) -> list[Answered]:
        """Wait until it is through; what the accounts refused. Raises `NotRecorded`."""
        await through(self.changes, self.name, done, self.patience)
        return [one async for one in self._refused()]

    async def _refused(self) -> AsyncIterator[Answered]:
        for status in (ItemStatus.REFUSED, ItemStatus.FAILED):
            after = 0
            while page := await items_of(self.changes.store, self.name, status, after, A_PAGE):
                for item in page:
                    refusal = Refusal(item.code, item.reason)
                    yield Answered(self._of[item.number - 1], refusal, item.message)
                after = page[-1].number


async def through(changes: ChangeSets, name: str, done: Done, patience: float) -> None:
    """Wait until a change-set is through; while it is paused, for as long as that lasts. Raises `NotRecorded`."""
    before, last = 0, monotonic()
    while (progress := await changes.progress(name)).status != ChangeStatus.DONE:
        if progress.status == ChangeStatus.STOPPED or progress.back:
            raise NotRecorded(f"The change-set {name} was {progress.said}.")
        now = progress.total - progress.counts.get(ItemStatus.WAITING, 0)
        done(now - before)
        if now > before or progress.status == ChangeStatus.PAUSED:
            before, last = now, monotonic()
        elif monotonic() - last > patience:
            raise _still(progress)
        await asyncio.sleep(LOOK_EVERY)
    done(progress.total - before)


def _still(progress: ChangeProgress) -> NotRecorded:
    waiting = progress.counts.get(ItemStatus.WAITING, 0)
    verb = "command waits" if waiting == 1 else "commands wait"
    return NotRecorded(
        f"The change-set {progress.name} has begun, but {waiting:,} {verb} still.\n"
        "Does a worker run, and does it reach the database? Nothing is lost: it goes on as soon as one"
        f" does.\nlifecycle admin changes show {progress.name} tells how far it is."
    )
