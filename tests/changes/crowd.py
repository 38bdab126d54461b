"""What the tests of change-sets do: make accounts, begin a change-set, wait for what comes of it."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from lifecycle import contract
from lifecycle.changing import ChangeSets
from lifecycle.contract import ChangeProgress
from lifecycle.store.change_sets import NewChangeSet, NewItem, items_of
from lifecycle.store.change_tables import ChangeItemRow
from tests.clock import until
from tests.workflows.town import Town

MOVE = {
    "command": contract.SET_STAGE,
    "lifecycle": "customer_journey",
    "stage": "launched",
    "revision": None,
    "anyway": False,
}


@dataclass
class Crowd:
    """Accounts of one town, and a change-set over them."""

    town: Town
    name: str = field(default_factory=lambda: f"set-{uuid4().hex[:8]}")

    @property
    def changes(self) -> ChangeSets:
        return ChangeSets(self.town.client, self.town.store, self.town.settings.task_queue)

    async def accounts(self, count: int) -> list[str]:
        """So many, in Onboarding."""
        names = [self.town.account(f"a{number:03}") for number in range(count)]
        await asyncio.gather(*(self.town.win(name) for name in names))
        return names

    def items(self, accounts: Iterable[str], **message: Any) -> list[NewItem]:
        return [NewItem(account, {**MOVE, **message}) for account in accounts]

    async def begin(self, items: Sequence[NewItem], **more: Any) -> ChangeProgress:
        new = NewChangeSet(self.name, "stage", "Move to Launched", "ana", "a campaign", **more)
        return await self.changes.begin(new, items, datetime.now(UTC))

    async def order(self, order: str, **more: Any) -> ChangeProgress:
        return await self.changes.order(self.name, order, actor="ben", **more)

    async def progress(self) -> ChangeProgress:
        return await self.changes.progress(self.name)

    async def until(self, **counts: int) -> ChangeProgress:
        """Wait until so many items have these statuses."""

        def good(seen: ChangeProgress) -> bool:
            return all(seen.counts.get(name, 0) == number for name, number in counts.items())

        return await until(self.progress, good)

    async def ended(self, status: str = "done", back: bool = False) -> ChangeProgress:
        return await until(self.progress, lambda seen: (seen.status, seen.back) == (status, back))

    async def items_now(self) -> list[ChangeItemRow]:
        return await items_of(self.town.store, self.name)

    async def stages(self, accounts: Iterable[str]) -> set[str | None]:
        found = [await self.town.state(account) for account in accounts]
        return {state.tracks["customer_journey"].stage for state in found}
