"""The way to the workflow that gives accounts their turns after an outage (N8). It speaks to Temporal only."""

from __future__ import annotations

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from . import contract
from .client import explained
from .core.refusal import Refusal


async def look_again(client: Client, task_queue: str) -> None:
    """Start it if it does not run, and have it look at the queue. Raises `NoServer`."""
    name = contract.catch_up_id(task_queue)
    with explained(name, Refusal("not_running", f"{name} does not run.")):
        await client.start_workflow(
            contract.CATCH_UP_WORKFLOW,
            {},
            id=name,
            task_queue=task_queue,
            start_signal=contract.LOOK,
            start_signal_args=[{}],
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary="Turns after an outage",
        )
