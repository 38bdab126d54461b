"""`Verification`: all accounts counted again from their journals, page by page and paced, as one workflow (N9).

What it found stands in the database, so that it may be killed and started again anywhere: a page that was counted is
not counted twice. The run carries no more than how far it came.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue

with workflow.unsafe.imports_passed_through():
    from lifecycle import contract, messages
    from lifecycle import contract_verification as names
    from lifecycle.core.codec import Data, from_data, to_data
    from workflows.calls import FOR_EVER
    from workflows.hearing import SHOWN_REFUSALS, Hearing
    from workflows.payloads import NOTHING, data_or_none, readable

PAGE = 25
"""Accounts a page, or fewer where the pace is slower than that a minute."""
PATIENCE = timedelta(minutes=15)
RUN_EVENTS = 2_000
MOST_A_MINUTE = 1_000_000


@dataclass(slots=True)
class Start:
    """The input of a run. `id` names the verification since its first run, `wakes_at` when the pace lets it go on."""

    plan: names.VerificationPlan = field(default_factory=names.VerificationPlan)
    id: str = ""
    wakes_at: datetime | None = None
    events: int = RUN_EVENTS


@workflow.defn(name=names.VERIFICATION_WORKFLOW)
class Verification(Hearing):
    """Counts every account again. Stop it; ask how far it is."""

    @workflow.init
    def __init__(self, start: RawValue = NOTHING) -> None:
        """Everything handlers need is here before `run` begins: they may run first."""
        info = workflow.info()
        self.start = read_start(data_or_none(start), bool(info.continued_run_id))
        self.id = self.start.id or f"{info.workflow_id}/{info.run_id}"
        self.opened: names.OpenedVerification | None = None
        self.count = 0
        self.is_stopped = False
        self.refused: list[str] = []

    @workflow.run
    async def run(self, start: RawValue = NOTHING) -> RawValue:
        """Until every account was looked at; answers with the numbers."""
        opened = await self._open()
        is_over = opened.is_over
        while not is_over:
            await self._wait_for_turn()
            is_over = self.is_stopped or await self._page(opened)
            # Stopped while the page was counted: the next run would know nothing of it.
            if not is_over and not self.is_stopped and self._should_continue():
                self._continue()
        await self._close()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._progress()

    # ── the steps

    async def _open(self) -> names.OpenedVerification:
        request = names.OpenVerification(self.id, workflow.now(), self.start.plan)
        answer = await _ask(names.OPEN_VERIFICATION, request, "how far it came")
        opened: names.OpenedVerification = from_data(names.OpenedVerification, answer)
        self.opened = opened
        self._show()
        return opened

    async def _page(self, opened: names.OpenedVerification) -> bool:
        """Whether it was the last."""
        began, plan = workflow.now(), self.start.plan
        size = min(PAGE, plan.per_minute or PAGE)
        request = names.VerificationPageRequest(self.id, opened.cursor, size, plan.workflows)
        words = f"accounts after {opened.cursor}" if opened.cursor else "the first accounts"
        answer = await _ask(names.VERIFICATION_PAGE, request, words[:120])
        page: names.VerifiedPage = from_data(names.VerifiedPage, answer)
        opened.accounts += page.accounts
        opened.cursor, opened.is_over = page.cursor, page.is_last
        self.count += page.count
        if plan.per_minute:
            self.start.wakes_at = began + timedelta(minutes=1) * page.accounts / plan.per_minute
        self._show()
        return page.is_last

    async def _wait_for_turn(self) -> None:
        left = (self.start.wakes_at or workflow.now()) - workflow.now()
        if left > timedelta(0):
            with suppress(TimeoutError):
                await workflow.wait_condition(
                    lambda: self.is_stopped, timeout=left, timeout_summary="the pace"
                )

    async def _close(self) -> None:
        request = names.CloseVerification(self.id, workflow.now(), self.is_stopped)
        await _ask(names.CLOSE_VERIFICATION, request, "stopped" if self.is_stopped else "done")
        self._show()

    def _should_continue(self) -> bool:
        info = workflow.info()
        is_long = info.get_current_history_length() >= self.start.events
        return is_long or info.is_continue_as_new_suggested()

    def _continue(self) -> None:
        start = Start(self.start.plan, self.id, self.start.wakes_at, self.start.events)
        workflow.continue_as_new(to_data(start))

    # ── showing

    def _progress(self) -> RawValue:
        opened = self.opened
        seen = {"id": self.id, "is_stopped": self.is_stopped, "refused": self.refused}
        return readable({**seen, **(to_data(opened) if opened else {})})

    def _show(self) -> None:
        if self.opened is not None:
            done = f"**{self.opened.accounts:,} of {self.opened.total:,} accounts**"
            workflow.set_current_details(f"{done} · {self.count:,} differences in this run")

    @workflow.query(name=contract.PROGRESS, description="How far it is.")
    def progress(self) -> RawValue:
        """Its id, and how many accounts were looked at."""
        return self._progress()

    @workflow.signal(name=names.STOP, description="End it after the page at hand.")
    def stop(self, _: RawValue = NOTHING) -> None:
        """What was looked at until then counts."""
        self.is_stopped = True

    def refuse(self, door: str, _: str, __: object) -> None:
        """A message nobody understands is kept by its door, and changes nothing."""
        self.refused.append(messages.plain(door, 80))
        del self.refused[:-SHOWN_REFUSALS]


async def _ask(name: str, request: Any, words: str) -> Data:
    return await workflow.execute_activity(
        name,
        to_data(request),
        start_to_close_timeout=PATIENCE,
        retry_policy=FOR_EVER,
        summary=words,
    )


def read_start(data: Data, is_continued: bool) -> Start:
    """A run's input, read leniently: anybody may start a workflow with any input."""
    try:
        start: Start = from_data(Start, data) if isinstance(data, dict) else Start()
    except (KeyError, TypeError, ValueError, AttributeError):
        start = Start()
    if not is_continued:
        start = Start(start.plan, events=start.events)
    pace: object = start.plan.per_minute
    if not (type(pace) is int and 1 <= pace <= MOST_A_MINUTE):
        start.plan.per_minute = None
    actor: object = start.plan.actor
    start.plan.actor = actor if isinstance(actor, str) else ""
    start.plan.workflows = start.plan.workflows is True
    start.events = start.events if type(start.events) is int and start.events > 0 else RUN_EVENTS
    return start
