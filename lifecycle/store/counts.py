"""Counting accounts: all that a list would show, and how they spread over the stages of a lifecycle (G10)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from .accounts import Wanted, filters
from .engine import Store
from .tables import AccountRow, TrackRow


async def count_accounts(store: Store, wanted: Wanted) -> int:
    """How many accounts the list has on all its pages."""
    query: Any = select(func.count()).select_from(AccountRow)
    for part in filters(replace(wanted, after=None)):
        query = query.where(part)
    async with store.reading() as session:
        return int((await session.exec(query)).one())


async def count_by_stage(store: Store, wanted: Wanted, lifecycle: str) -> dict[str | None, int]:
    """How many of the list's accounts are in each stage of a lifecycle; None counts those in no stage (T22)."""
    query: Any = (
        select(TrackRow.stage, func.count())
        .select_from(AccountRow)
        .outerjoin(
            TrackRow, (col(TrackRow.account) == col(AccountRow.id)) & (col(TrackRow.lifecycle) == lifecycle)
        )
        .group_by(col(TrackRow.stage))
    )
    for part in filters(replace(wanted, after=None)):
        query = query.where(part)
    async with store.reading() as session:
        return {stage: int(number) for stage, number in await session.exec(query)}
