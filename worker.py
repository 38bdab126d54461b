"""Runs a worker against any Temporal service: `python worker.py`.

The one place where workflows, activities, database and mail meet.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final

import typer
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.converter import DataConverter
from temporalio.plugin import SimplePlugin
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkerDeploymentConfig

from activities.campaign import Campaigning
from activities.catching_up import CatchingUp, policy_of
from activities.changing import Changing
from activities.definitions import Definitions
from activities.deliver import Delivering
from activities.entering import Entering
from activities.erasing import Erasing
from activities.outage import Outages
from activities.publishing import Publishing
from activities.record import Recording
from activities.verifying import VerifyingPages
from lifecycle import __version__, settings
from lifecycle.connection import connect
from lifecycle.console.database import unreachable
from lifecycle.converter import data_converter
from lifecycle.failure import Failure
from lifecycle.leaving import leave_after
from lifecycle.publications import set_all_going
from lifecycle.publishing import publish_first
from lifecycle.scheduling import Verifications
from lifecycle.search_attributes import register
from lifecycle.settings import Settings
from lifecycle.signing import secret_of
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import check_database
from lifecycle.unsubscribing import links_of
from workflows.account import AccountLifecycle
from workflows.campaign import Campaign
from workflows.catch_up import CatchUp
from workflows.change_set import ChangeSet
from workflows.erasure import Erasure
from workflows.last_net import LastNet
from workflows.publication import Publication
from workflows.verification import Verification

app: Final = typer.Typer(add_completion=False)
NO_LINKS: Final = (
    "Mail to contacts carries no unsubscribe link: set LIFECYCLE_SECRET and LIFECYCLE_PUBLIC_URL, and run"
    " `lifecycle web` there (docs/operating.md)."
)


def make_plugin(
    activities: Sequence[Callable[..., Any]] = (), converter: DataConverter = data_converter
) -> SimplePlugin:
    """What worker and replayer share. The worker takes the converter of its client."""
    return SimplePlugin(
        "lifecycle",
        data_converter=converter,
        interceptors=[LastNet()],
        # Not sandboxed: see docs/decisions/0009. The tests ban clock, dice and environment instead.
        workflow_runner=UnsandboxedWorkflowRunner(),
        workflows=[
            AccountLifecycle,
            Campaign,
            ChangeSet,
            Publication,
            Erasure,
            CatchUp,
            Verification,
        ],
        activities=list(activities),
    )


def make_activities(store: Store, settings: Settings) -> list[Callable[..., Any]]:
    """All activities over one database."""
    entering, delivering = Entering(store), Delivering(store, settings)
    catching_up = CatchingUp(store, policy_of(settings))
    publishing, verifying = Publishing(store, settings), VerifyingPages(store, settings)
    campaigning, changing = Campaigning(store, delivering), Changing(store, settings)
    return [
        entering.enter,
        entering.seen,
        Recording(store).record,
        Definitions(store).load_book,
        delivering.deliver,
        delivering.give_up,
        campaigning.open_campaign,
        campaigning.page,
        campaigning.mark,
        campaigning.mail,
        catching_up.admit,
        catching_up.let_go,
        changing.open,
        changing.order,
        changing.page,
        publishing.open,
        publishing.look,
        publishing.order,
        verifying.open,
        verifying.page,
        verifying.close,
        *Erasing(store, settings).steps(),
    ]


@asynccontextmanager
async def make_worker(client: Client, settings: Settings) -> AsyncIterator[Worker]:
    """A worker that polls while the block is open.

    Raises `Failure`: the database is not ready, the definitions cannot be used, or Temporal knows one of our
    search attributes with another type.
    """
    try:
        await check_database(settings.database)
    except (OSError, SQLAlchemyError) as error:
        raise unreachable(settings, error) from None
    store = Store(make_engine(settings.database), secret_of(settings))
    try:
        await publish_first(store, settings)
        await register(client)
        await Verifications(client, settings).follow_settings()
        await set_all_going(client, store, settings.task_queue)
        async with build(client, settings, make_activities(store, settings)) as worker:
            yield worker
    finally:
        await store.close()


def build(client: Client, settings: Settings, activities: Sequence[Callable[..., Any]]) -> Worker:
    """The worker itself, over activities that are at hand."""
    options = settings.worker
    return Worker(
        client,
        task_queue=settings.task_queue,
        plugins=[make_plugin(activities)],
        interceptors=[Outages()],
        max_cached_workflows=options.max_cached_workflows,
        graceful_shutdown_timeout=timedelta(seconds=options.graceful_shutdown_seconds),
        deployment_config=_deployment(settings),
    )


def _deployment(settings: Settings) -> WorkerDeploymentConfig:
    """Versioning pins an account to the release it runs under until it continues as new."""
    options = settings.worker
    version = WorkerDeploymentVersion(options.deployment, options.build_id or __version__)
    if not options.versioning:
        return WorkerDeploymentConfig(version=version, use_worker_versioning=False)
    return WorkerDeploymentConfig(
        version=version,
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.PINNED,
    )


@app.command()
def main() -> None:
    """Run a worker until Ctrl-C. Where: TEMPORAL_* variables or a profile; database: LIFECYCLE_DATABASE_URL."""
    try:
        asyncio.run(_run(settings.load()))
    except Failure as failure:
        typer.secho(str(failure), fg="red", err=True)
        sys.exit(failure.exit_code)


async def _run(settings: Settings) -> None:
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    client = await connect(settings)
    async with make_worker(client, settings):
        address = client.service_client.config.target_host
        typer.echo(f"The worker runs: {address}, task queue {settings.task_queue}. Ctrl-C ends it.")
        if links_of(settings) is None:
            typer.echo(NO_LINKS)
        await told.wait()


if __name__ == "__main__":
    leave_after(app)
