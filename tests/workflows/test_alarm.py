"""The alarm on the real server: a deadline that is due rings at once, wherever the clock is moved meanwhile."""

from datetime import timedelta
from uuid import uuid4

from temporalio import workflow
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from tests.clock import fast_forward_or_end
from tests.workflows.town import Town
from workflows.alarm import Alarm


@workflow.defn
class Rung:
    """Sleeps an hour, sets the alarm to that very moment, and says when it rang."""

    @workflow.run
    async def run(self) -> timedelta:
        """How long it took."""
        alarm = Alarm()
        await workflow.sleep(timedelta(hours=1))
        at = workflow.now()
        alarm.set(at, "what is due")
        await workflow.wait_condition(alarm.has_rung)
        return workflow.now() - at


async def test_a_deadline_that_is_due_rings_before_the_clock_moves_on(quiet_town: Town) -> None:
    """R20: else an account that is moved ahead seems to have slept through what was due a moment ago."""
    client, queue = quiet_town.client, f"alarm-{uuid4().hex}"
    runner = UnsandboxedWorkflowRunner()
    async with Worker(client, task_queue=queue, workflows=[Rung], workflow_runner=runner):
        handle = await client.start_workflow(Rung.run, id=queue, task_queue=queue)
        await fast_forward_or_end(quiet_town.env, handle, timedelta(days=1))
        assert await handle.result() < timedelta(minutes=1)
