"""The hub: one watcher, as many streams as there are readers, and for each what it has not yet been told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from lifecycle.store.engine import Store

from .watching import Change, Look, Watcher

AWAY: Final = (OSError, SQLAlchemyError)
"""What a database that is away raises."""
LOG: Final = structlog.get_logger("lifecycle.live")


@dataclass(frozen=True, slots=True)
class Pace:
    """How often things are done, in seconds, and how much there may be of them."""

    look: float = 0.25
    beat: float = 15.0
    check: float = 30.0
    stalled: float = 30.0
    streams: int = 5_000
    waiting: int = 200


@dataclass(slots=True)
class News:
    """What a reader has not been told, up to a look; `too_much` means: look at everything again."""

    at: datetime | None = None
    changes: dict[str, Change] = field(default_factory=dict)
    too_much: bool = False

    def __bool__(self) -> bool:
        return bool(self.changes) or self.too_much


class Subscription:
    """What one stream waits for: an account, or all accounts of a lifecycle (None: of any)."""

    def __init__(self, account: str | None = None, lifecycle: str | None = None) -> None:
        self.account = account
        self.lifecycle = lifecycle
        self.is_over = False
        self._news = News()
        self._rings = asyncio.Event()

    def tell(self, look: Look, most: int) -> None:
        """Kept until it is taken; of an account the newest state only, of a board at most so many."""
        news = self._news
        news.at = look.at
        news.too_much = news.too_much or not look.all_of_it
        for change in self._wanted(look.changes):
            before = news.changes.get(change.account)
            news.changes[change.account] = before.and_then(change) if before else change
        if len(news.changes) > most:
            self._news = News(look.at, too_much=True)
        if self._news:
            self._rings.set()

    def _wanted(self, changes: list[Change]) -> Iterator[Change]:
        for change in changes:
            lifecycles = {move.lifecycle for move in change.moves}
            if self.account is not None or self.lifecycle is None or self.lifecycle in lifecycles:
                yield change

    async def take(self, within: float) -> News:
        """The news so far, as soon as there are any; empty when there were none for so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._rings.wait()
        self._rings.clear()
        news, self._news = self._news, News(self._news.at)
        return news

    def end(self) -> None:
        """The stream has to end."""
        self.is_over = True
        self._rings.set()


class Live:
    """Everybody who listens in this process."""

    def __init__(self, store: Store, now: Callable[[], datetime], pace: Pace | None = None) -> None:
        self.pace = pace or Pace()
        self.watcher = Watcher(store, now)
        self._of_accounts: dict[str, set[Subscription]] = {}
        self._of_boards: set[Subscription] = set()
        self._watching: asyncio.Task[None] | None = None
        self._begun = asyncio.Event()
        self._count = 0
        self._is_closed = False

    @property
    def is_full(self) -> bool:
        """Whether another stream would be too many, or the door closes."""
        return self._is_closed or self._count >= self.pace.streams

    @property
    def is_watching(self) -> bool:
        """Whether the database is asked: only while somebody listens."""
        return self._watching is not None

    @asynccontextmanager
    async def following(self, subscription: Subscription) -> AsyncIterator[None]:
        """Whatever becomes visible from here on is told to `subscription`. Raises what a database that is away does."""
        among = self._among(subscription)
        among.add(subscription)
        self._count += 1
        try:
            await self._watch()
            if self._is_closed:
                subscription.end()
            yield
        finally:
            among.discard(subscription)
            self._count -= 1
            self._tidy(subscription)

    def close(self) -> None:
        """The door closes: every stream ends."""
        self._is_closed = True
        for subscription in self._all():
            subscription.end()

    def _among(self, subscription: Subscription) -> set[Subscription]:
        if subscription.account is None:
            return self._of_boards
        return self._of_accounts.setdefault(subscription.account, set())

    def _all(self) -> Iterator[Subscription]:
        yield from self._of_boards
        for among in self._of_accounts.values():
            yield from among

    def _tidy(self, subscription: Subscription) -> None:
        if subscription.account is not None and not self._of_accounts.get(subscription.account):
            self._of_accounts.pop(subscription.account, None)
        if self._count == 0 and self._watching is not None:
            self._watching.cancel()
            self._watching = None

    # ── watching

    async def _watch(self) -> None:
        """The first listener starts it; all wait until it knows what is there already."""
        watching = self._watching
        if watching is None:
            self._begun.clear()
            watching = self._watching = asyncio.create_task(self._run())
        begun = asyncio.create_task(self._begun.wait())
        try:
            await asyncio.wait([begun, watching], return_when=asyncio.FIRST_COMPLETED)
        finally:
            begun.cancel()
        if watching.done():
            self._watching = None
            watching.result()

    async def _run(self) -> None:
        await self.watcher.begin()
        self._begun.set()
        waits = False
        while True:
            await asyncio.sleep(self.pace.look)
            try:
                most = self.pace.waiting if self._of_boards else 0
                self._hand_out(await self.watcher.look(most))
                waits = False
            except Exception as error:
                # An error of ours, too: whoever listens is told of what comes after it.
                if not waits:
                    _log(error)
                waits = True

    def _hand_out(self, look: Look) -> None:
        is_much = len(look.changes) > self.pace.waiting
        for board in self._of_boards:
            board.tell(Look(look.at, [], all_of_it=False) if is_much else look, self.pace.waiting)
        if not look.all_of_it:
            for subscription in self._all():
                subscription.tell(Look(look.at, [], all_of_it=False), self.pace.waiting)
        for change in look.changes:
            for subscription in self._of_accounts.get(change.account, ()):
                subscription.tell(Look(look.at, [change]), self.pace.waiting)


def _log(error: Exception) -> None:
    if isinstance(error, AWAY):
        LOG.warning("the database is away: live changes wait", error=type(error).__name__)
    else:
        LOG.error("an error of ours: live changes wait", exc_info=error)
