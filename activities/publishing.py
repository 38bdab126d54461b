"""Publications: where they stand, what that means, and how the accounts of their share live.

Where a publication stands is kept first, and brought about after: whoever is killed on the way brings it about again.
"""

from __future__ import annotations

import asyncio

from temporalio import activity

from lifecycle import contract
from lifecycle.changing import ChangeSets
from lifecycle.contract import PublicationLook, PublicationOrder, PublicationProgress
from lifecycle.core.codec import Data, from_data, to_data
from lifecycle.core.refusal import Refusal
from lifecycle.handing_out import HandingOut, progress_of
from lifecycle.publication_orders import check_order, columns_of, is_carried_out
from lifecycle.settings import Settings
from lifecycle.store import definitions, publications
from lifecycle.store.engine import Store
from lifecycle.store.publication_tables import PublicationRow, PublicationStatus
from lifecycle.watching import look, wall_clock

from .failing import refused

BEAT = 3.0
WATCHED = (PublicationStatus.TRYING, PublicationStatus.WATCHING, PublicationStatus.STOPPED)


class Publishing:
    """What the workflow of a publication asks for."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.settings = settings

    @activity.defn(name=contract.OPEN_PUBLICATION)
    async def open(self, name: str) -> Data:
        """Where it stands (`contract.PublicationProgress` as data)."""
        return to_data(await progress_of(self.store, await self._row(name)))

    @activity.defn(name=contract.LOOK_AT_PUBLICATION)
    async def look(self, data: Data) -> Data:
        """Bring it about, and look (`contract.PublicationLook` as data → `contract.PublicationProgress`)."""
        asked: PublicationLook = from_data(PublicationLook, data)
        beating = asyncio.create_task(_beat())
        try:
            return to_data(await self._look(asked))
        finally:
            beating.cancel()

    async def _look(self, asked: PublicationLook) -> PublicationProgress:
        row = await self._row(asked.name)
        changes = ChangeSets(activity.client(), self.store, self.settings.task_queue)
        try:
            await HandingOut(self.store, changes, row, asked.now).bring_about()
        except Refusal as refusal:
            # Somebody ordered the change-set about meanwhile: the next look sees what came of it.
            activity.logger.warning("%s: %s", asked.name, refusal)
        if asked.with_accounts and row.status in WATCHED:
            figures = await look(self.store, row, wall_clock())
            seen = {"figures": figures, "looked_at": asked.now}
            row = await publications.mark(self.store, row.name, **seen)
        return await progress_of(self.store, row)

    @activity.defn(name=contract.ORDER_PUBLICATION)
    async def order(self, data: Data) -> Data:
        """Keep what is wanted (`contract.PublicationOrder` as data → `contract.PublicationProgress`)."""
        wanted: PublicationOrder = from_data(PublicationOrder, data)
        row = await self._row(wanted.name)
        # Where the answer to an earlier try was lost, it stands there already.
        if not is_carried_out(row, wanted):
            await self._carry_out(row, wanted)
        return to_data(await progress_of(self.store, await self._row(row.name)))

    async def _carry_out(self, row: PublicationRow, wanted: PublicationOrder) -> None:
        try:
            check_order(row, wanted.order)
            await self._check_newest(row, wanted.order)
        except Refusal as refusal:
            raise refused(refusal) from None
        columns = columns_of(row, wanted)
        await publications.mark_from(self.store, row.name, [row.status], **columns)

    async def _row(self, name: str) -> PublicationRow:
        try:
            return await publications.publication_row(self.store, name)
        except Refusal as refusal:
            raise refused(refusal) from None

    async def _check_newest(self, row: PublicationRow, order: str) -> None:
        """Who runs a later version does not go back to one before this."""
        if order != contract.ROLL_BACK:
            return
        for (lifecycle, version), share in (await definitions.shares(self.store)).items():
            if lifecycle == row.lifecycle and version > row.version and share:
                said = f"Version {version} was published since; version {row.before} cannot be brought back under it."
                raise Refusal("published_since", said, f"Bring version {row.version} back first.")


async def _beat() -> None:
    """Tell the server that we live."""
    while True:
        activity.heartbeat()
        await asyncio.sleep(BEAT)
