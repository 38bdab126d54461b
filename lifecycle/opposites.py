"""The opposite of a command that a change-set gave: how it is taken back (R13).

Whatever makes a unit of undo is undone as a unit, so that the account itself says whether something newer stands on
it. A hold has no unit: it is ended, or given its old end again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from lifecycle import contract
from lifecycle.core.changes import Entry, InputTaken
from lifecycle.core.refusal import Refusal
from lifecycle.core.state import AccountState, HoldState

from .store.accounts import stored_state
from .store.change_tables import ChangeItemRow
from .store.engine import Store
from .store.folded import state_before

Message = dict[str, Any]
UNITS: Final = {
    contract.SET_STAGE,
    contract.SET_FIELDS,
    contract.OPEN_CTA,
    contract.CLOSE_CTA,
}
BY_HAND: Final = "Look at the account, and do by hand what is still wanted."


def is_unchanged(entry: Entry) -> bool:
    """Whether a command that was taken found everything as it wanted it."""
    already = any(note.code == "already_there" for note in entry.notes)
    return already and all(isinstance(change, InputTaken) for change in entry.changes)


async def opposite(store: Store, item: ChangeItemRow, now: datetime) -> Message:
    """The message that takes an item back, with its name in `command`.

    Raises `Refusal`: it cannot be taken back, or somebody has changed the same thing since.
    """
    command = item.message["command"]
    if item.undo:
        return item.undo
    if command in UNITS:
        return {"command": contract.UNDO, "unit": item.revision}
    if command in {contract.HOLD, contract.RELEASE}:
        return await _of_hold(store, item, now)
    if command == contract.START:
        raise Refusal("started", "An account that was started stays.", BY_HAND)
    raise Refusal("no_opposite", f"There is no way back from {command}.", BY_HAND)


async def _of_hold(store: Store, item: ChangeItemRow, now: datetime) -> Message:
    before = await state_before(store, item.account, item.revision or 0)
    after = await state_before(store, item.account, (item.revision or 0) + 1)
    present = await stored_state(store, item.account) or AccountState(item.account)
    if present.hold != after.hold:
        if present.hold is None and item.message["command"] == contract.HOLD:
            raise Refusal("not_on_hold", "The hold has ended since.", "There is nothing to do.")
        raise Refusal("changed_since", "The hold was changed since.", BY_HAND)
    return _hold_again(before.hold, max(now, present.clock or now))


def _hold_again(hold: HoldState | None, now: datetime) -> Message:
    if hold is None:
        return {"command": contract.RELEASE}
    if hold.until <= now:
        said = f"The hold it had before would have ended on {hold.until:%Y-%m-%d}."
        raise Refusal("hold_is_over", said, BY_HAND)
    return {"command": contract.HOLD, "until": hold.until.isoformat(), "reason": hold.reason}
