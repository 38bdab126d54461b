"""Releases of the worker: accounts stay on theirs until they continue as new, and a nudge moves them on."""

from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.client import Client
from temporalio.service import RPCError

from lifecycle import contract
from lifecycle.settings import Settings, Worker
from tests.clock import until
from tests.workflows.town import Handle, Town
from worker import build, make_activities


def release(town: Town, build_id: str) -> Settings:
    """The town's settings for a worker of that release."""
    options = Worker(versioning=True, deployment=town.settings.task_queue, build_id=build_id)
    return town.settings.model_copy(update={"worker": options})


async def make_current(client: Client, town: Town, build_id: str) -> None:
    """What a deployment ends with; the server knows a release once its worker polls."""
    request = SetWorkerDeploymentCurrentVersionRequest(
        namespace=client.namespace,
        deployment_name=town.settings.task_queue,
        build_id=build_id,
    )

    async def tried() -> bool:
        try:
            await client.workflow_service.set_worker_deployment_current_version(request)
        except RPCError:
            return False
        return True

    await until(tried)


async def build_of(handle: Handle) -> str:
    """The release an account runs under."""
    described = await handle.describe()
    info = described.raw_description.workflow_execution_info.versioning_info
    return str(info.deployment_version.build_id)


async def nudged(handle: Handle) -> str:
    """Nudge until it has moved: the server tells its task queues of a new release in its own time."""
    await handle.signal(contract.NUDGE)
    return await build_of(handle)


async def test_an_account_moves_to_the_new_release_when_nudged(quiet_town: Town) -> None:
    """Pinned, and upgraded at continue-as-new; state and timers go along."""
    town, client, acme = quiet_town, quiet_town.env.client, quiet_town.account()
    activities = make_activities(town.store, town.settings)
    async with build(client, release(town, "1"), activities):
        await make_current(client, town, "1")
        handle = await town.win(acme)
        assert await build_of(handle) == "1"
        async with build(client, release(town, "2"), activities):
            await make_current(client, town, "2")
            await town.report(acme, "opportunity.closed_lost")
            await town.recorded(acme, lambda it: len(it.window) == 2)
            await until(lambda: nudged(town.handle(acme)), lambda found: found == "2")
            await town.report(acme, "training.completed")
            await town.in_stage(acme, "customer_journey", "launched")
