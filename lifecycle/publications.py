"""`Publications`: the way to publications: set going, ordered about, and looked at."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from temporalio.client import Client, WorkflowHandle

from . import contract
from .contract import PublicationProgress
from .core.codec import from_data
from .core.refusal import Refusal
from .core.share import ALL
from .driver import Driver
from .handing_out import progress_of
from .publication_orders import check_order
from .publication_plan import Outcome
from .store import definitions, publications
from .store.engine import Store
from .store.publication_tables import PublicationStatus

ANSWER_WITHIN: Final = timedelta(minutes=1)
"""An order is answered when it is brought about, and a look when all accounts of the share were looked at."""


class Publications:
    """Publications by their names. Orders raise `Refusal`, `NoServer`, `NoWorker`."""

    def __init__(
        self,
        client: Client,
        store: Store,
        task_queue: str = contract.TASK_QUEUE,
        answer_within: timedelta = ANSWER_WITHIN,
    ) -> None:
        self.client = client
        self.store = store
        self.task_queue = task_queue
        self.answer_within = answer_within

    async def set_going(self, name: str) -> PublicationProgress:
        """Start handing it over; one that goes already goes on. Raises `Refusal`, `NoServer`."""
        row = await publications.publication_row(self.store, name)
        if row.is_open:
            await self._driver(name, row.title).set_going()
        return await self.progress(name)

    async def hand_over(self, outcome: Outcome, now: datetime) -> list[str]:
        """Set going what was published, or, when nothing was new, whatever was broken off; answers with the names."""
        names = await to_hand_over(self.store, outcome, now)
        for name in names:
            await self.set_going(name)
        return names

    async def order(
        self, name: str, order: str, *, actor: str, reason: str = ""
    ) -> PublicationProgress:
        """`LOOK` or one of `publication_orders.ORDERS`; a workflow that has ended is started again for it."""
        row = await publications.publication_row(self.store, name)
        check_order(row, order)
        driver, message = self._driver(name, row.title), {"actor": actor, "reason": reason}
        answer: Any = await driver.order(order, message, self.answer_within)
        progress: PublicationProgress = from_data(PublicationProgress, answer["progress"])
        return progress

    async def look(self, name: str, *, actor: str) -> PublicationProgress:
        """Look at the accounts of the share now."""
        return await self.order(name, contract.LOOK, actor=actor)

    async def stop(self, name: str, *, actor: str, reason: str = "") -> PublicationProgress:
        """Tell no more accounts; those that were told keep it until it is rolled on or back."""
        return await self.order(name, contract.STOP, actor=actor, reason=reason)

    async def roll_on(self, name: str, *, actor: str, reason: str = "") -> PublicationProgress:
        """The version holds for all, and all are told."""
        return await self.order(name, contract.ROLL_ON, actor=actor, reason=reason)

    async def roll_back(self, name: str, *, actor: str, reason: str = "") -> PublicationProgress:
        """The version before holds again, and what the newer did by itself is undone, account by account."""
        return await self.order(name, contract.ROLL_BACK, actor=actor, reason=reason)

    async def progress(self, name: str) -> PublicationProgress:
        """Where it stands, as it is recorded. Raises `Refusal` `unknown_publication`."""
        row = await publications.publication_row(self.store, name)
        return await progress_of(self.store, row)

    def _driver(self, name: str, title: str) -> Driver:
        return Driver(
            self.client,
            self.task_queue,
            contract.PUBLICATION_WORKFLOW,
            contract.publication_id(name),
            f"Publication: {title}",
            {"publication": name},
            _not_running(name),
        )

    def handle(self, name: str) -> WorkflowHandle[Any, Any]:
        """Its workflow."""
        return self.client.get_workflow_handle(contract.publication_id(name))


async def to_hand_over(store: Store, outcome: Outcome, now: datetime) -> list[str]:
    """The publications to set going: the new one, or those left open. Where there is nobody to tell, it is done."""
    if not outcome.published:
        return [row.name for row in await publications.open_publications(store)]
    if not outcome.publication:
        return []
    if await publications.account_ids(store, limit=1):
        return [outcome.publication]
    row = await publications.publication_row(store, outcome.publication)
    # First: while the publication is open, whoever comes after a kill goes on with it.
    if row.lifecycle:
        await definitions.set_share(store, row.lifecycle, row.version, ALL)
    ended = {"status": PublicationStatus.DONE, "finished_at": now}
    await publications.mark(store, row.name, **ended)
    return []


async def set_all_going(client: Client, store: Store, task_queue: str) -> None:
    """Go on with all that were broken off; for whoever starts a worker."""
    going = Publications(client, store, task_queue)
    for row in await publications.open_publications(store):
        await going.set_going(row.name)


def _not_running(name: str) -> Refusal:
    remedy = f"lifecycle admin definitions publication {name} tells more."
    return Refusal(
        "publication_not_running", f"The publication {name!r} is not running.", remedy, "name"
    )
