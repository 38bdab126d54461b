"""Asking the database what is new, without missing what commits late and without telling anything twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from lifecycle.store.engine import Store
from lifecycle.store.fresh import Fresh, Move, Since, fresh, moves

OVERLAP: Final = timedelta(seconds=3)
"""How far every look reaches back behind the one before: transactions and clocks that are a little late."""
SWEEP: Final = timedelta(seconds=60)
"""How far a sweep reaches back: an attempt to record may take half a minute (`workflows.calls.QUICK`)."""
SWEEP_EVERY: Final = timedelta(seconds=10)
MOST: Final = 5_000
"""Accounts a look tells of; where more changed, readers look for themselves."""
BEGINNING: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Change:
    """An account is at a revision now. `since` is where its news begin; `moves` is empty if nobody asked for them."""

    account: str
    revision: int
    since: Since
    moves: tuple[Move, ...] = ()

    def and_then(self, later: Change) -> Change:
        """Both as one."""
        came_from = {move.lifecycle: move.came_from for move in self.moves}
        joined = [
            replace(move, came_from=came_from.get(move.lifecycle, move.came_from))
            for move in later.moves
        ]
        gone = [
            move for move in self.moves if move.lifecycle not in {one.lifecycle for one in joined}
        ]
        return replace(later, since=self.since, moves=(*gone, *joined))


@dataclass(frozen=True, slots=True)
class Look:
    """What was new at an instant; `all_of_it` is False where there was more."""

    at: datetime
    changes: list[Change]
    all_of_it: bool = True


class Watcher:
    """Remembers which revision of an account was told, for as long as a look may find it again."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._told: dict[str, Fresh] = {}
        self._last = self._swept = BEGINNING

    async def begin(self) -> None:
        """What is there already is news to nobody."""
        at = self._now()
        found = await fresh(self._store, at - SWEEP, MOST)
        self._told = {one.account: one for one in found}
        self._last = self._swept = at

    async def look(self, most_moves: int) -> Look:
        """What is new since the last look, with moves where no more accounts changed than that.

        After an error the next one reaches back as far as this one had to.
        """
        at = self._now()
        is_sweep = at - self._swept >= SWEEP_EVERY
        floor = min(at - SWEEP, self._last) if is_sweep else self._last - OVERLAP
        found = await fresh(self._store, floor, MOST + 1)
        changes = [self._change(one, floor) for one in found[:MOST] if self._is_new(one)]
        if 0 < len(changes) <= most_moves:
            changes = await self._moved(changes)
        self._told |= {one.account: one for one in found[:MOST]}
        self._last, self._swept = at, at if is_sweep else self._swept
        self._forget(at - 2 * SWEEP)
        return Look(at, changes, len(found) <= MOST)

    async def since(self, floor: datetime, most: int) -> Look | None:
        """For a reader that was away: what was recorded since then, told anew; None where that is too much."""
        at = self._now()
        found = await fresh(self._store, floor - OVERLAP, most + 1)
        if len(found) > most:
            return None
        known = Since(None, floor - OVERLAP)
        changes = [Change(one.account, one.revision, known) for one in found]
        return Look(at, await self._moved(changes))

    def _is_new(self, found: Fresh) -> bool:
        told = self._told.get(found.account)
        return told is None or told.revision < found.revision

    def _change(self, found: Fresh, floor: datetime) -> Change:
        told = self._told.get(found.account)
        if told is None:
            return Change(found.account, found.revision, Since(None, floor))
        # The next entry was recorded later, by a clock that may be a little behind.
        since = Since(told.revision, told.recorded_at - OVERLAP)
        return Change(found.account, found.revision, since)

    async def _moved(self, changes: list[Change]) -> list[Change]:
        found = await moves(self._store, {one.account: one.since for one in changes})
        return [replace(one, moves=tuple(found.get(one.account, ()))) for one in changes]

    def _forget(self, before: datetime) -> None:
        old = [name for name, one in self._told.items() if one.recorded_at < before]
        for name in old:
            del self._told[name]
