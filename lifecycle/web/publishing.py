"""Publishing by a door: checked beside the loop, kept, and handed over to running accounts while others are served."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from lifecycle.checking import Checked, book_of, check_files, with_published
from lifecycle.publication_plan import Outcome, Plan, store_definitions
from lifecycle.store.publication_tables import PublicationStatus
from lifecycle.telling.publication import View, publication_named

from .door import Door

PATIENCE: Final = 10.0
"""Seconds an answer waits for the accounts to be told; after that they are told without anybody waiting."""
LOOK_EVERY: Final = 0.1
TELLING: Final = (PublicationStatus.TRYING, PublicationStatus.ROLLING_ON)


class Publisher:
    """Publishes for one door, `api` or `page`; what is still being handed over goes on by itself."""

    def __init__(self, door: Door, name: str) -> None:
        self._door = door
        self._name = name

    async def check(self, files: Mapping[str, str]) -> Checked:
        """Files as they would be published, beside everything that is published."""
        before = await book_of(self._door.store)
        every = await with_published(self._door.store, files)
        return await asyncio.to_thread(check_files, self._door.settings, every, before)

    async def publish(
        self, checked: Checked, plan: Plan, actor: str, patience: float = PATIENCE
    ) -> tuple[Outcome, View | None]:
        """Keep and hand over; with how far that is, None where nobody is to be told.

        Raises as `store_definitions` does.
        """
        door = self._door
        outcome = await store_definitions(door.store, checked, plan, actor, door.now(), self._name)
        outcome = Outcome("", outcome.published, outcome.policies, outcome.publication)
        names = await door.publications.hand_over(outcome, door.now())
        return outcome, await self._told(names[-1], patience) if names else None

    async def _told(self, name: str, patience: float) -> View:
        """Wait a little, so that most answers can say what came of it."""
        loop = asyncio.get_running_loop()
        until = loop.time() + patience
        view = await publication_named(self._door.store, name)
        while view.row.status in TELLING and loop.time() < until:
            await asyncio.sleep(LOOK_EVERY)
            view = await publication_named(self._door.store, name)
        return view
