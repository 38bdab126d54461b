"""`fast-forward`: a real account's clock moved ahead, on the embedded stack only."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.text import Text

from lifecycle.contract import workflow_id
from lifecycle.core.changes import Entry
from lifecycle.core.inputs import SetLead
from lifecycle.failure import Failure
from lifecycle.store.accounts import account_row
from lifecycle.store.accounts import history as entries_of
from lifecycle.telling.accounts import Found, running
from lifecycle.telling.past import entry_data
from lifecycle.telling.phrases import count
from lifecycle.telling.spans import read_span
from lifecycle.telling.story import Teller

from . import options as o
from .accounts import find
from .desk import Desk, Look, work
from .past import tell_entry

if TYPE_CHECKING:
    from lifecycle.client import Lifecycles
    from lifecycle.store.engine import Store

PATIENCE: Final = timedelta(seconds=30)
LOOK_AGAIN: Final = 0.1
Span = Annotated[
    str, typer.Argument(metavar="14d", help="How far: 36h, 14d, 2w.", show_default=False)
]


class NotEmbedded(Failure):
    """The clock of a server that is not ours is not to be moved."""


class NotCaughtUp(Failure):
    """The clock was moved, but the account did not record it in time."""


def fast_forward(
    account: o.Account, span: Span, as_json: o.AsJson = False, utc: o.InUtc = False
) -> None:
    """Move an account's clock ahead: its timers fire on the way, in order. Embedded stack only."""
    work(lambda desk: _fast_forward(desk, account, read_span(span)), Look(as_json, utc))


async def _fast_forward(desk: Desk, account: str, by: timedelta) -> None:
    from lifecycle.embedded.clock import fast_forward as move_clock

    _refuse_elsewhere(desk)
    found = await find(desk, account)
    client = await desk.client()
    await move_clock(client.client, workflow_id(found.account), by)
    lead = found.state.lead + round(by.total_seconds())
    await _lead(desk, client, found, lead)
    entries = await _since(desk, found)
    if desk.look.as_json:
        teller = Teller(found.book, desk.zone, found.ctas)
        told = [entry_data(entry, teller.tell(entry)) for entry in entries]
        desk.screen.data({"account": found.account, "lead_seconds": lead, "entries": told})
    else:
        _show(desk, found, entries, lead)


def _refuse_elsewhere(desk: Desk) -> None:
    from lifecycle.connection import profile
    from lifecycle.embedded.record import remembered

    address = profile().address
    if address or remembered(desk.settings.state_dir) is None:
        where = (
            f"the Temporal server at {address}" if address else "a server that was not started here"
        )
        raise NotEmbedded(
            f"Clocks are moved on the embedded stack only, not on {where}.\n"
            "Start one with `lifecycle up` (in a checkout: `make run`), without TEMPORAL_ADDRESS;"
            " `forecast` tells what will happen without moving anything."
        )


async def _lead(desk: Desk, client: Lifecycles, found: Found, lead: int) -> None:
    """Tell the account how far it leads, and wait until that is recorded."""
    with running(found.name, found.account):
        await client.set_lead(found.account, lead)
    store = await desk.store()
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            while not await _is_there(store, found.account, lead):  # noqa: ASYNC110 - a worker does it
                await asyncio.sleep(LOOK_AGAIN)
    except TimeoutError:
        raise NotCaughtUp(
            f"The clock of {found.account} was moved, but within {count(PATIENCE.seconds, 'second')} nothing"
            " was recorded.\nIs a worker running? Look at the account's workflow in the Temporal UI."
        ) from None


async def _is_there(store: Store, account: str, lead: int) -> bool:
    row = await account_row(store, account)
    return row is not None and row.lead == lead


async def _since(desk: Desk, found: Found) -> list[Entry]:
    """What was recorded meanwhile, oldest first."""
    newest = await entries_of(await desk.store(), found.account, 500)
    return [entry for entry in reversed(newest) if entry.revision > found.state.revision]


def _show(desk: Desk, found: Found, entries: list[Entry], lead: int) -> None:
    now = desk.moment(desk.now_for(lead))
    desk.screen.say(Text(f"{found.name}: for this account it is {now} now.", style="bold"))
    teller = Teller(found.book, desk.zone, found.ctas)
    happened = [
        (entry, teller.tell(entry)) for entry in entries if not isinstance(entry.input, SetLead)
    ]
    if not happened:
        desk.screen.indented("Nothing happened on the way.")
    for entry, told in happened:
        tell_entry(desk, entry, told)
