"""`CatchUp`: gives accounts their turns after an outage, in the pace asked, until nobody waits (N8).

The queue stands in the database: this may be killed and started again anywhere. It is started by the first account
that is behind, and told to look when a person releases or holds some.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.workflow import ContinueAsNewVersioningBehavior

with workflow.unsafe.imports_passed_through():
    from lifecycle import contract
    from lifecycle.core.codec import from_data, to_data
    from workflows import calls
    from workflows.hearing import Hearing
    from workflows.payloads import NOTHING

SOONEST = timedelta(seconds=5)
LATEST = timedelta(minutes=1)
"""A person's release counts within this, even if nobody told this workflow of it."""
PATIENCE = timedelta(minutes=5)
EVENTS = 2_000


@workflow.defn(name=contract.CATCH_UP_WORKFLOW)
class CatchUp(Hearing):
    """Looks whose turn has come, tells them, and waits for the next."""

    @workflow.init
    def __init__(self, _: RawValue = NOTHING) -> None:
        """Handlers may run before `run` does."""
        self.must_look = True
        self.told = 0

    @workflow.run
    async def run(self, _: RawValue = NOTHING) -> int:
        """Until nobody waits; answers with how many this run told."""
        while True:
            self.must_look = False
            found = await self._let_go()
            self.told += found.told
            workflow.set_current_details("\n".join(self._details(found)))
            if found.waiting or found.held:
                await self._wait(found.next_at)
            elif not self.must_look:
                return self.told
            self._continue_if_long()

    async def _let_go(self) -> contract.LetGoAnswer:
        answer: Any = await workflow.execute_activity(
            contract.LET_GO,
            to_data(contract.LetGoRequest(workflow.now())),
            start_to_close_timeout=PATIENCE,
            retry_policy=calls.FOR_EVER,
            summary="whose turn has come",
        )
        found: contract.LetGoAnswer = from_data(contract.LetGoAnswer, answer)
        return found

    async def _wait(self, next_at: datetime | None) -> None:
        now = workflow.now()
        wanted = next_at - now if next_at is not None else LATEST
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self.must_look,
                timeout=min(max(wanted, SOONEST), LATEST),
                timeout_summary="until the next turns",
            )

    def _continue_if_long(self) -> None:
        info = workflow.info()
        moved = info.is_target_worker_deployment_version_changed()
        if (
            moved
            or info.is_continue_as_new_suggested()
            or info.get_current_history_length() > EVENTS
        ):
            behaviour = ContinueAsNewVersioningBehavior.AUTO_UPGRADE if moved else None
            workflow.continue_as_new(initial_versioning_behavior=behaviour)

    def _details(self, found: contract.LetGoAnswer) -> Iterator[str]:
        yield "After an outage accounts carry out what fell due in turns.\n"
        yield f"- told that their turn has come: {self.told}"
        yield f"- waiting for their turn: {found.waiting}"
        yield f"- held until a person releases them: {found.held}"

    @workflow.signal(name=contract.LOOK, description="Somebody was queued, released or held.")
    def look(self, _: RawValue = NOTHING) -> None:
        """Looks at once."""
        self.must_look = True

    def refuse(self, signal: str, reason: str, _: object) -> None:
        """A signal with wrong arguments changes nothing (`last_net`)."""
        workflow.logger.warning("Refused: %s: %s", signal, reason)
