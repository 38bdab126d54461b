"""`Erasure`: a person goes from the accounts that know them, step by step, as one workflow (N12).

    for each account: fields → rows → the run takes up what is left → rows once more → older runs
    then: what belongs to no account → other workflows' histories → the end

Every step may be done again at any point and then finds nothing left to do. What is looked for stands in the database
until the end; this history holds ids and numbers only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.workflow import ContinueAsNewVersioningBehavior

with workflow.unsafe.imports_passed_through():
    from lifecycle import contract, messages
    from lifecycle.core.codec import Data, from_data, to_data
    from workflows.calls import FOR_EVER
    from workflows.hearing import SHOWN_REFUSALS, Hearing
    from workflows.payloads import NOTHING, data_or_none, readable

PATIENCE = timedelta(minutes=10)
ROUNDS = 10
"""A source that goes on telling of the person is not waited for: what it tells after that is its own affair."""
RUN_EVENTS = 2_000


@dataclass(slots=True)
class Start:
    """The input of a run: how many accounts are through, and what the run before refused."""

    done: int = 0
    refused: list[str] = field(default_factory=list)
    events: int = RUN_EVENTS


@dataclass(slots=True)
class Shown:
    """What operators see of it."""

    step: str = "begins"
    accounts: list[str] = field(default_factory=list)
    done: int = 0
    refused: list[str] = field(default_factory=list)


@workflow.defn(name=contract.ERASURE_WORKFLOW)
class Erasure(Hearing):
    """The erasure of a person. Ask how far it is; it needs nothing else."""

    @workflow.init
    def __init__(self, start: RawValue = NOTHING) -> None:
        """Everything handlers need is here before `run` begins: they may run first."""
        info = workflow.info()
        self.erasure = info.workflow_id.removeprefix(contract.erasure_id(""))
        self.start = read_start(data_or_none(start), bool(info.continued_run_id))
        self.shown = Shown(done=self.start.done, refused=self.start.refused)

    @workflow.run
    async def run(self, start: RawValue = NOTHING) -> RawValue:
        """Until nothing of them is left; answers with what could not be removed."""
        self.shown.accounts = await self._ask(contract.ERASE_OPEN, self.erasure, "whom it concerns")
        for account in self.shown.accounts[self.shown.done :]:
            await self._account(account)
            self.shown.done += 1
            if self._should_continue():
                self._continue()
        await self._ask(contract.ERASE_BESIDE, self.erasure, "what belongs to no account")
        left = await self._ask(contract.ERASE_OTHERS, self.erasure, "other workflows' histories")
        await self._ask(contract.ERASE_GONE, self.erasure, "closed runs are gone")
        await self._ask(contract.ERASE_END, self.erasure, "the end")
        await workflow.wait_condition(workflow.all_handlers_finished)
        return readable({"accounts": self.shown.accounts, "left": left})

    async def _account(self, account: str) -> None:
        """Its run remembers what it folded: it begins anew from what is left, until nothing turns up any more."""
        await self._step(contract.ERASE_FIELDS, account, "the fields")
        found = await self._step(contract.ERASE_SWEEP, account, "the rows")
        for _ in range(ROUNDS):
            await self._step(contract.ERASE_TAKE_UP, account, "the run begins anew")
            found = await self._step(contract.ERASE_SWEEP, account, "the rows once more")
            speaks = await self._step(contract.ERASE_RUNS, account, "older runs")
            if not (found or speaks):
                return

    async def _step(self, name: str, account: str, words: str) -> Any:
        step = contract.ErasureStep(self.erasure, account)
        return await self._ask(name, to_data(step), f"{account}: {words}"[:120])

    async def _ask(self, name: str, argument: Any, words: str) -> Any:
        self.shown.step = words
        workflow.set_current_details(self._details())
        return await workflow.execute_activity(
            name, argument, start_to_close_timeout=PATIENCE, retry_policy=FOR_EVER, summary=words
        )

    # ── continuing as new: somebody whom thousands of accounts know makes a long history

    def _should_continue(self) -> bool:
        info = workflow.info()
        return (
            info.is_continue_as_new_suggested()
            or info.is_target_worker_deployment_version_changed()
            or info.get_current_history_length() >= self.start.events
        )

    def _continue(self) -> None:
        start = Start(self.shown.done, self.shown.refused, self.start.events)
        moved = workflow.info().is_target_worker_deployment_version_changed()
        behaviour = ContinueAsNewVersioningBehavior.AUTO_UPGRADE if moved else None
        workflow.continue_as_new(to_data(start), initial_versioning_behavior=behaviour)

    # ── showing

    def _details(self) -> str:
        shown = self.shown
        return f"**{shown.done} of {len(shown.accounts)} accounts** · now: {shown.step}"

    @workflow.query(name=contract.PROGRESS, description="How far it is.")
    def progress(self) -> RawValue:
        """The step, the accounts and how many of them are through."""
        return readable(to_data(self.shown))

    def refuse(self, door: str, _: str, __: object) -> None:
        """A message nobody understands is counted by its door, and changes nothing."""
        self.shown.refused.append(messages.plain(door, 80))
        del self.shown.refused[:-SHOWN_REFUSALS]


def read_start(data: Data, is_continued: bool) -> Start:
    """A run's input, read leniently: anybody may start a workflow with any input. Only a later run is believed."""
    try:
        start: Start = from_data(Start, data) if isinstance(data, dict) else Start()
    except (KeyError, TypeError, ValueError, AttributeError):
        start = Start()
    is_sensible = type(start.events) is int and start.events > 0
    events = start.events if is_sensible else RUN_EVENTS
    return Start(start.done, start.refused, events) if is_continued else Start(events=events)
