"""Change-sets: their rows, and the next page of their commands, given to the accounts.

A page may be carried out again at any point: what stands in an account's journal is not done twice, and is told as it
was the first time.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy.exc import DBAPIError
from temporalio import activity

from lifecycle import contract
from lifecycle.client import Lifecycles, NoWorker, UnknownAccount
from lifecycle.contract import Answer, ChangeOrder, ChangePageAnswer, ChangePageRequest
from lifecycle.core.codec import Data, from_data, to_data
from lifecycle.core.deciding.going_back import KEPT
from lifecycle.core.keys import command_key
from lifecycle.core.refusal import Refusal
from lifecycle.failure import NoServer
from lifecycle.opposites import is_unchanged, opposite
from lifecycle.settings import Settings
from lifecycle.store import change_sets
from lifecycle.store.accounts import carried_out
from lifecycle.store.change_sets import Outcome
from lifecycle.store.change_tables import ChangeItemRow, ChangeRow, ChangeStatus, ItemStatus
from lifecycle.store.engine import Store

from .failing import refused

AT_ONCE: Final = 16
BEAT: Final = 1.0
"""Seconds after which what has landed is written down, and the server told that we live."""
NO_ANSWER: Final = (
    "It did not answer in time. It may still be carried out: try again, it counts once."
)


class Changing:
    """What the workflow of a change-set asks for."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.settings = settings

    @activity.defn(name=contract.OPEN_CHANGE_SET)
    async def open(self, name: str) -> Data:
        """Where it stands (`contract.ChangeProgress` as data); one with nothing to do is done."""
        try:
            await change_sets.change_row(self.store, name)
        except Refusal as refusal:
            raise refused(refusal) from None
        return to_data(await change_sets.progress(self.store, name))

    @activity.defn(name=contract.ORDER_CHANGE_SET)
    async def order(self, data: Data) -> Data:
        """Carry an order out (`contract.ChangeOrder` as data → `contract.ChangeProgress`)."""
        wanted: ChangeOrder = from_data(ChangeOrder, data)
        try:
            return to_data(await change_sets.order(self.store, wanted))
        except Refusal as refusal:
            raise refused(refusal) from None

    @activity.defn(name=contract.CHANGE_PAGE)
    async def page(self, data: Data) -> Data:
        """Carry the next commands out (`contract.ChangePageRequest` as data → `contract.ChangePageAnswer`)."""
        request: ChangePageRequest = from_data(ChangePageRequest, data)
        row = await change_sets.change_row(self.store, request.name)
        taken = 0
        if row.status is ChangeStatus.RUNNING:
            items = await change_sets.next_items(self.store, row, request.limit)
            page = Page(self.store, self._lifecycles(), row, request.now)
            async for outcomes in page.carry_out(items):
                await change_sets.write_outcomes(self.store, row, outcomes)
                taken += len(outcomes)
                page.is_wanted = page.is_wanted and await self._goes_on(row)
                activity.heartbeat()
        progress = await change_sets.settle(self.store, request.name, request.now)
        return to_data(ChangePageAnswer(taken, progress))

    async def _goes_on(self, row: ChangeRow) -> bool:
        """Whether nobody has held it up, or turned it round, since."""
        now = await change_sets.change_row(self.store, row.name)
        return now.status is ChangeStatus.RUNNING and now.back == row.back

    def _lifecycles(self) -> Lifecycles:
        return Lifecycles(activity.client(), self.settings.task_queue)


