"""The Temporal schedule of verifications, and the one a person starts (N9).

The schedule follows the settings; whoever pauses it keeps it paused, whatever workers start.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleState,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError, RPCStatusCode

from . import contract_verification as names
from .client import explained
from .core.codec import to_data
from .core.refusal import Refusal
from .failure import NoServer
from .settings import Settings, Verify

NOT_SET: Final = Refusal(
    "no_schedule",
    "There is no schedule of verifications.",
    'Set how often: every = "1 day" under [verify] in lifecycle.toml, and start the worker anew.',
)


@dataclass(frozen=True, slots=True)
class Planned:
    """The schedule as it stands."""

    every: timedelta
    is_on: bool
    next_at: datetime | None
    last_at: datetime | None
    note: str = ""


class Verifications:
    """Verifications that a worker carries out. Every method raises `NoServer` when Temporal does not answer."""

    def __init__(self, client: Client, settings: Settings) -> None:
        self.client = client
        self.settings = settings

    # ── now

    async def start(self, actor: str) -> str:
        """Verify all accounts now; one that runs goes on. Answers with the verification's id."""
        with _explained():
            handle = await self.client.start_workflow(
                names.VERIFICATION_WORKFLOW,
                self._input(actor),
                id=names.VERIFY_NOW_ID,
                task_queue=self.settings.task_queue,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                static_summary="All accounts are verified",
            )
        return f"{names.VERIFY_NOW_ID}/{handle.first_execution_run_id}"

    async def stop(self, id: str) -> None:
        """End one after the page at hand. Raises `Refusal` `not_running`."""
        workflow, _, run = id.rpartition("/")
        gone = Refusal("not_running", "This verification runs no more.")
        with explained(id, gone):
            handle = self.client.get_workflow_handle(workflow, first_execution_run_id=run)
            await handle.signal(names.STOP)

    def _input(self, actor: str) -> dict[str, Any]:
        options = self.settings.verify
        plan = names.VerificationPlan(actor, options.workflows, options.per_minute)
        return {"plan": to_data(plan)}

    # ── the schedule

    async def follow_settings(self) -> None:
        """Make the schedule the settings ask for, or change it; take one away that they do not ask for."""
        options = self.settings.verify
        if options.every is None:
            # A service that knows no schedules, or shows us none, has none of ours.
            with suppress(RPCError, NoServer):
                if await self.schedule() is not None:
                    await self._handle().delete()
            return
        wanted = self._schedule(options)
        with _explained():
            try:
                await self.client.create_schedule(names.VERIFICATION_SCHEDULE, wanted)
            except ScheduleAlreadyRunningError:
                await self._handle().update(lambda found: _changed(found, wanted))

    async def schedule(self) -> Planned | None:
        """How it stands; None where there is none."""
        try:
            found = await self._handle().describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None
            with _explained():
                raise
        info, state = found.info, found.schedule.state
        last = info.recent_actions[-1].started_at if info.recent_actions else None
        is_on = not state.paused
        next_at = info.next_action_times[0] if info.next_action_times and is_on else None
        every = found.schedule.spec.intervals[0].every
        return Planned(every, is_on, next_at, last, state.note or "")

    async def switch(self, on: bool, actor: str) -> Planned:
        """Pause the schedule, or let it go on. Raises `Refusal` `no_schedule`."""
        if await self.schedule() is None:
            raise NOT_SET
        with _explained():
            if on:
                await self._handle().unpause(note=f"on: {actor}")
            else:
                await self._handle().pause(note=f"off: {actor}")
        found = await self.schedule()
        assert found is not None
        return found

    def _schedule(self, options: Verify) -> Schedule:
        assert options.every is not None
        return Schedule(
            ScheduleActionStartWorkflow(
                names.VERIFICATION_WORKFLOW,
                self._input(""),
                id=names.VERIFICATION_SCHEDULE,
                task_queue=self.settings.task_queue,
                static_summary="All accounts are verified",
            ),
            spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=options.interval)]),
            policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP),
            state=ScheduleState(),
        )

    def _handle(self) -> Any:
        return self.client.get_schedule_handle(names.VERIFICATION_SCHEDULE)


def _changed(found: ScheduleUpdateInput, wanted: Schedule) -> ScheduleUpdate:
    """What the settings say; whether it is paused stays as it is."""
    wanted.state = found.description.schedule.state
    return ScheduleUpdate(wanted)


@contextmanager
def _explained() -> Iterator[None]:
    with explained("verification", NOT_SET):
        yield
