"""Publishing by a door: checked beside the loop, kept, and handed over to running accounts while others are served."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from lifecycle.checking import Checked, book_of, check_files, with_published
from lifecycle.client import Lifecycles
from lifecycle.handing_over import Outcome, Plan, hand_over, store_definitions

from .door import Door

PATIENCE: Final = 10.0
"""Seconds an answer waits for the accounts to be told; after that they are told without anybody waiting."""
PACE: Final = 50


class Publisher:
    """Publishes for one door, `api` or `page`; what is still being handed over goes on by itself."""

    def __init__(self, door: Door, name: str) -> None:
        self._door = door
        self._name = name
        self._going: set[asyncio.Task[None]] = set()

    async def check(self, files: Mapping[str, str]) -> Checked:
        """Files as they would be published, beside everything that is published."""
        before = await book_of(self._door.store)
        every = await with_published(self._door.store, files)
        return await asyncio.to_thread(check_files, self._door.settings, every, before)

    async def publish(
        self, checked: Checked, plan: Plan, actor: str, pace: int = PACE
    ) -> tuple[Outcome, bool]:
        """Keep and hand over; whether all accounts have been told. Raises as `store_definitions` does."""
        door = self._door
        outcome = await store_definitions(door.store, checked, plan, actor, door.now(), self._name)
        outcome.folder = ""
        telling = asyncio.create_task(self._tell(outcome, actor, pace))
        self._going.add(telling)
        telling.add_done_callback(self._going.discard)
        done, _ = await asyncio.wait([telling], timeout=PATIENCE)
        for one in done:
            one.result()
        return outcome, bool(done)

    async def _tell(self, outcome: Outcome, actor: str, pace: int) -> None:
        async def client() -> Lifecycles:
            return self._door.accounts

        await hand_over(self._door.store, client, outcome, actor, pace)
