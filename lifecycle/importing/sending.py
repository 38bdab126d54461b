"""Histories on their way: sent account by account, and waited for until all of them are recorded (R21)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Final

from lifecycle.client import Lifecycles, Message, event
from lifecycle.core.inputs import Event
from lifecycle.failure import Failure
from lifecycle.store import imports
from lifecycle.store.engine import Store

from .crowd import each
from .gathering import History

AT_ONCE: Final = 16
LOOK_EVERY: Final = 0.25
SHOWN: Final = 10

Done = Callable[[int], None]
"""Called with the number of events that were sent, or accounts that were recorded, since."""


class StillPending(Failure):
    """Accounts whose history was sent are not recorded yet."""

    exit_code = 3


@dataclass(slots=True)
class Sender:
    """Sends histories. `until` is where they end; no more than `at_once` accounts are under way."""

    lifecycles: Lifecycles
    until: datetime
    at_once: int = AT_ONCE

    async def send(self, histories: Iterable[History], done: Done) -> None:
        """All of them. The first error ends it."""

        async def one(history: History) -> None:
            await self._import(history)
            done(len(history.events))

        await each(histories, one, self.at_once)

    async def _import(self, history: History) -> None:
        begin = min((one.time for one in history.events), default=self.until)
        await self.lifecycles.import_history(
            history.account,
            [message_of(one) for one in history.events],
            history.fields,
            begin if history.is_listed else None,
            self.until,
        )


def message_of(one: Event) -> Message:
    """An event as it is sent."""
    return event(one.type, one.data, source=one.source, id=one.id, time=one.time)


async def recorded(
    store: Store, since: dict[str, int], done: Done, patience: float, every: float = LOOK_EVERY
) -> None:
    """Return when every account's import has ended after its revision in `since`.

    Raises `StillPending` when nothing more has arrived for `patience` seconds.
    """
    pending = dict(since)
    last = monotonic()
    while pending:
        arrived = await imports.ended(store, dict(list(pending.items())[: imports.AT_ONCE]))
        for account in arrived:
            del pending[account]
        if arrived:
            last = monotonic()
            done(len(arrived))
        elif monotonic() - last > patience:
            raise _still(list(pending))
        else:
            await asyncio.sleep(every)


def _still(pending: list[str]) -> StillPending:
    names = ", ".join(pending[:SHOWN]) + (", …" if len(pending) > SHOWN else "")
    verb = "account is" if len(pending) == 1 else "accounts are"
    return StillPending(
        f"Everything was sent, but {len(pending):,} {verb} not recorded yet: {names}\n"
        "Does a worker run, and does it reach the database? Nothing is lost: it is recorded as soon as"
        " one does. The same import again doubles nothing."
    )
