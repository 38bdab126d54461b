"""What became of an import: which accounts are recorded, and what their journals say of it (R20, R21)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.core.inputs import EndHistory, Event

from .engine import Store
from .tables import AccountRow, JournalRow, TrackRow

AT_ONCE: Final = 400
"""Accounts asked about in one query: SQLite takes a limited number of values."""


async def revisions(store: Store, accounts: Sequence[str]) -> dict[str, int]:
    """The revision each account is at now; 0 for one that does not exist."""
    found = dict.fromkeys(accounts, 0)
    async with store.reading() as session:
        for part in _parts(accounts):
            query = select(AccountRow.id, AccountRow.revision).where(col(AccountRow.id).in_(part))
            found.update((await session.exec(query)).all())
    return found


async def ended(store: Store, since: Mapping[str, int]) -> set[str]:
    """The accounts whose import ended after the revision given: all of it is recorded."""
    found: set[str] = set()
    async with store.reading() as session:
        for part in _parts(list(since)):
            query = (
                select(JournalRow.account, func.max(JournalRow.revision))
                .where(col(JournalRow.account).in_(part))
                .where(col(JournalRow.kind) == EndHistory.__name__)
                .group_by(col(JournalRow.account))
                .order_by(col(JournalRow.account))
            )
            rows = await session.exec(query)
            found |= {account for account, revision in rows if revision > since[account]}
    return found


@dataclass(slots=True)
class Outcome:
    """What an import did. `refused` counts by the reason, `stages` by lifecycle and stage (None: in none)."""

    applied: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    stages: dict[str, Counter[str | None]] = field(default_factory=dict)


async def outcome(store: Store, since: Mapping[str, int], source: str) -> Outcome:
    """What the events of a source did to accounts after the revisions given."""
    found = Outcome()
    async with store.reading() as session:
        for part in _parts(list(since)):
            await _count_events(session, part, since, source, found)
            await _count_stages(session, part, found)
    return found


async def _count_events(
    session: AsyncSession, part: list[str], since: Mapping[str, int], source: str, found: Outcome
) -> None:
    row = JournalRow
    query = (
        select(row.account, row.revision, row.event_key, row.refused)
        .where(col(row.account).in_(part), col(row.kind) == Event.__name__)
        .where(col(row.source) == source)
        .order_by(col(row.account), col(row.revision))
    )
    for account, revision, key, refused in await session.exec(query):
        if revision <= since[account]:
            continue
        if refused is not None:
            found.refused[str(refused["what"])] += 1
        elif key is not None:
            found.applied += 1


async def _count_stages(session: AsyncSession, part: list[str], found: Outcome) -> None:
    query: Any = (
        select(TrackRow.lifecycle, TrackRow.stage, func.count())
        .where(col(TrackRow.account).in_(part))
        .group_by(col(TrackRow.lifecycle), col(TrackRow.stage))
        .order_by(col(TrackRow.lifecycle), col(TrackRow.stage))
    )
    for lifecycle, stage, count in await session.exec(query):
        found.stages.setdefault(lifecycle, Counter())[stage] += count


def _parts(accounts: Sequence[str]) -> Iterator[list[str]]:
    for begin in range(0, len(accounts), AT_ONCE):
        yield list(accounts[begin : begin + AT_ONCE])
