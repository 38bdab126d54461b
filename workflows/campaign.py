"""`Campaign`: one e-mail to the accounts of a segment, page by page, as one workflow (V2, G14).

    open → carry out what people want → take a page → send in the pace asked → show → wait

What it did stands in the database, so that it may be killed and started again anywhere: a mail's row is made once
and sent once. The run carries no more than how far the pages came.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.workflow import ContinueAsNewVersioningBehavior

with workflow.unsafe.imports_passed_through():
    from lifecycle import contract, messages
    from lifecycle.core.codec import to_data
    from lifecycle.core.refusal import Refusal
    from workflows import calls, campaign_details
    from workflows.alarm import Alarm
    from workflows.campaign_start import Start, read_pace, read_start
    from workflows.carried import Refused
    from workflows.hearing import Hearing, note
    from workflows.mails import Mails
    from workflows.pace import Pace
    from workflows.payloads import NOTHING, data_or_none, decoded, error_of, readable

LANDING = timedelta(seconds=30)
RUNNING, PAUSED, CANCELLED, DONE = "running", "paused", "cancelled", "done"
MAY = {
    contract.PAUSE: (RUNNING,),
    contract.RESUME: (PAUSED,),
    contract.CANCEL: (RUNNING, PAUSED),
    contract.SET_PACE: (RUNNING, PAUSED),
}
SAID = {
    contract.PAUSE: "paused",
    contract.RESUME: "resumed",
    contract.CANCEL: "cancelled",
    contract.SET_PACE: "given another pace",
}
BECOMES = {contract.PAUSE: PAUSED, contract.RESUME: RUNNING, contract.CANCEL: CANCELLED}


@dataclass(slots=True)
class Order:
    """What a person wants, and what came of it once it is carried out."""

    name: str
    command: messages.CampaignCommand
    is_done: bool = False
    refused: Refusal | None = None


@workflow.defn(name=contract.CAMPAIGN_WORKFLOW)
class Campaign(Hearing):
    """One e-mail to a segment. Pause it, resume it, cancel it; ask how far it is."""

    @workflow.init
    def __init__(self, start: RawValue = NOTHING) -> None:
        """Everything handlers need is here before `run` begins: they may run first."""
        info = workflow.info()
        self.name = info.workflow_id.removeprefix(contract.campaign_id(""))
        self.start = read_start(data_or_none(start), self.name, bool(info.continued_run_id))
        self.refused = self.start.refused
        self.cursor, self.has_more = self.start.cursor, self.start.has_more
        self.opened: contract.Opened | None = None
        self.failure: str | None = None
        self.orders: list[Order] = []
        self.mails = Mails(self.name, Pace(None, None))
        self.counts: dict[str, int] = {}
        self.next_at: datetime | None = None
        self.must_look = True
        self.alarm = Alarm()
        self.leaving_since: datetime | None = None

    @workflow.run
    async def run(self, start: RawValue = NOTHING) -> RawValue:
        """Until every mail has an outcome, or the campaign is cancelled; answers with its progress."""
        await self._open()
        while not self._has_ended():
            await self._work()
            if self._is_through():
                await self._mark(DONE)
            elif not self._should_continue():
                await workflow.wait_condition(self._has_something_to_do)
            elif await self._may_continue():
                self._continue()
        await self._close()
        return self._progress()

    # ── beginning and end

    @property
    def campaign(self) -> contract.Opened:
        """The campaign as it is recorded."""
        assert self.opened is not None
        return self.opened

    async def _open(self) -> None:
        request = contract.OpenRequest(self.name, workflow.now(), self.start.plan)
        try:
            self.opened = await calls.open_campaign(request)
        except ActivityError as error:
            self.failure = calls.reason_of(error)
            await workflow.wait_condition(workflow.all_handlers_finished)
            raise ApplicationError(self.failure, type=calls.kind_of(error)) from None
        self.cursor = self.cursor or self.opened.cursor
        self.mails.pace = Pace(self.opened.per_hour, self.start.next_at)

    def _has_ended(self) -> bool:
        return self.campaign.status in {CANCELLED, DONE}

    def _is_through(self) -> bool:
        """Whether every account of the audience has its mail, and every mail its outcome."""
        left = self.mails.at_hand or self.mails.under_way or self.next_at
        return not (left or self.has_more or self.must_look or self._has_ended())

    async def _close(self) -> None:
        """What is on its way may land; what waited is taken back once more; nobody is left without an answer."""
        self.mails.take_back()
        while self.mails.under_way:
            await workflow.wait_condition(self.mails.have_news)
            self.mails.land()
        if self.campaign.status == CANCELLED:
            await self._mark(CANCELLED)
        await self._carry_out()
        await self._look()
        self._show()
        await workflow.wait_condition(workflow.all_handlers_finished)

    # ── the loop

    async def _work(self) -> None:
        await self._carry_out()
        self.must_look |= self.mails.land()
        if self._wants_page():
            await self._look()
        if self.campaign.status == RUNNING and not self._should_continue():
            self.mails.send(workflow.now())
        self._show()

    def _wants_page(self) -> bool:
        """As late as can be: accounts are asked when the mail to them may go."""
        if self.campaign.status != RUNNING or self.mails.at_hand or self._should_continue():
            return False
        now, mails = workflow.now(), self.mails
        is_due = self.next_at is not None and self.next_at <= now
        looks = self.has_more or self.must_look or is_due
        return looks and mails.has_room() and mails.pace.allows(now)

    async def _look(self) -> None:
        under_way = list(self.mails.under_way)
        more = self.has_more and not self._has_ended()
        request = contract.PageRequest(self.name, workflow.now(), self.cursor, more, under_way)
        page = await calls.campaign_page(request)
        self.cursor, self.has_more, self.next_at = page.cursor, page.has_more, page.next_at
        self.counts, self.must_look = page.counts, False
        if not self._has_ended():
            self.mails.put(page.ready)

    def _has_something_to_do(self) -> bool:
        return (
            self._has_ended()
            or bool(self.orders)
            or self.mails.have_news()
            or self.alarm.has_rung()
            or (self.campaign.status == RUNNING and self.mails.may_send(workflow.now()))
            or self._wants_page()
            or self._should_continue()
        )

    # ── what people want

    async def _carry_out(self) -> None:
        while self.orders:
            order = self.orders.pop(0)
            order.refused = self._why_not(order.name)
            if order.refused is None:
                await self._obey(order)
            order.is_done = True

    def _why_not(self, name: str) -> Refusal | None:
        status = self.campaign.status
        if status in MAY[name]:
            return None
        said = f"The campaign {self.name} is {status} already."
        return Refusal(f"campaign_{status}", said, "lifecycle admin campaign show tells more.")

    async def _obey(self, order: Order) -> None:
        command, now = order.command, workflow.now()
        status = BECOMES.get(order.name, self.campaign.status)
        if order.name == contract.SET_PACE:
            self.campaign.per_hour = read_pace(command.per_hour)
            self.mails.pace.set(self.campaign.per_hour, now)
        self.campaign.reason = f"{SAID[order.name]} by {command.actor}"
        self.campaign.reason += f": {command.reason}" if command.reason else ""
        if status != RUNNING:
            self.mails.take_back()
            self.must_look = True
        await self._mark(status)

    async def _mark(self, status: str) -> None:
        campaign, now = self.campaign, workflow.now()
        request = contract.MarkRequest(self.name, now, status, campaign.per_hour, campaign.reason)
        campaign.status = await calls.mark_campaign(request)

    # ── showing

    def _show(self) -> None:
        at, why = self._wakes_at()
        self.alarm.set(at, why)
        self._tell()

    def _tell(self) -> None:
        """The page in the Temporal UI; this costs no history event."""
        _, why = self._wakes_at()
        landed = self.mails.landed
        now = Counter(self.counts) + landed
        counts = {**now, "due": max(now["due"] - sum(landed.values()), 0)}
        workflow.set_current_details(
            campaign_details.details(self.campaign, counts, why, self.refused, self.has_more)
        )

    def _wakes_at(self) -> tuple[datetime | None, str]:
        """When the pace lets the next mail go, or the first of those that wait may; with the reason."""
        pace = self.mails.pace.next_at
        if self.campaign.status != RUNNING or not self.mails.has_room():
            return None, ""
        if self.mails.at_hand or self.has_more or self.must_look:
            return pace, f"the pace: the next mail goes at {pace:%H:%M:%S} UTC" if pace else ""
        if self.next_at is None:
            return None, ""
        at = max(self.next_at, pace or self.next_at)
        return at, f"mails that had to wait are tried from {campaign_details.minute(at)}"

    def _progress(self) -> RawValue:
        campaign = self.opened or contract.Opened("", "", "")
        seen = {
            "name": self.name,
            "status": campaign.status,
            "per_hour": campaign.per_hour,
            "reason": campaign.reason,
            "counts": dict(Counter(self.counts)),
            "under_way": len(self.mails.under_way),
            "cursor": self.cursor,
            "has_more": self.has_more,
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

    async def _may_continue(self) -> bool:
        """Mails under way get a moment to land; what does not, the next run finds in the database."""
        now = workflow.now()
        self.leaving_since = self.leaving_since or now
        left = self.leaving_since + LANDING - now
        if self.mails.under_way and left > timedelta(0):
            with suppress(TimeoutError):
                await workflow.wait_condition(
                    lambda: bool(self.orders) or self.mails.have_news(),
                    timeout=left,
                    timeout_summary="mails under way may land",
                )
            return False
        await workflow.wait_condition(lambda: workflow.all_handlers_finished() or bool(self.orders))
        return workflow.all_handlers_finished() and not self.orders

    def _continue(self) -> None:
        start = Start(
            None, self.cursor, self.has_more, self.mails.pace.next_at, self.refused, self.start.events
        )  # fmt: skip
        moved = workflow.info().is_target_worker_deployment_version_changed()
        behaviour = ContinueAsNewVersioningBehavior.AUTO_UPGRADE if moved else None
        workflow.continue_as_new(to_data(start), initial_versioning_behavior=behaviour)

    # ── handlers

    @workflow.update(name=contract.BEGIN, description="Answered once the campaign is recorded.")
    async def begin(self, _: RawValue = NOTHING) -> RawValue:
        """`{}`; answers with the progress."""
        await workflow.wait_condition(lambda: self.opened is not None or self.failure is not None)
        if self.failure is not None:
            raise ApplicationError(self.failure, type="not_begun", non_retryable=True)
        return self._progress()

    @workflow.update(name=contract.PAUSE, description="Send no more until it is resumed.")
    async def pause(self, command: RawValue) -> RawValue:
        """`{"actor", "reason"}`."""
        return await self._answer(contract.PAUSE, command)

    @workflow.update(name=contract.RESUME, description="Go on with a paused campaign.")
    async def resume(self, command: RawValue) -> RawValue:
        """`{"actor", "reason"}`."""
        return await self._answer(contract.RESUME, command)

    @workflow.update(name=contract.CANCEL, description="Send no more, for good.")
    async def cancel(self, command: RawValue) -> RawValue:
        """`{"actor", "reason"}`."""
        return await self._answer(contract.CANCEL, command)

    @workflow.update(name=contract.SET_PACE, description="So many mails an hour; null: no limit.")
    async def set_pace(self, command: RawValue) -> RawValue:
        """`{"actor", "reason", "per_hour": 200}`."""
        return await self._answer(contract.SET_PACE, command)

    @pause.validator
    def check_pause(self, command: RawValue) -> None:
        """Refused before anything enters history, as by all validators."""
        self._check(contract.PAUSE, command)

    @resume.validator
    def check_resume(self, command: RawValue) -> None:
        """See `check_pause`."""
        self._check(contract.RESUME, command)

    @cancel.validator
    def check_cancel(self, command: RawValue) -> None:
        """See `check_pause`."""
        self._check(contract.CANCEL, command)

    @set_pace.validator
    def check_set_pace(self, command: RawValue) -> None:
        """See `check_pause`."""
        self._check(contract.SET_PACE, command)

    @workflow.query(name=contract.PROGRESS, description="How far it is.")
    def progress(self) -> RawValue:
        """Status, pace, counts by status as of the last page, and what was refused."""
        return self._progress()

    def refuse(self, door: str, reason: str, _: object) -> None:
        """A message nobody understands is shown, and changes nothing."""
        note(self.refused, door, reason)
        if self.opened is not None:
            self._tell()

    def _read(self, name: str, raw: RawValue) -> messages.CampaignCommand:
        command = messages.read_campaign_command(decoded(raw))
        if name == contract.SET_PACE:
            read_pace(command.per_hour)
        return command

    def _check(self, name: str, raw: RawValue) -> None:
        try:
            self._read(name, raw)
            if self.opened is not None and not self.orders and (why := self._why_not(name)):
                raise why
        except Refusal as refusal:
            raise error_of(refusal) from None

    async def _answer(self, name: str, raw: RawValue) -> RawValue:
        order = Order(name, self._read(name, raw))
        self.orders.append(order)
        await workflow.wait_condition(lambda: order.is_done or self.failure is not None)
        if order.refused is not None:
            raise error_of(order.refused)
        return self._progress()