class Page:
    """Some commands of one change-set, on their way to the accounts. `now` is the workflow's.

    No others go once it is not `is_wanted` any more; those under way land.
    """

    def __init__(self, store: Store, lifecycles: Lifecycles, row: ChangeRow, now: datetime) -> None:
        self.store, self.lifecycles, self.row, self.now = store, lifecycles, row, now
        self.is_wanted = True
        self._room = asyncio.Semaphore(AT_ONCE)
        self._landed: list[Outcome] = []

    async def carry_out(self, items: Sequence[ChangeItemRow]) -> AsyncIterator[list[Outcome]]:
        """What came of them, as it lands. Those to one account go one after the other, others side by side.

        Raises what is an outage: the page is then tried again.
        """
        by_account: dict[str, list[ChangeItemRow]] = defaultdict(list)
        for item in items:
            by_account[item.account].append(item)
        waiting = {asyncio.create_task(self._account(each)) for each in by_account.values()}
        try:
            while waiting:
                done, waiting = await asyncio.wait(
                    waiting, timeout=BEAT, return_when=asyncio.FIRST_EXCEPTION
                )
                landed, self._landed = self._landed, []
                yield landed
                for task in done:
                    task.result()
        finally:
            for task in waiting:
                task.cancel()

    async def _account(self, items: Sequence[ChangeItemRow]) -> None:
        async with self._room:
            for item in items:
                if not self.is_wanted:
                    return
                # First awaited: what has landed before is taken away meanwhile, list and all.
                outcome = await self._item(item)
                self._landed.append(outcome)

    async def _item(self, item: ChangeItemRow) -> Outcome:
        send = self._take_back if self.row.back else self._give
        try:
            return await send(item)
        except UnknownAccount:
            return self._failed(item, "not_running", _not_running(item.account))
        except NoWorker:
            return self._failed(item, "no_answer", NO_ANSWER)
        except Refusal as refusal:
            status = ItemStatus.KEPT if self.row.back else ItemStatus.REFUSED
            return self._outcome(item, status, code=refusal.code, reason=str(refusal))
        except (NoServer, DBAPIError, OSError):
            raise
        except Exception as error:
            activity.logger.exception("%s: an error of ours in %s", item.account, item.change_set)
            said = f"The engine failed on it, which is an error of ours: {error!r}"
            return self._failed(item, "error_of_ours", said)

    def _failed(self, item: ChangeItemRow, code: str, reason: str) -> Outcome:
        status = ItemStatus.KEPT if self.row.back else ItemStatus.FAILED
        return self._outcome(item, status, code=code, reason=reason)

    def _outcome(
        self,
        item: ChangeItemRow,
        status: ItemStatus,
        revision: int | None = None,
        code: str = "",
        reason: str = "",
    ) -> Outcome:
        return Outcome(item.number, status, self.now, revision, code, reason)

    # ── forth

    async def _give(self, item: ChangeItemRow) -> Outcome:
        answer = await self._answered(item, command_id(item), dict(item.message))
        unchanged = is_unchanged(answer.entries[0])
        status = ItemStatus.UNCHANGED if unchanged else ItemStatus.DONE
        return self._outcome(item, status, answer.revision)

    # ── back

    async def _take_back(self, item: ChangeItemRow) -> Outcome:
        if item.revision is None:
            found = await self._recorded(item.account, command_id(item))
            if found is None:
                return self._outcome(item, ItemStatus.WAITING, reason=item.reason)
            item.revision = found.revision
        id_ = f"{command_id(item)}/undo"
        answer = await self._recorded(item.account, id_)
        if answer is None:
            message = await opposite(self.store, item, self.now)
            answer = await self._answered(item, id_, message)
        notes = (note for entry in answer.entries for note in entry.notes)
        if kept := next((note for note in notes if note.code == KEPT), None):
            return self._outcome(item, ItemStatus.KEPT, code=KEPT, reason=kept.text)
        return self._outcome(item, ItemStatus.UNDONE)

    # ── the way

    async def _answered(self, item: ChangeItemRow, id_: str, message: dict[str, Any]) -> Answer:
        """What the command did: now, or when it came for the first time."""
        if (found := await self._recorded(item.account, id_)) is not None:
            return found
        row = self.row
        actor, reason = (row.back_by, row.back_reason) if row.back else (row.actor, row.reason)
        said = {"actor": actor, "reason": reason or row.title, "id": id_}
        # Another try of this page waits for the answer to the first; a later page asks anew.
        attempt = f"{id_}@{self.now:%Y%m%d%H%M%S%f}"
        try:
            answer = await self.lifecycles.command(item.account, {**said, **message}, attempt)
        except NoWorker:
            if (late := await self._recorded(item.account, id_)) is None:
                raise
            return late
        if any(note.code == "duplicate" for note in answer.entries[0].notes):
            return await self._recorded(item.account, id_) or answer
        return answer

    async def _recorded(self, account: str, id_: str) -> Answer | None:
        entries = await carried_out(self.store, account, command_key(id_))
        return Answer(account, entries[0].revision, entries) if entries else None


def command_id(item: ChangeItemRow) -> str:
    """What an item's command is known by, so that it counts once."""
    return f"{contract.change_set_id(item.change_set)}/{item.number}"


def _not_running(account: str) -> str:
    return (
        f"{account} does not run on this Temporal server. If this is the right one,"
        f" `lifecycle admin nudge {account}` starts it again; then try again."
    )
