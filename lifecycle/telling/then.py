"""An account as it was at an instant of the past: as recorded then, or as known later (N5)."""

from __future__ import annotations

from lifecycle.core.refusal import Refusal
from lifecycle.core.state import AccountState
from lifecycle.store.accounts import find_account
from lifecycle.store.definitions import book_for
from lifecycle.store.folded import states_at
from lifecycle.store.moment import AsOf, Moment, now_of

from .accounts import Found, found
from .audience import Asked, moment_asked
from .viewer import Viewer


async def found_when(viewer: Viewer, account: str, asked: Asked) -> Found:
    """The account of that id or name at the moment that is asked for. Raises `Refusal`."""
    if asked.as_of is None and asked.known is None:
        return await found(viewer.store, account, viewer.now)
    meant = moment_asked(asked, await now_of(viewer.store, viewer.now), viewer)
    return await found_at(viewer, account, meant)


async def found_at(viewer: Viewer, account: str, moment: Moment) -> Found:
    """The account now, or as it was, with the definitions of then. Raises `Refusal` where it did not exist yet."""
    if not isinstance(moment, AsOf):
        return await found(viewer.store, account, viewer.now)
    row = await find_account(viewer.store, account)
    states = await states_at(viewer.store, [row.id], moment)
    if row.id not in states:
        said = f"{row.name or row.id} did not exist on {viewer.moment(moment.at)}, as known then."
        remedy = "Name a later day, or ask with all that is known today."
        raise Refusal("not_yet", said, remedy, "as-of")
    state = as_then(states[row.id], moment)
    book, _ = await book_for(viewer.store, state.versions, state.pending, moment.known)
    return Found(state, book, moment.at, moment)


def as_then(state: AccountState, moment: AsOf) -> AccountState:
    """A state folded up to a moment: an import that told of that time later was not yet under way (R21)."""
    if state.importing_since is not None and state.importing_since > moment.at:
        state.importing_since = None
    return state


def moment_words(moment: AsOf, viewer: Viewer) -> str:
    """`As of 30 Sep 2026, 23:59, as recorded then.`"""
    return f"As of {viewer.moment(moment.at)}, {known_words(moment, viewer)}."


def known_words(moment: AsOf, viewer: Viewer) -> str:
    """From whose knowledge it is told."""
    if moment.known == moment.at:
        return "as recorded then"
    return f"as known on {viewer.moment(moment.known)}"
