"""What a command works with: settings, the database, Temporal, the viewer's clock, and who is asking."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from lifecycle.actor import actor_of
from lifecycle.failure import Failure
from lifecycle.settings import Settings, load
from lifecycle.telling.phrases import moment

from .screen import Screen

if TYPE_CHECKING:
    from lifecycle.campaigning import Campaigns
    from lifecycle.changing import ChangeSets
    from lifecycle.client import Lifecycles
    from lifecycle.publications import Publications
    from lifecycle.store.engine import Store
    from lifecycle.telling.viewer import Viewer


class NoDatabase(Failure):
    """The database is not there, or cannot be reached."""

    exit_code = 3


class NoActor(Failure):
    """Nobody is named as the one who gives the command."""

    exit_code = 2


@dataclass(slots=True)
class Look:
    """How the answer is wanted: as JSON, in UTC, by whom asked."""

    as_json: bool = False
    utc: bool = False
    actor: str | None = None


@dataclass(slots=True)
class Desk:
    """One command's surroundings. `now` is the wall clock when it began (UTC)."""

    settings: Settings
    look: Look
    screen: Screen
    zone: tzinfo
    now: datetime
    _store: Store | None = None
    _closing: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    @property
    def actor(self) -> str:
        """Who gives the command: `--as`, LIFECYCLE_ACTOR, else the user of this machine."""
        named = self.look.actor or actor_of(self.settings)
        if not named:
            raise NoActor(
                "It is not known who gives this command.\nName the person: --as NAME, or LIFECYCLE_ACTOR."
            )
        return named

    async def store(self) -> Store:
        """The database, sure to be there and of this release. Raises `NoDatabase`, `DatabaseNotReady`."""
        if self._store is None:
            from .database import open_store

            self._store = await open_store(self.settings)
            self._closing.append(self._store.close)
        return self._store

    async def viewer(self) -> Viewer:
        """Who looks. Raises as `store` does."""
        from lifecycle.telling.viewer import Viewer

        return Viewer(await self.store(), self.now, self.zone)

    async def client(self, creating: Collection[str] = ()) -> Lifecycles:
        """The client of the running accounts (`creating`: see there). Raises `NoServer` within seconds."""
        from lifecycle.client import Lifecycles
        from lifecycle.connection import connect

        return Lifecycles(await connect(self.settings), self.settings.task_queue, creating)

    async def campaigns(self) -> Campaigns:
        """The client of running campaigns. Raises `NoServer` within seconds."""
        from lifecycle.campaigning import Campaigns
        from lifecycle.connection import connect

        return Campaigns(await connect(self.settings), self.settings.task_queue)

    async def changes(self) -> ChangeSets:
        """The client of change-sets. Raises `NoServer` within seconds, and as `store` does."""
        from lifecycle.changing import ChangeSets
        from lifecycle.connection import connect

        store = await self.store()
        return ChangeSets(await connect(self.settings), store, self.settings.task_queue)

    async def publications(self) -> Publications:
        """The client of publications. Raises `NoServer` within seconds, and as `store` does."""
        from lifecycle.connection import connect
        from lifecycle.publications import Publications

        store = await self.store()
        return Publications(await connect(self.settings), store, self.settings.task_queue)

    def now_for(self, lead: int) -> datetime:
        """The instant it is for an account whose clock leads the wall clock by `lead` seconds."""
        return self.now + timedelta(seconds=lead)

    def moment(self, at: datetime | None) -> str:
        """An instant in the viewer's zone."""
        return moment(at, self.zone)

    async def close(self) -> None:
        """Give back what was opened."""
        for close in reversed(self._closing):
            await close()


def work(command: Callable[[Desk], Awaitable[None]], look: Look) -> None:
    """Run a command at a desk of its own."""
    asyncio.run(_work(command, look))


async def _work(command: Callable[[Desk], Awaitable[None]], look: Look) -> None:
    async with _desk(look) as desk:
        await command(desk)


@asynccontextmanager
async def _desk(look: Look) -> AsyncIterator[Desk]:
    settings = load()
    desk = Desk(settings, look, Screen(look.as_json), viewer_zone(settings, look.utc), wall_clock())
    try:
        yield desk
    finally:
        await desk.close()


def wall_clock() -> datetime:
    """The instant a command begins; the one clock of all commands."""
    return datetime.now(UTC)


def viewer_zone(settings: Settings, utc: bool) -> tzinfo:
    """Where times are shown: UTC when asked, else LIFECYCLE_ZONE, else this machine's zone."""
    if utc:
        return UTC
    if settings.zone:
        return ZoneInfo(settings.zone)
    return datetime.now().astimezone().tzinfo or UTC
