"""The way to the workflow that gives accounts their turns after an outage (N8), and what a person tells it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from . import contract
from .client import explained
from .core.refusal import Refusal
from .failure import NoServer
from .store import turns
from .store.engine import Store
from .store.turns import Whom
from .telling.catching_up import Ordered

NOBODY: Final = Refusal(
    "nobody_waits",
    "None of these accounts waits for that.",
    "lifecycle admin catch-up shows who waits, and who is held.",
)


async def release(  # noqa: PLR0913 -- database, server, and the order's own parts
    store: Store,
    client: Client,
    task_queue: str,
    whom: Whom,
    *,
    by: str,
    now: datetime,
    at_once: bool = False,
) -> Ordered:
    """Let those held go on, spread from now; `at_once` lets everybody meant go on as fast as the pace allows.

    Raises `Refusal` `nobody_waits`.
    """
    number = await turns.release(store, whom, by, now, at_once)
    if not number:
        raise NOBODY
    try:
        await look_again(client, task_queue)
    except NoServer:
        return Ordered("release", number, is_told=False)
    return Ordered("release", number)


async def hold(store: Store, whom: Whom, *, by: str, now: datetime) -> Ordered:
    """Nobody of these goes on before a person says so. Raises `Refusal` `nobody_waits`."""
    number = await turns.hold(store, whom, by, now)
    if not number:
        raise NOBODY
    return Ordered("hold", number)


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
