"""What publishing would set off at once in accounts that run: folded on copies, nothing is recorded (R24).

The same core that will decide is asked; of many accounts a first part is looked at, and that is said.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func
from sqlmodel import col, select

from lifecycle.core import changes as c
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import Adopt
from lifecycle.core.model import Book
from lifecycle.core.state import AccountState
from lifecycle.definition.condition_words import Labels
from lifecycle.store.definitions import book_for
from lifecycle.store.engine import Store
from lifecycle.store.stored import state_of
from lifecycle.store.tables import AccountRow, TrackRow

from .phrases import count

MOST: Final = 300


@dataclass(slots=True)
class AtOnce:
    """What would happen in the accounts looked at, `looked_at` of `total`; each thing with how often."""

    total: int = 0
    looked_at: int = 0
    moves: Counter[str] = field(default_factory=Counter)
    mails: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    ctas: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    accounts: int = 0

    @property
    def is_part(self) -> bool:
        """Whether there are more accounts than were looked at."""
        return self.looked_at < self.total

    def lines(self) -> Iterator[tuple[str, str]]:
        """A sign and a sentence for each thing that would happen."""
        for way, number in self.moves.most_common():
            yield (
                "arrow",
                f"{count(number, 'account')} {'moves' if number == 1 else 'move'}: {way}.",
            )
        for name, number in self.mails.most_common():
            yield "mail", f"Sends “{name}” {_times(number)}. It cannot be taken back."
        for name, number in self.calls.most_common():
            yield "send", f"Calls “{name}” {_times(number)}. It cannot be taken back."
        for title, number in self.ctas.most_common():
            yield "check", f"Opens the CTA “{title}” {_times(number)}."
        for name, number in self.fields.most_common():
            yield "edit", f"Sets {name} of {count(number, 'account')}."


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"


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
    found = AtOnce(total)
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
        entries = fold.take(Adopt(now, "…", "…", policies), proposed)
        entries += fold.catch_up(now)
        changes = [change for entry in entries for change in entry.changes]
        if _note(changes, Labels(proposed), found):
            found.accounts += 1


def _note(changes: list[c.Change], labels: Labels, found: AtOnce) -> bool:
    before = sum(_sizes(found))
    for change in changes:
        match change:
            case c.StageEntered() if change.left != change.entered:
                found.moves[_way(change, labels)] += 1
            case c.MailDue():
                found.mails[change.template] += 1
            case c.WebhookDue():
                found.calls[change.name] += 1
            case c.CtaOpened():
                found.ctas[change.cta.title] += 1
            case c.FieldSet():
                found.fields[labels.field(change.name)] += 1
    return sum(_sizes(found)) > before


def _sizes(found: AtOnce) -> list[int]:
    kinds = (found.moves, found.mails, found.calls, found.ctas, found.fields)
    return [one.total() for one in kinds]


def _way(change: c.StageEntered, labels: Labels) -> str:
    ends = [
        labels.stage(change.lifecycle, stage) if stage else "None"
        for stage in (change.left, change.entered)
    ]
    return f"{labels.lifecycle(change.lifecycle)}, {' → '.join(ends)}"
