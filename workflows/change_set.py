"""`ChangeSet`: commands to many accounts as one, page by page, in a pace, to be paused, stopped and undone as one.

    open → carry out what people want → a page of commands → show → wait

What it did stands in the database and in the accounts' journals, so that it may be killed and started again anywhere:
a command counts once. The run carries no more than its pace. It ends when nothing is left to do; an order to one that
has ended starts it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.workflow import ContinueAsNewVersioningBehavior

with workflow.unsafe.imports_passed_through():
    from lifecycle import contract
    from lifecycle.core.codec import to_data
    from lifecycle.core.refusal import Refusal
    from workflows import calls, change_calls, change_details
    from workflows.alarm import Alarm
    from workflows.carried import Refused
    from workflows.change_start import Start, read_order, read_start
    from workflows.hearing import Hearing, note
    from workflows.payloads import NOTHING, data_or_none, decoded, error_of, readable

A_PAGE = 500
PAGES_A_MINUTE = 12
"""With a pace: pages are as small as that, so that it goes evenly."""
MINUTE = timedelta(minutes=1)
RUNNING = "running"


@dataclass(slots=True)
class Order:
    """What a person wants, and what came of it once it is carried out."""

    wanted: contract.ChangeOrder
    is_done: bool = False
    refused: Refusal | None = None


@workflow.defn(name=contract.CHANGE_WORKFLOW)
class ChangeSet(Hearing):
    """Commands to many accounts. Pause it, resume it, stop it, undo it; ask how far it is."""

    @workflow.init
    def __init__(self, start: RawValue = NOTHING) -> None:
        """Everything handlers need is here before `run` begins: they may run first."""
        info = workflow.info()
        self.name = info.workflow_id.removeprefix(contract.change_set_id(""))
        self.start = read_start(data_or_none(start), bool(info.continued_run_id))
        self.next_at, self.refused = self.start.next_at, self.start.refused
        self.recorded: contract.ChangeProgress | None = None
        self.failure: str | None = None
        self.orders: list[Order] = []
        self.page: workflow.ActivityHandle[Any] | None = None
        self.page_is_old = False
        """An order was carried out while it was under way: what it says of the change-set may be from before."""
        self.must_look = True
        self.alarm = Alarm()

    @workflow.run
    async def run(self, start: RawValue = NOTHING) -> RawValue:
        """Until nothing is left to do; answers with how far it came."""
        await self._open()
        while True:
            await self._work()
            if self._is_through() and await self._nobody_waits():
                return self._progress()
            if self._should_continue() and self.page is None:
                if await self._nobody_waits():
                    self._continue()
            else:
                await workflow.wait_condition(self._has_something_to_do)

    # ── beginning and end

    @property
    def now_at(self) -> contract.ChangeProgress:
        """Where it stands, as it was recorded last."""
        assert self.recorded is not None
        return self.recorded

    async def _open(self) -> None:
        try:
            self.recorded = await change_calls.open_change_set(self.name)
        except ActivityError as error:
            self.failure = calls.reason_of(error)
            await workflow.wait_condition(workflow.all_handlers_finished)
            raise ApplicationError(self.failure, type=calls.kind_of(error)) from None

    def _is_through(self) -> bool:
        """Paused, it stays: who looks at the running workflows sees it."""
        return self.page is None and not self.orders and self.now_at.status in {"done", "stopped"}

    async def _nobody_waits(self) -> bool:
        """Whether everybody has their answer, and nothing else came in meanwhile."""
        await workflow.wait_condition(lambda: workflow.all_handlers_finished() or bool(self.orders))
        return not self.orders

    # ── the loop

    async def _work(self) -> None:
        self._land()
        await self._carry_out()
        if self._may_go():
            self.page_is_old = False
            self.page = change_calls.start_page(self.name, self._limit(), self._words())
        self._show()

    def _land(self) -> None:
        if self.page is None or not self.page.done():
            return
        answer = change_calls.answer_of(self.page)
        self.page, self.must_look = None, self.page_is_old
        if not self.page_is_old:
            self.recorded = answer.progress
        if self.now_at.per_minute and answer.taken:
            since = max(self.next_at or workflow.now(), workflow.now() - MINUTE / PAGES_A_MINUTE)
            self.next_at = since + MINUTE * answer.taken / self.now_at.per_minute

    def _may_go(self) -> bool:
        return self._has_more() and self.page is None and self._pace_allows()

    def _has_more(self) -> bool:
        if self.now_at.status != RUNNING or self._should_continue():
            return False
        return self.must_look or self.now_at.left > 0

    def _pace_allows(self) -> bool:
        paced = self.now_at.per_minute is not None and self.next_at is not None
        return not paced or self.next_at is None or self.next_at <= workflow.now()

    def _limit(self) -> int:
        pace = self.now_at.per_minute
        return min(A_PAGE, max(1, pace // PAGES_A_MINUTE)) if pace else A_PAGE

    def _words(self) -> str:
        return f"{'taking back' if self.now_at.back else 'commands'}: {self.now_at.left:,} left"

    def _has_something_to_do(self) -> bool:
        landed = self.page is not None and self.page.done()
        leaves = self._should_continue() and self.page is None
        return bool(self.orders) or landed or leaves or self.alarm.has_rung() or self._may_go()

    # ── what people want

    async def _carry_out(self) -> None:
        while self.orders:
            order = self.orders.pop(0)
            order.wanted.id = str(workflow.uuid4())
            try:
                self.recorded = await change_calls.order(order.wanted)
                self.must_look = self.page_is_old = True
                if order.wanted.order == contract.SET_PACE:
                    self.next_at = None
            except ActivityError as error:
                code = calls.kind_of(error) or "not_carried_out"
                order.refused = Refusal(code, calls.reason_of(error))
            order.is_done = True

    # ── showing

    def _show(self) -> None:
        waits = self._waits()
        self.alarm.set(self.next_at if self._has_more() and self.page is None else None, waits)
        self._tell(waits)

    def _waits(self) -> str:
        one = self.now_at
        if one.status == RUNNING and not one.left and not self.must_look and not one.back:
            return f"The other accounts wait for a larger share than {one.share} %."
        if self._has_more() and not self._pace_allows() and self.next_at:
            return f"the pace: the next ones go at {self.next_at:%H:%M:%S} UTC"
        return ""

    def _tell(self, waits: str) -> None:
        """The page in the Temporal UI; this costs no history event."""
        shown = change_details.details(self.now_at, waits, self.refused)
        workflow.set_current_details(shown)

    def _progress(self) -> RawValue:
        seen = {
            "name": self.name,
            "progress": to_data(self.recorded) if self.recorded else None,
            "under_way": self.page is not None,
            "refused": to_data(self.refused, list[Refused]),
        }
        return readable(seen)

    # ── continuing as new

    def _should_continue(self) -> bool:
        info = workflow.info()
        return (
            info.is_continue_as_new_suggested()
            or info.is_target_worker_deployment_version_changed()
            or info.get_current_history_length() >= self.start.events
        )

    def _continue(self) -> None:
        start = Start(self.next_at, self.refused, self.start.events)
        moved = workflow.info().is_target_worker_deployment_version_changed()
        behaviour = ContinueAsNewVersioningBehavior.AUTO_UPGRADE if moved else None
        workflow.continue_as_new(to_data(start), initial_versioning_behavior=behaviour)

    # ── handlers

    @workflow.update(name=contract.PAUSE, description="Give no more commands until it is resumed.")
    async def pause(self, command: RawValue) -> RawValue:
        """`{"actor", "reason"}`."""
        return await self._answer(contract.PAUSE, command)

    @workflow.update(name=contract.RESUME, description="Go on with a paused change-set.")
    async def resume(self, command: RawValue) -> RawValue:
        """`{"actor", "reason"}`."""
        return await self._answer(contract.RESUME, command)

    @workflow.update(name=contract.STOP, description="Give no more commands, for good.")
    async def stop(self, command: RawValue) -> RawValue:
        """`{"actor", "reason"}`."""
        return await self._answer(contract.STOP, command)

    @workflow.update(name=contract.UNDO, description="Take back all that it did, newest first.")
    async def undo(self, command: RawValue) -> RawValue:
        """`{"actor", "reason"}`."""
        return await self._answer(contract.UNDO, command)

    @workflow.update(name=contract.RETRY, description="Try again where an account failed.")
    async def retry(self, command: RawValue) -> RawValue:
        """`{"actor", "reason"}`."""
        return await self._answer(contract.RETRY, command)

    @workflow.update(name=contract.SET_PACE, description="So many a minute; null: no limit.")
    async def set_pace(self, command: RawValue) -> RawValue:
        """`{"actor", "reason", "per_minute": 60}`."""
        return await self._answer(contract.SET_PACE, command)

    @workflow.update(name=contract.SET_SHARE, description="So many percent of the accounts.")
    async def set_share(self, command: RawValue) -> RawValue:
        """`{"actor", "reason", "share": 25}`."""
        return await self._answer(contract.SET_SHARE, command)

    @pause.validator
    def check_pause(self, command: RawValue) -> None:
        """Refused before anything enters history, as by all validators."""
        self._check(contract.PAUSE, command)

    @resume.validator
    def check_resume(self, command: RawValue) -> None:
        """See `check_pause`."""
        self._check(contract.RESUME, command)

    @stop.validator
    def check_stop(self, command: RawValue) -> None:
        """See `check_pause`."""
        self._check(contract.STOP, command)

    @undo.validator
    def check_undo(self, command: RawValue) -> None:
        """See `check_pause`."""
        self._check(contract.UNDO, command)

    @retry.validator
    def check_retry(self, command: RawValue) -> None:
        """See `check_pause`."""
        self._check(contract.RETRY, command)

    @set_pace.validator
    def check_set_pace(self, command: RawValue) -> None:
        """See `check_pause`."""
        self._check(contract.SET_PACE, command)

    @set_share.validator
    def check_set_share(self, command: RawValue) -> None:
        """See `check_pause`."""
        self._check(contract.SET_SHARE, command)

    @workflow.query(name=contract.PROGRESS, description="How far it is.")
    def progress(self) -> RawValue:
        """Status, pace, share, counts by status as of the last page, and what was refused."""
        return self._progress()

    def refuse(self, door: str, reason: str, _: object) -> None:
        """A message nobody understands is shown, and changes nothing."""
        note(self.refused, door, reason)
        if self.recorded is not None:
            self._tell(self._waits())

    def _read(self, name: str, raw: RawValue) -> contract.ChangeOrder:
        return read_order(self.name, name, decoded(raw), workflow.now())

    def _check(self, name: str, raw: RawValue) -> None:
        try:
            self._read(name, raw)
        except Refusal as refusal:
            raise error_of(refusal) from None

    async def _answer(self, name: str, raw: RawValue) -> RawValue:
        order = Order(self._read(name, raw))
        self.orders.append(order)
        await workflow.wait_condition(lambda: order.is_done or self.failure is not None)
        if self.failure is not None:
            raise ApplicationError(self.failure, type="not_begun", non_retryable=True)
        if order.refused is not None:
            raise error_of(order.refused)
        return self._progress()
