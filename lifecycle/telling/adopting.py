"""What publishing would set off at once in accounts that run: folded on copies, nothing is recorded (R24).

The same core that will decide is asked; of many accounts a first part is looked at, and that is said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func
from sqlmodel import col, select

from lifecycle.core.fold import Fold
from lifecycle.core.inputs import Adopt
from lifecycle.core.model import Book
from lifecycle.core.state import AccountState
from lifecycle.core.wakes import all_dues
from lifecycle.definition.condition_words import Labels
from lifecycle.store.definitions import book_for
from lifecycle.store.engine import Store
from lifecycle.store.stored import state_of
from lifecycle.store.tables import AccountRow, TrackRow

from .set_off import SetOff

MOST: Final = 1_000


@dataclass(slots=True)
class AtOnce(SetOff):
    """What would happen in the accounts looked at, `looked_at` of `total`."""

    total: int = 0
    looked_at: int = 0
    shifted: int = 0
    """Accounts of which a timer is worked out anew, for another instant."""

    @property
    def is_part(self) -> bool:
        """Whether there are more accounts than were looked at."""
        return self.looked_at < self.total


async def at_once(
    store: Store, proposed: Book, policies: Mapping[str, str], lifecycle: str, now: datetime
) -> AtOnce:
    """What accounts would do on taking `proposed` over by these policies; those inside `lifecycle` come first."""
    total, rows = await _accounts(store, lifecycle)
    books: dict[tuple[Any, Any], Book] = {}
    taken: list[tuple[Book, AccountState, datetime]] = []
    for row in rows:
        state = state_of(row.state)
        key = (tuple(state.versions.items()), tuple(state.pending.items()))
        if key not in books:
            books[key], _ = await book_for(store, state.versions, state.pending)
        taken.append((books[key], state, now + timedelta(seconds=row.lead)))
    found = AtOnce(total=total)
    await asyncio.to_thread(_fold, taken, proposed, dict(policies), found)
    return found


async def _accounts(store: Store, lifecycle: str) -> tuple[int, Sequence[Any]]:
    """Those that run; of the newest ids first where there are more than are looked at."""
    there = (col(AccountRow.revision) > 0, col(AccountRow.created_at).is_not(None))
    inside = (
        select(TrackRow.account)
        .where(col(TrackRow.lifecycle) == lifecycle, col(TrackRow.stage).is_not(None))
        .limit(MOST)
    )
    columns: Any = (AccountRow.id, AccountRow.state, AccountRow.lead)
    async with store.reading() as session:
        total = (
            await session.exec(select(func.count()).select_from(AccountRow).where(*there))
        ).one()
        rows = list(
            await session.exec(select(*columns).where(*there, col(AccountRow.id).in_(inside)))
        )
        if len(rows) < MOST:
            rest = select(*columns).where(*there, col(AccountRow.id).not_in(inside))
            rows += await session.exec(rest.order_by(col(AccountRow.id)).limit(MOST - len(rows)))
    return int(total), rows


def _fold(
    taken: list[tuple[Book, AccountState, datetime]],
    proposed: Book,
    policies: dict[str, str],
    found: AtOnce,
) -> None:
    for book, state, now in taken:
        found.looked_at += 1
        if state.importing_since is not None:
            continue
        fold = Fold(book, state)
        # What is due anyhow is none of this publication's doing.
        fold.catch_up(now)
        timers = {due.what: due.natural for due in all_dues(fold.book, fold.state)}
        entries = fold.take(Adopt(now, "…", "…", policies), proposed)
        entries += fold.catch_up(now)
        changes = [change for entry in entries for change in entry.changes]
        found.note(changes, Labels(proposed))
        later = {due.what: due.natural for due in all_dues(fold.book, fold.state)}
        found.shifted += any(later[what] != at for what, at in timers.items() if what in later)
