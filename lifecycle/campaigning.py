"""`Campaigns`: the way to the workflows of campaigns. It speaks to Temporal only."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from temporalio.client import Client, WorkflowHandle

from . import contract
from .client import ANSWER_WITHIN, Message, explained
from .core.codec import Data, to_data
from .core.refusal import Refusal
from .driver import Driver

ORDERS: Final = (contract.PAUSE, contract.RESUME, contract.CANCEL, contract.SET_PACE)


class Campaigns:
    """Campaigns by their names. Every method raises `NoServer` when Temporal does not answer, and `NoWorker`."""

    def __init__(
        self,
        client: Client,
        task_queue: str = contract.TASK_QUEUE,
        answer_within: timedelta = ANSWER_WITHIN,
    ) -> None:
        self.client = client
        self.task_queue = task_queue
        self.answer_within = answer_within

    async def begin(self, plan: contract.CampaignPlan) -> Data:
        """Start a campaign, or go on with one of that name; answers with its progress once it is recorded.

        What is recorded under the name counts, whatever `plan` says. Raises `Refusal`.
        """
        driver = Driver(
            self.client,
            self.task_queue,
            contract.CAMPAIGN_WORKFLOW,
            contract.campaign_id(plan.name),
            f"The campaign {plan.name}",
            {"campaign": plan.name},
            _not_running(plan.name),
            {"plan": to_data(plan)},
        )
        return await driver.order(contract.BEGIN, {}, self.answer_within)

    async def order(self, name: str, order: str, *, actor: str, **more: Any) -> Data:
        """One of `ORDERS`, with `reason` or `per_hour`; answers with the progress. Raises `Refusal`."""
        message: Message = {"actor": actor, **more}
        with explained(name, _not_running(name)):
            return await self.handle(name).execute_update(
                order, message, rpc_timeout=self.answer_within
            )

    async def progress(self, name: str) -> Data:
        """How far it is, as its workflow sees it. Raises `Refusal`."""
        with explained(name, _not_running(name)):
            return await self.handle(name).query(contract.PROGRESS, rpc_timeout=self.answer_within)

    def handle(self, name: str) -> WorkflowHandle[Any, Any]:
        """The campaign's workflow."""
        return self.client.get_workflow_handle(contract.campaign_id(name))


def _not_running(name: str) -> Refusal:
    remedy = "lifecycle admin campaign show tells where it stands; send it again to go on with it."
    return Refusal("campaign_not_running", f"The campaign {name!r} is not running.", remedy, "name")
