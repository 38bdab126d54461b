"""Moving the clock of a workflow that a plain client started."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from lifecycle.embedded.clock import ClockStuck, fast_forward
from tests.clock import until
from tests.embedded.serve import Waiter

YEAR = timedelta(days=365)


@pytest.fixture
async def plain(client: Client, task_queue: str) -> AsyncIterator[Client]:
    """A client as services have it, and a worker for what it starts."""
    address = client.service_client.config.target_host
    async with Worker(client, task_queue=task_queue, workflows=[Waiter]):
        yield await Client.connect(address)


async def test_the_timers_on_the_way_fire(plain: Client, task_queue: str) -> None:
    handle = await plain.start_workflow(
        Waiter.run, YEAR.total_seconds(), id=str(uuid4()), task_queue=task_queue
    )
    await fast_forward(plain, handle.id, YEAR - timedelta(days=1))
    assert not await handle.query(Waiter.has_fired)
    await fast_forward(plain, handle.id, timedelta(days=2))
    await until(lambda: handle.query(Waiter.has_fired))


async def test_a_workflow_that_is_not_there(plain: Client) -> None:
    with pytest.raises(ClockStuck, match="no running workflow account/nobody"):
        await fast_forward(plain, "account/nobody", YEAR)


async def test_a_workflow_that_has_ended(plain: Client, task_queue: str) -> None:
    handle = await plain.start_workflow(Waiter.run, 1, id=str(uuid4()), task_queue=task_queue)
    await handle.terminate()
    with pytest.raises(ClockStuck, match="no running workflow"):
        await fast_forward(plain, handle.id, YEAR)


async def test_clocks_do_not_run_backward(plain: Client) -> None:
    with pytest.raises(ClockStuck, match="only be moved ahead"):
        await fast_forward(plain, "account/acme", -YEAR)
