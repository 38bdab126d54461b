"""What streams say: to programs with what happened and why, to pages only what to fetch anew."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final

from lifecycle.store.fresh import Move, entries_behind, newest
from lifecycle.telling.accounts import found
from lifecycle.telling.data import plain
from lifecycle.telling.past import entry_data
from lifecycle.telling.story import Teller as StoryTeller

from ..door import Door
from .hub import News
from .stream import said
from .watching import Change

MOST_ENTRIES: Final = 50
"""Entries one event tells; of more, the newest."""
MOST_MISSED: Final = 500
"""Accounts a board is told of after it was away; it is to be read anew after more."""
KEPT: Final = 512
BEAT: Final = ": still here\n\n"
RESET: Final = "reset"
CHANGED: Final = "changed"


class Once:
    """Whatever is told to many is made once."""

    def __init__(self) -> None:
        self._made: OrderedDict[Any, asyncio.Task[Any]] = OrderedDict()

    async def get(self, key: Any, make: Callable[[], Awaitable[Any]]) -> Any:
        """What `make` answered with for this key, now or lately."""
        task = self._made.get(key)
        if task is None:
            task = self._made[key] = asyncio.ensure_future(make())
            while len(self._made) > KEPT:
                self._made.popitem(last=False)
        try:
            # Whoever leaves while it is made must not take it from the others.
            return await asyncio.shield(task)
        except Exception:
            self._made.pop(key, None)
            raise


class Story:
    """Entries of an account in words and data, as `history` tells them."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._once = Once()

    async def behind(self, account: str, revision: int, up_to: int) -> list[dict[str, Any]]:
        """The newest entries behind a revision and up to another, oldest first. The same list for all who ask."""
        key = account, revision, up_to
        told: list[dict[str, Any]] = await self._once.get(key, lambda: self._told(*key))
        return told

    async def _told(self, account: str, behind: int, up_to: int) -> list[dict[str, Any]]:
        entries = await entries_behind(self._door.store, account, behind, MOST_ENTRIES, up_to)
        it = await found(self._door.store, account, self._door.now())
        teller = StoryTeller(it.book, self._door.zone, it.ctas)
        return [plain(entry_data(entry, teller.tell(entry))) for entry in entries]


class AccountTeller:
    """One account's news; the id of an event is its revision. `story` None: only the revision is told."""

    def __init__(self, door: Door, story: Story | None, account: str, after: int | None) -> None:
        self._door = door
        self._story = story
        self._account = account
        self._after = after

    async def first(self) -> str:
        """What was recorded behind the revision the reader has; nothing for one who has none."""
        return await self._up_to(await self._newest())

    async def told(self, news: News) -> str:
        """See `Teller`."""
        change = news.changes.get(self._account)
        return await self._up_to(change.revision if change else await self._newest())

    def beat(self, news: News) -> str:
        """See `Teller`."""
        return BEAT

    async def _newest(self) -> int:
        return await newest(self._door.store, self._account) or 0

    async def _up_to(self, revision: int) -> str:
        after, self._after = self._after, max(revision, self._after or 0)
        if after is None or revision <= after:
            return ""
        data: dict[str, Any] = {"account": self._account, "revision": revision}
        if self._story is not None:
            entries = await self._story.behind(self._account, after, revision)
            data |= {"entries": entries, "all": len(entries) == revision - after}
        return said(CHANGED, data, str(revision))


class BoardTeller:
    """All accounts', or those of one lifecycle; the id of an event is the instant of its look, in milliseconds."""

    def __init__(
        self, door: Door, story: Story | None, lifecycle: str | None, since: datetime | None
    ) -> None:
        self._door = door
        self._story = story
        self._lifecycle = lifecycle
        self._since = since

    async def first(self) -> str:
        """What was recorded since the reader's last event; some of it may be known there already."""
        if self._since is None:
            return ""
        look = await self._door.live.watcher.since(self._since, MOST_MISSED)
        if look is None:
            return said(RESET, {}, stamp(self._door.now()))
        return await self.told(News(look.at, {one.account: one for one in look.changes}))

    async def told(self, news: News) -> str:
        """See `Teller`."""
        number = stamp(news.at or self._door.now())
        if news.too_much:
            return said(RESET, {}, number)
        told = [
            said(CHANGED, data, number)
            for change in news.changes.values()
            for data in await self._about(change)
        ]
        return "".join(told)

    def beat(self, news: News) -> str:
        """The number too: who comes again asks from here on."""
        number = f"id: {stamp(news.at)}\n" if news.at else ""
        return f"{BEAT[:-1]}{number}\n"

    async def _about(self, change: Change) -> list[dict[str, Any]]:
        moves = [move for move in change.moves if self._lifecycle in (None, move.lifecycle)]
        data: dict[str, Any] = {"account": change.account, "revision": change.revision}
        if self._story is None:
            return [data | _from_to(move) for move in moves]
        if self._lifecycle is not None and not moves:
            return []
        behind = change.since.revision
        entries = await self._story.behind(
            change.account, change.revision - 1 if behind is None else behind, change.revision
        )
        return [data | {"moves": [_from_to(move) for move in moves], "entries": entries}]


def _from_to(move: Move) -> dict[str, Any]:
    return {"lifecycle": move.lifecycle, "from": move.came_from, "to": move.stage}


def stamp(at: datetime) -> str:
    """An instant as the id of an event."""
    return str(int(at.timestamp() * 1000))


def instant_of(stamped: int) -> datetime | None:
    """What `stamp` made; None for a number that is no instant."""
    try:
        return datetime.fromtimestamp(stamped / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
