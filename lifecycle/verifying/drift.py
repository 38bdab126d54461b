"""What runs against what is stored (N10): the state an account's workflow holds, and the database's.

The database is what the journal says; a workflow that says otherwise is made to take up what is stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from temporalio.client import WorkflowExecutionStatus

from lifecycle.client import Lifecycles, UnknownAccount, explained
from lifecycle.store.accounts import stored_state
from lifecycle.store.audit import Deed, note
from lifecycle.store.engine import Store
from lifecycle.store.stored import state_data

from .difference import MISSING, Difference, Differs, Kind, first_differing, told

LOOKS: Final = 6
"""A batch is folded before it is recorded: what differs is looked at again, a little later each time."""
PAUSE: Final = timedelta(milliseconds=150)
Wait = Callable[[timedelta], Awaitable[None]]


async def wait(how_long: timedelta) -> None:
    """Real time passes."""
    await asyncio.sleep(how_long.total_seconds())


@dataclass(frozen=True, slots=True)
class Running:
    """What an account's workflow holds, as data; `state` None where none runs."""

    state: Any = None
    revision: int = 0


async def running(client: Lifecycles, account: str) -> Running:
    """Ask the workflow. Raises `NoWorker`, `NoServer`."""
    if not await _runs(client, account):
        return Running()
    try:
        answer = await client.look(account)
    except UnknownAccount:
        return Running()
    state = answer.get("state") or {}
    state.pop("window", None)
    return Running(state, state.get("revision", 0))


async def _runs(client: Lifecycles, account: str) -> bool:
    unknown = UnknownAccount("unknown_account", f"There is no account {account!r}.")
    try:
        with explained(account, unknown):
            found = await client.handle(account).describe()
    except UnknownAccount:
        return False
    return found.status is WorkflowExecutionStatus.RUNNING


async def drifted(
    store: Store, client: Lifecycles, accounts: Sequence[str], pause: Wait = wait
) -> list[Difference]:
    """Where the workflows of these accounts hold something else than the database. Raises as `running`."""
    found = await asyncio.gather(*(_drifted(store, client, one, pause) for one in accounts))
    return [one for one in found if one is not None]


async def _drifted(
    store: Store, client: Lifecycles, account: str, pause: Wait
) -> Difference | None:
    found: Difference | None = None
    for look in range(LOOKS):
        if look:
            await pause(PAUSE * look)
        runs = await running(client, account)
        stored = await stored_state(store, account)
        if stored is None or stored.created_at is None:
            return None
        if runs.state is None:
            differs: Differs | None = ("running", MISSING, f"revision {stored.revision}")
        else:
            differs = first_differing(runs.state, state_data(stored), "state")
        if differs is None:
            return None
        found = _difference(account, stored.revision, differs)
        if runs.state is None and look:
            break
    return found


def _difference(account: str, revision: int, differs: Differs) -> Difference:
    column, one, other = differs
    place = Kind.WORKFLOW, account, revision, "workflow", "", column
    return Difference(*place, told(one), told(other))


async def take_up(
    store: Store, client: Lifecycles, account: str, actor: str, now: datetime
) -> None:
    """End the account's workflow, if one runs, and start it: it enters from what is stored. Noted in the audit.

    Its signals that nobody has read yet are lost with it.
    """
    async with store.writing() as connection:
        detail = f"the account {account}: its workflow takes up what is stored"
        await note(connection, now, Deed.REPAIRED, actor, "admin", detail)
    unknown = UnknownAccount("unknown_account", f"There is no account {account!r}.")
    try:
        with explained(account, unknown):
            await client.handle(account).terminate("It held something else than the database.")
    except UnknownAccount:
        pass
    await client.nudge(account)
