"""Loading the demo book through the doors everybody uses: import, events, commands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Final

from lifecycle import contract
from lifecycle.client import Lifecycles, Message
from lifecycle.core import inputs as i
from lifecycle.core.keys import event_key
from lifecycle.core.state import AccountState
from lifecycle.failure import Failure
from lifecycle.importing.crowd import each
from lifecycle.importing.sending import message_of
from lifecycle.store.engine import Store
from lifecycle.store.suppression import suppress

from .book import UNWANTED, journeys
from .companies import companies
from .stories import Journey
from .today import is_done, still_to_do

AT_ONCE: Final = 12
LOOK_EVERY: Final = 0.1
PATIENCE: Final = 60.0


class DemoNotLoaded(Failure):
    """The worker did not take the demo book up in time."""


async def load_demo(lifecycles: Lifecycles, store: Store, now: datetime) -> int:
    """Load every account of the book as of `now` (UTC); answers with how many there are.

    Loading it again doubles no event and no command (R20). Raises `DemoNotLoaded` when no worker takes it up.
    """
    found = journeys(now)
    await _keep_out(store, now)
    try:
        async with asyncio.timeout(PATIENCE):
            await each(found.values(), lambda journey: _load(lifecycles, journey), AT_ONCE)
    except TimeoutError:
        raise DemoNotLoaded(
            f"The demo book is not recorded after {PATIENCE:g} seconds.\n"
            "Look at the accounts' pending activities in the Temporal UI; the next start goes on."
        ) from None
    return len(found)


async def _keep_out(store: Store, now: datetime) -> None:
    account, why = UNWANTED
    company = companies()[account]
    await suppress(store, [str(company.fields()["contact_email"])], why, company.owner, now)


async def _load(lifecycles: Lifecycles, journey: Journey) -> None:
    await lifecycles.import_history(
        journey.account,
        [message_of(one) for one in journey.events],
        journey.fields,
        journey.created,
        journey.until,
    )
    if journey.live:
        await lifecycles.record_events(journey.account, [message_of(one) for one in journey.live])
    state = await _settled(lifecycles, journey, _has_arrived)
    if commands := still_to_do(journey, state):
        await lifecycles.carry_out(journey.account, map(_message_of, commands))
        await _settled(lifecycles, journey, _has_done_all)


Settled = Callable[[Journey, AccountState], bool]


async def _settled(lifecycles: Lifecycles, journey: Journey, is_there: Settled) -> AccountState:
    """The account, once it has taken everything in."""
    while True:
        state = await lifecycles.state(journey.account)
        if is_there(journey, state):
            return state
        await asyncio.sleep(LOOK_EVERY)


def _has_arrived(journey: Journey, state: AccountState) -> bool:
    """Its history has ended, its last event is there."""
    last = event_key(journey.live[-1].source, journey.live[-1].id) if journey.live else None
    return state.history_until is not None and (last is None or last in state.window)


def _has_done_all(journey: Journey, state: AccountState) -> bool:
    return all(is_done(one, state) for one in journey.commands)


def _message_of(command: i.Command) -> Message:
    """A command as it is sent: what it says, without what it leaves open."""
    parts = {name: value for name, value in asdict(command).items() if name != "at"}
    said = {name: value for name, value in parts.items() if value not in (None, "", False)}
    return {**said, "command": _COMMANDS[type(command)]}


_COMMANDS: Final[dict[type[i.Command], str]] = {
    i.SetStage: contract.SET_STAGE,
    i.Undo: contract.UNDO,
    i.Hold: contract.HOLD,
    i.SetFields: contract.SET_FIELDS,
    i.OpenCta: contract.OPEN_CTA,
    i.SnoozeCta: contract.SNOOZE_CTA,
    i.AssignCta: contract.ASSIGN_CTA,
    i.CloseCta: contract.CLOSE_CTA,
    i.DoTask: contract.DO_TASK,
}
