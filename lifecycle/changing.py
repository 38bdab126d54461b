"""`ChangeSets`: the way to change-sets: begun, ordered about, and looked at.

What is to be done is kept in the database first and carried out by a workflow, so that whoever began it may go.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from temporalio.client import Client, WorkflowHandle

from . import contract
from .client import ANSWER_WITHIN, Message
from .contract import ChangeProgress
from .core.codec import from_data
from .core.refusal import Refusal
from .driver import Driver
from .store import change_sets
from .store.change_orders import check_by_hand
from .store.change_sets import NewChangeSet, NewItem
from .store.engine import Store


def new_name(kind: str, now: datetime) -> str:
    """`stage-20261122-7f3a9c`: no two are the same."""
    return f"{kind}-{now:%Y%m%d}-{uuid4().hex[:6]}"


class ChangeSets:
    """Change-sets by their names. Orders raise `Refusal`, `NoServer`, `NoWorker`."""

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

    async def begin(
        self, new: NewChangeSet, items: Iterable[NewItem], now: datetime
    ) -> ChangeProgress:
        """Keep it, and start carrying it out; answers as soon as it is kept.

        One of that name that is there already goes on as it was kept. Raises `DataRefused`, `NoServer`.
        """
        drawn = await change_sets.draw_up(self.store, new, items, now)
        await self._driver(new.name, drawn.title).set_going()
        return drawn

    async def order(
        self,
        name: str,
        order: str,
        *,
        actor: str,
        reason: str = "",
        per_minute: int | None = None,
    ) -> ChangeProgress:
        """An order by hand, one of `store.change_orders.ORDERS`. Raises `Refusal` for what a publication decides."""
        row = await change_sets.change_row(self.store, name)
        await check_by_hand(self.store, row, order)
        return await self._order(name, order, actor=actor, reason=reason, per_minute=per_minute)

    async def _order(
        self,
        name: str,
        order: str,
        *,
        actor: str,
        reason: str = "",
        per_minute: int | None = None,
        share: int | None = None,
    ) -> ChangeProgress:
        """A workflow that has ended is started again for it."""
        row = await change_sets.change_row(self.store, name)
        message: Message = {"actor": actor, "reason": reason}
        message |= {"per_minute": per_minute, "share": share}
        driver = self._driver(name, row.title)
        answer: Any = await driver.order(order, message, self.answer_within)
        progress: ChangeProgress = from_data(ChangeProgress, answer["progress"])
        return progress

    async def pause(self, name: str, *, actor: str, reason: str = "") -> ChangeProgress:
        """Give no more commands until it is resumed; those on their way land."""
        return await self._order(name, contract.PAUSE, actor=actor, reason=reason)

    async def resume(self, name: str, *, actor: str, reason: str = "") -> ChangeProgress:
        """Go on."""
        return await self._order(name, contract.RESUME, actor=actor, reason=reason)

    async def stop(self, name: str, *, actor: str, reason: str = "") -> ChangeProgress:
        """Give no more commands, for good. What was done stays."""
        return await self._order(name, contract.STOP, actor=actor, reason=reason)

    async def undo(self, name: str, *, actor: str, reason: str = "") -> ChangeProgress:
        """Take back all that it did, the newest first; what has something newer on it is kept, with the reason."""
        return await self._order(name, contract.UNDO, actor=actor, reason=reason)

    async def retry(self, name: str, *, actor: str, reason: str = "") -> ChangeProgress:
        """Try again where an account did not answer, or could not be taken back."""
        return await self._order(name, contract.RETRY, actor=actor, reason=reason)

    async def set_pace(
        self, name: str, per_minute: int | None, *, actor: str, reason: str = ""
    ) -> ChangeProgress:
        """So many commands a minute from now on; None is as fast as it goes."""
        return await self._order(
            name, contract.SET_PACE, actor=actor, reason=reason, per_minute=per_minute
        )

    async def set_share(
        self, name: str, share: int, *, actor: str, reason: str = ""
    ) -> ChangeProgress:
        """So many percent of the accounts may have it by now."""
        return await self._order(name, contract.SET_SHARE, actor=actor, reason=reason, share=share)

    async def progress(self, name: str) -> ChangeProgress:
        """Where it stands, as it is recorded. Raises `Refusal` `unknown_change`."""
        return await change_sets.progress(self.store, name)

    def _driver(self, name: str, title: str) -> Driver:
        return Driver(
            self.client,
            self.task_queue,
            contract.CHANGE_WORKFLOW,
            contract.change_set_id(name),
            f"Change-set: {title}",
            {"change_set": name},
            _not_running(name),
        )

    def handle(self, name: str) -> WorkflowHandle[Any, Any]:
        """Its workflow."""
        return self.client.get_workflow_handle(contract.change_set_id(name))


def _not_running(name: str) -> Refusal:
    remedy = f"lifecycle admin changes resume {name} starts it again."
    return Refusal("change_not_running", f"The change-set {name!r} is not running.", remedy, "name")
