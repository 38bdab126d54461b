"""`lifecycle up` with a small workflow of the tests' own: a process they can kill.

python serve.py STATE_DIR
"""

import sys
from datetime import timedelta
from pathlib import Path

from temporalio import workflow
from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion
from temporalio.worker import Worker, WorkerDeploymentConfig

from lifecycle.embedded.up import up
from lifecycle.failure import Failure
from lifecycle.settings import Settings


@workflow.defn(sandboxed=False)
class Waiter:
    """Waits as long as it is told, then for ever: its state says that the timer fired."""

    def __init__(self) -> None:
        self.fired = False

    @workflow.run
    async def run(self, seconds: float) -> None:
        await workflow.sleep(timedelta(seconds=seconds))
        self.fired = True
        await workflow.wait_condition(lambda: False)

    @workflow.query
    def has_fired(self) -> bool:
        return self.fired


def make_worker(client: Client, settings: Settings) -> Worker:
    """What worker.py does for the engine."""
    return Worker(
        client,
        task_queue=settings.task_queue,
        workflows=[Waiter],
        # Without a version of ours the library hashes every loaded module: a second per start.
        deployment_config=WorkerDeploymentConfig(
            version=WorkerDeploymentVersion("tests", "1"), use_worker_versioning=False
        ),
        # After a kill the server would wait ten seconds for the worker that had the account cached.
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=1),
    )


def main(state_dir: Path) -> None:
    try:
        up(Settings(state_dir=state_dir, demo=False), make_worker)
    except Failure as failure:
        sys.exit(str(failure))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
