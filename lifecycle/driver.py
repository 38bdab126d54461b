"""The one workflow that carries out what the database keeps under a name: started once, and again for an order."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy

from .client import Message, explained
from .core.codec import Data
from .core.refusal import Refusal

LONGEST: Final = 150
"""Characters that Temporal shows of a summary."""


@dataclass(frozen=True, slots=True)
class Driver:
    """Of the workflow `id` of kind `workflow`; `memo` says whose it is, and `missing` is said where none runs.

    Every method raises `NoServer` when Temporal does not answer.
    """

    client: Client
    task_queue: str
    workflow: str
    id: str
    title: str
    memo: dict[str, str]
    missing: Refusal
    start: Message = field(default_factory=dict)

    async def set_going(self) -> None:
        """One that runs goes on."""
        with explained(self._name, self.missing):
            await self.client.start_workflow(self.workflow, self.start, **self._how())

    async def order(self, order: str, message: Message, within: timedelta) -> Data:
        """The answer to an update; a workflow that has ended is started again for it.

        Raises `Refusal`, and `NoWorker` where none answers in time.
        """
        start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            self.workflow, self.start, **self._how()
        )
        with explained(self._name, self.missing):
            return await self.client.execute_update_with_start_workflow(
                order, message, start_workflow_operation=start, rpc_timeout=within
            )

    @property
    def _name(self) -> str:
        [name] = self.memo.values()
        return name

    def _how(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "task_queue": self.task_queue,
            "id_conflict_policy": WorkflowIDConflictPolicy.USE_EXISTING,
            "static_summary": self.title[:LONGEST],
            "memo": self.memo,
        }
