"""How many accounts are in each stage of every lifecycle, at once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from .engine import Store
from .tables import AccountRow, TrackRow

Counts = dict[str, dict[str | None, int]]


async def stage_counts(store: Store) -> tuple[Counts, int]:
    """By lifecycle and stage, and how many accounts there are in all; the index answers."""
    query: Any = (
        select(TrackRow.lifecycle, TrackRow.stage, func.count())
        .where(col(TrackRow.stage).is_not(None))
        .group_by(col(TrackRow.lifecycle), col(TrackRow.stage))
    )
    there: Any = (
        select(func.count()).select_from(AccountRow).where(col(AccountRow.created_at).is_not(None))
    )
    found: Counts = {}
    async with store.reading() as session:
        for lifecycle, stage, number in await session.exec(query):
            found.setdefault(lifecycle, {})[stage] = int(number)
        total = int((await session.exec(there)).one())
    for stages in found.values():
        stages[None] = total - sum(stages.values())
    return found, total


async def held_lines(store: Store, most: int = 2_000) -> tuple[dict[str, int], bool]:
    """By key of automation, how many accounts on hold it is due in (R18); whether more are on hold than looked at."""
    query: Any = (
        select(AccountRow.state)
        .where(col(AccountRow.hold_until).is_not(None))
        .order_by(col(AccountRow.id))
        .limit(most + 1)
    )
    found: dict[str, int] = {}
    async with store.reading() as session:
        states = list(await session.exec(query))
    for state in states[:most]:
        waits = {*state.get("waiting", ())}
        for track in state.get("tracks", {}).values():
            waits.update(track.get("waiting", ()))
        for key in waits:
            found[key] = found.get(key, 0) + 1
    return found, len(states) > most
