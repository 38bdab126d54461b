"""Rehearsing by a door: begun while somebody waits, run behind the answer in processes of its own, one at a time."""

from __future__ import annotations

import asyncio

from lifecycle.core.model import Book
from lifecycle.rehearsing.keeping import Order, Rehearsal, begun
from lifecycle.store import rehearsals
from lifecycle.telling.rehearsal_asked import Wish, ordered
from lifecycle.telling.viewer import Viewer

from .door import Door
from .faults import LOG, kinds, places


class Rehearser:
    """Rehearses for one door, `api` or `page`."""

    def __init__(self, door: Door, name: str) -> None:
        self._door = door
        self._name = name
        self._turn = asyncio.Semaphore(1)

    async def begin(self, draft: Book, wish: Wish, actor: str) -> str:
        """Begin it, unless the same is going on; its id. Raises `Refusal` for a wish or a draft that is none."""
        door = self._door
        viewer = Viewer(door.store, door.now(), door.zone)
        order = await ordered(viewer, draft, wish, actor, self._name)
        if (going := await self._going(order)) is not None:
            return going
        rehearsal = await begun(door.store, order, door.now)
        door.background.start(self._run(rehearsal))
        return rehearsal.id

    async def _going(self, order: Order) -> str | None:
        row = await rehearsals.latest(self._door.store, digest=order.proposal.digest)
        if row is None or not rehearsals.is_going(row, self._door.now()):
            return None
        asked = (row.segment, list(row.sentences), row.since)
        same = asked == (order.segment, list(order.sentences), order.since)
        return row.id if same and row.against == order.proposal.against else None

    async def _run(self, rehearsal: Rehearsal) -> None:
        """What goes wrong is kept with it; here it is logged."""
        try:
            async with self._turn:
                await rehearsal.run()
        except Exception as error:
            LOG.error("fault", work="rehearsal", errors=list(kinds(error)), at=places(error))
