"""Loading the demo book through the doors everybody uses: import, events, commands."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final

from lifecycle.client import Lifecycles
from lifecycle.core.inputs import Command, Hold, SetFields, SetStage, Undo
from lifecycle.core.keys import event_key
from lifecycle.failure import Failure
from lifecycle.importing.crowd import each
from lifecycle.importing.sending import message_of

from .book import journeys
from .stories import Journey

AT_ONCE: Final = 12
LOOK_EVERY: Final = 0.1
PATIENCE: Final = 60.0


class DemoNotLoaded(Failure):
    """The worker did not take the demo book up in time."""


async def load_demo(lifecycles: Lifecycles, now: datetime) -> int:
    """Load every account of the book as of `now` (UTC); answers with how many there are.

    Loading it again doubles no event (R20). Raises `DemoNotLoaded` when no worker takes it up.
    """
    found = journeys(now)
    try:
        async with asyncio.timeout(PATIENCE):
            await each(found.values(), lambda journey: _load(lifecycles, journey), AT_ONCE)
    except TimeoutError:
        raise DemoNotLoaded(
            f"The demo book is not recorded after {PATIENCE:g} seconds.\n"
            "Look at the accounts' pending activities in the Temporal UI; the next start goes on."
        ) from None
    return len(found)


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
    await _settled(lifecycles, journey)
    for command in journey.commands:
        await _COMMANDS[type(command)](lifecycles, journey.account, command)


async def _settled(lifecycles: Lifecycles, journey: Journey) -> None:
    """Until the account has taken everything in: its history has ended, its last event is there."""
    last = event_key(journey.live[-1].source, journey.live[-1].id) if journey.live else None
    while True:
        state = await lifecycles.state(journey.account)
        if state.history_until is not None and (last is None or last in state.window):
            return
        await asyncio.sleep(LOOK_EVERY)


async def _set_stage(lifecycles: Lifecycles, account: str, move: Any) -> object:
    return await lifecycles.set_stage(
        account, move.lifecycle, move.stage, actor=move.actor, reason=move.reason
    )


async def _undo(lifecycles: Lifecycles, account: str, command: Any) -> object:
    return await lifecycles.undo(account, actor=command.actor, reason=command.reason)


async def _hold(lifecycles: Lifecycles, account: str, hold: Any) -> object:
    return await lifecycles.hold(account, hold.until, actor=hold.actor, reason=hold.reason)


async def _set_fields(lifecycles: Lifecycles, account: str, command: Any) -> object:
    return await lifecycles.set_fields(
        account, command.fields, actor=command.actor, reason=command.reason
    )


_COMMANDS: Final[dict[type[Command], Callable[[Lifecycles, str, Any], Awaitable[object]]]] = {
    SetStage: _set_stage,
    Undo: _undo,
    Hold: _hold,
    SetFields: _set_fields,
}
