"""Publishing reaches a running account: which definitions it runs from now on (R24)."""

from __future__ import annotations

from dataclasses import replace

from .. import changes as c
from ..index import CTAS, SCORES
from ..inputs import Adopt, GoBack
from ..model import Book, Lifecycle
from ..state import AccountState
from .entering import adopt_version
from .going_back import go_back, waiting_anew
from .signals import drain
from .turn import Turn

AT_ONCE, NEXT_MOVE, NEVER = "at once", "at the next move", "never"
POLICIES = (AT_ONCE, NEXT_MOVE, NEVER)


def book_for(running: Book, published: Book, state: AccountState, policies: dict[str, str]) -> Book:
    """What an account runs after a publication: shared parts as published, each lifecycle by its policy.

    A changed edition of the version that runs (label, colour, disabled, `published`, `shadow`; R14) is taken at
    once. Books made of the same parts are the same object, so that accounts share them and their index.
    """
    lifecycles, pending = dict(running.lifecycles), dict(running.pending)
    for lifecycle in published.lifecycles.values():
        _place(lifecycle, lifecycles, pending, state, policies.get(lifecycle.id, NEVER))
    made: dict[tuple[object, ...], Book] = published.__dict__.setdefault("_made", {})
    key = (
        *(id(lifecycle) for lifecycle in lifecycles.values()),
        0,
        *(id(other) for other in pending.values()),
    )
    if key not in made:
        made[key] = replace(published, lifecycles=dict(sorted(lifecycles.items())), pending=pending)
    return made[key]


def _place(
    lifecycle: Lifecycle,
    lifecycles: dict[str, Lifecycle],
    pending: dict[str, Lifecycle],
    state: AccountState,
    policy: str,
) -> None:
    runs = lifecycles.get(lifecycle.id)
    same_version = runs is not None and runs.version == lifecycle.version
    if same_version or runs is None or policy == AT_ONCE:
        lifecycles[lifecycle.id] = lifecycle
        pending.pop(lifecycle.id, None)
    elif policy == NEXT_MOVE:
        pending[lifecycle.id] = lifecycle


def taken_over(running: Book, published: Book, state: AccountState, command: Adopt) -> Book:
    """What the account runs once it has carried the command out."""
    if not isinstance(command, GoBack):
        return book_for(running, published, state, command.policies)
    left = command.left.items()
    policies = {name: AT_ONCE for name, version in left if state.versions.get(name) == version}
    waits = {
        name: other for name, other in running.pending.items() if (name, other.version) not in left
    }
    if len(waits) != len(running.pending):
        running = replace(running, pending=waits)
    return book_for(running, published, state, policies)


def run(turn: Turn, command: Adopt) -> None:
    """Adopt what the book in force (already the new one) has in another version than the account runs."""
    for lifecycle_id, lifecycle in turn.book.lifecycles.items():
        if turn.state.versions.get(lifecycle_id) == lifecycle.version:
            continue
        ran = turn.ran.lifecycles.get(lifecycle_id) if turn.ran else None
        if ran is not None and isinstance(command, GoBack):
            go_back(turn, command, ran)
        else:
            anew = waiting_anew(turn, ran, lifecycle) if ran is not None else []
            adopt_version(turn, lifecycle_id, lifecycle.migration, anew)
    for lifecycle_id, lifecycle in turn.book.pending.items():
        if turn.state.pending.get(lifecycle_id) != lifecycle.version:
            turn.emit(c.Adopted(lifecycle_id, lifecycle.version, pending=True))
    for lifecycle_id in turn.state.pending.keys() - turn.book.pending.keys():
        runs = turn.state.versions[lifecycle_id]
        turn.emit(c.Adopted(lifecycle_id, runs, pending=True))
    turn.dirty.update((*turn.book.lifecycles, *turn.state.fields, CTAS, SCORES))
    drain(turn)
    if len(turn.changes) == 1:
        turn.note(
            "adopted", f"Definitions of {command.actor} taken over; no stage changed its meaning."
        )
