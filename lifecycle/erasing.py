"""`Erasures`: the way to the workflows that erase people. It speaks to Temporal only."""

from __future__ import annotations

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from . import contract
from .client import explained
from .core.refusal import Refusal


class Erasures:
    """Erasures by their ids. Raises `NoServer` when Temporal does not answer."""

    def __init__(self, client: Client, task_queue: str = contract.TASK_QUEUE) -> None:
        self.client = client
        self.task_queue = task_queue

    async def begin(self, erasure: str) -> None:
        """Start the erasure that is recorded under this id, or go on with it."""
        with explained(erasure, Refusal("unknown_erasure", f"There is no erasure {erasure!r}.")):
            await self.client.start_workflow(
                contract.ERASURE_WORKFLOW,
                {},
                id=contract.erasure_id(erasure),
                task_queue=self.task_queue,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                static_summary=f"The erasure {erasure}",
                memo={"erasure": erasure},
            )
