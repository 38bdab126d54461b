"""`Erasures`: the way to the workflows that erase people. It speaks to Temporal only."""

from __future__ import annotations

from temporalio.client import Client

from . import contract
from .core.refusal import Refusal
from .driver import Driver


class Erasures:
    """Erasures by their ids. Raises `NoServer` when Temporal does not answer."""

    def __init__(self, client: Client, task_queue: str = contract.TASK_QUEUE) -> None:
        self.client = client
        self.task_queue = task_queue

    async def begin(self, erasure: str) -> None:
        """Start the erasure that is recorded under this id, or go on with it."""
        driver = Driver(
            self.client,
            self.task_queue,
            contract.ERASURE_WORKFLOW,
            contract.erasure_id(erasure),
            f"The erasure {erasure}",
            {"erasure": erasure},
            Refusal("unknown_erasure", f"There is no erasure {erasure!r}."),
        )
        await driver.set_going()
