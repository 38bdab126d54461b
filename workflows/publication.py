"""`Publication`: a version tried with a share of the accounts, watched, and rolled on or back (N7, R24).

    open → carry out what people want → bring it about and look → decide → show → wait

Where it stands is kept in the database, what it hands over goes by a change-set, so that it may be killed and started
again anywhere. It ends when all accounts have what they shall have; an order to one that has ended starts it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.workflow import ContinueAsNewVersioningBehavior

with workflow.unsafe.imports_passed_through():
    from lifecycle import contract
    from lifecycle.core.codec import to_data
    from lifecycle.core.refusal import Refusal
    from workflows import calls, publication_calls, publication_details
    from workflows.alarm import Alarm
    from workflows.carried import Refused
    from workflows.hearing import Hearing, note
    from workflows.payloads import NOTHING, data_or_none, decoded, error_of, readable
    from workflows.publication_start import Start, read_order, read_start

BY = "the publication"
HOUR = timedelta(hours=1)
FIRST_LOOK, LAST_LOOK = timedelta(seconds=1), timedelta(minutes=1)
"""While accounts are being told, looks come at growing distances."""
TRYING, WATCHING, STOPPED = "trying", "watching", "stopped"
TELLING = (TRYING, "rolling on", "rolling back")
ENDED = ("done", "rolled back")


@dataclass(slots=True)
class Order:
    """What is wanted, and what came of it once it is carried out."""

    wanted: contract.PublicationOrder
    is_done: bool = False
    refused: Refusal | None = None


@workflow.defn(name=contract.PUBLICATION_WORKFLOW)
class Publication(Hearing):
    """A version on its way to the accounts. Look at it, stop it, roll it on, roll it back."""

    @workflow.init
    def __init__(self, start: RawValue = NOTHING) -> None:
        """Everything handlers need is here before `run` begins: they may run first."""
        info = workflow.info()
        self.name = info.workflow_id.removeprefix(contract.publication_id(""))
        self.start = read_start(data_or_none(start), bool(info.continued_run_id))
        self.refused, self.looked_at = self.start.refused, self.start.looked_at
        self.recorded: contract.PublicationProgress | None = None
        self.failure: str | None = None
        self.orders: list[Order] = []
        self.pause = FIRST_LOOK
        self.look_at: datetime | None = None
        self.must_look = True
        self.alarm = Alarm()

    @workflow.run
    async def run(self, start: RawValue = NOTHING) -> RawValue:
        """Until everybody has what they shall have; answers with how far it came."""
        await self._open()
        while True:
            await self._work()
            if self._is_through() and await self._nobody_waits():
                return self._progress()
            if not self._should_continue():
                await workflow.wait_condition(self._has_something_to_do)
            elif await self._nobody_waits():
                self._continue()

    # ── beginning and end

    @property
    def now_at(self) -> contract.PublicationProgress:
        """Where it stands, as it was recorded last."""
        assert self.recorded is not None
        return self.recorded

    async def _open(self) -> None:
        try:
            self.recorded = await publication_calls.open_publication(self.name)
        except ActivityError as error:
            self.failure = calls.reason_of(error)
            await workflow.wait_condition(workflow.all_handlers_finished)
            raise ApplicationError(self.failure, type=calls.kind_of(error)) from None

    def _is_through(self) -> bool:
        return self.now_at.status in ENDED and not self.orders

    async def _nobody_waits(self) -> bool:
        """Whether everybody has their answer, and nothing else came in meanwhile."""
        await workflow.wait_condition(lambda: workflow.all_handlers_finished() or bool(self.orders))
        return not self.orders

    # ── the loop

    async def _work(self) -> None:
        waiting, self.orders = self.orders, []
        for order in waiting:
            await self._carry_out(order)
        if self.must_look or self.alarm.has_rung():
            await self._look()
        for order in waiting:
            order.is_done = True
        self._show()

    async def _carry_out(self, order: Order) -> None:
        """Looking is all that is asked for when somebody orders a look."""
        self.must_look = True
        if order.wanted.order == contract.LOOK:
            self.looked_at = None
            return
        try:
            await self._order(order.wanted)
        except ActivityError as error:
            code = calls.kind_of(error) or "not_carried_out"
            order.refused = Refusal(code, calls.reason_of(error))

    async def _order(self, wanted: contract.PublicationOrder) -> None:
        self.recorded = await publication_calls.order(wanted)
        self.pause = FIRST_LOOK

    async def _look(self) -> None:
        """Bring about what it stands for, see how far it is, and go on where that is due."""
        self.must_look = False
        if self.now_at.status in ENDED:
            return
        with_accounts = self._wants_accounts()
        words = "how the accounts live" if with_accounts else "how far it is"
        self.recorded = await publication_calls.look(self.name, with_accounts, words)
        if with_accounts:
            self.looked_at = workflow.now()
        self.look_at = workflow.now() + self._distance()
        if (due := self._due()) is not None:
            await self._go_on(*due)

    def _wants_accounts(self) -> bool:
        """All of them every hour, and when all of the share have been told."""
        one, last = self.now_at, self.looked_at
        if one.status in {WATCHING, STOPPED}:
            over = one.watch_until is not None and one.watch_until <= workflow.now()
            return last is None or last + HOUR <= workflow.now() or over
        return one.status == TRYING and (last is None or last + HOUR <= workflow.now())

    def _distance(self) -> timedelta:
        one = self.now_at
        if one.status not in TELLING:
            ends = (one.watch_until or workflow.now() + HOUR) - workflow.now()
            return min(HOUR, ends) if one.status == WATCHING and ends > timedelta(0) else HOUR
        self.pause, distance = min(2 * self.pause, LAST_LOOK), self.pause
        return distance

    def _due(self) -> tuple[str, str] | None:
        """What follows from what was seen: an order and its reason."""
        one = self.now_at
        if one.status in {TRYING, WATCHING} and one.parted:
            return contract.STOP, one.parted
        if one.status == TRYING and not one.left:
            return contract.WATCH, ""
        if one.status == WATCHING and one.watch_until and one.watch_until <= workflow.now():
            return contract.ROLL_ON, "It was watched to the end, and all went as promised."
        if one.status in TELLING and not one.left:
            return contract.FINISH, ""
        return None

    async def _go_on(self, order: str, reason: str) -> None:
        wanted = contract.PublicationOrder(self.name, order, workflow.now(), BY, reason)
        if order == contract.WATCH:
            self.looked_at = None
        try:
            await self._order(wanted)
        except ActivityError as error:
            workflow.logger.warning("%s: %s: %s", self.name, order, calls.reason_of(error))
        self.must_look = True

    def _has_something_to_do(self) -> bool:
        return (
            bool(self.orders)
            or self.alarm.has_rung()
            or self._should_continue()
            or (self.must_look and self.now_at.status not in ENDED)
        )

    # ── showing

    def _show(self) -> None:
        is_open = self.now_at.status not in ENDED
        self.alarm.set(self.look_at if is_open else None, self._waits())
        self._tell()

    def _waits(self) -> str:
        if self.now_at.status == STOPPED:
            return "It waits for somebody to roll it on or back."
        until = self.now_at.watch_until
        if self.now_at.status == WATCHING and until:
            return f"watched until {until:%Y-%m-%d %H:%M} UTC"
        return "accounts are being told"

    def _tell(self) -> None:
        """The page in the Temporal UI; this costs no history event."""
        is_open = self.now_at.status not in ENDED
        waits = self._waits() if is_open else ""
        workflow.set_current_details(publication_details.details(self.now_at, waits, self.refused))

    def _progress(self) -> RawValue:
        seen = {
            "name": self.name,
            "progress": to_data(self.recorded) if self.recorded else None,
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
        start = Start(self.looked_at, self.refused, self.start.events)
        moved = workflow.info().is_target_worker_deployment_version_changed()
        behaviour = ContinueAsNewVersioningBehavior.AUTO_UPGRADE if moved else None
        workflow.continue_as_new(to_data(start), initial_versioning_behavior=behaviour)

    # ── handlers

    @workflow.update(name=contract.LOOK, description="Look at the accounts of the share now.")
    async def look(self, command: RawValue) -> RawValue:
        """`{"actor"}`."""
        return await self._answer(contract.LOOK, command)

    @workflow.update(name=contract.STOP, description="Tell no more accounts; the share keeps it.")
    async def stop(self, command: RawValue) -> RawValue:
        """`{"actor", "reason"}`."""
        return await self._answer(contract.STOP, command)

    @workflow.update(name=contract.ROLL_ON, description="The version holds for all accounts.")
    async def roll_on(self, command: RawValue) -> RawValue:
        """`{"actor", "reason"}`."""
        return await self._answer(contract.ROLL_ON, command)

    @workflow.update(name=contract.ROLL_BACK, description="Bring the version before back.")
    async def roll_back(self, command: RawValue) -> RawValue:
        """`{"actor", "reason"}`: what the version did by itself is undone with it."""
        return await self._answer(contract.ROLL_BACK, command)

    @look.validator
    def check_look(self, command: RawValue) -> None:
        """Refused before anything enters history, as by all validators."""
        self._check(contract.LOOK, command)

    @stop.validator
    def check_stop(self, command: RawValue) -> None:
        """See `check_look`."""
        self._check(contract.STOP, command)

    @roll_on.validator
    def check_roll_on(self, command: RawValue) -> None:
        """See `check_look`."""
        self._check(contract.ROLL_ON, command)

    @roll_back.validator
    def check_roll_back(self, command: RawValue) -> None:
        """See `check_look`."""
        self._check(contract.ROLL_BACK, command)

    @workflow.query(name=contract.PROGRESS, description="How far it is.")
    def progress(self) -> RawValue:
        """Status, share, accounts by outcome, what was promised and what happened."""
        return self._progress()

    def refuse(self, door: str, reason: str, _: object) -> None:
        """A message nobody understands is shown, and changes nothing."""
        note(self.refused, door, reason)
        if self.recorded is not None:
            self._tell()

    def _read(self, name: str, raw: RawValue) -> contract.PublicationOrder:
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
