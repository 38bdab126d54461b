"""Counting accounts: all that a list would show, and how they spread over the stages of a lifecycle (G10)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, func, true
from sqlmodel import select

from .accounts import Wanted, filters
from .engine import Store
from .tables import AccountRow, TrackRow, table_of

Segment = ColumnElement[bool] | None


async def count_accounts(store: Store, wanted: Wanted, segment: Segment = None) -> int:
    """How many accounts the list has on all its pages; `segment` is a compiled condition (`where`)."""
    query: Any = select(func.count()).select_from(AccountRow).where(*_parts(wanted, segment))
    async with store.reading() as session:
        return int((await session.exec(query)).one())


def _parts(wanted: Wanted, segment: Segment) -> list[ColumnElement[bool]]:
    return [*filters(replace(wanted, after=None)), true() if segment is None else segment]


async def count_by_stage(
    store: Store, wanted: Wanted, lifecycle: str, segment: Segment = None
) -> dict[str | None, int]:
    """How many of the list's accounts are in each stage of a lifecycle; None counts those in no stage (T22)."""
    chosen: Any = select(AccountRow.id).where(*_parts(wanted, segment))
    mine = chosen.subquery()
    track = table_of(TrackRow)
    joined = (track.c.account == mine.c.id) & (track.c.lifecycle == lifecycle)
    query: Any = (
        select(track.c.stage, func.count())
        .select_from(mine.outerjoin(track, joined))
        .group_by(track.c.stage)
    )
    async with store.reading() as session:
        return {stage: int(number) for stage, number in await session.exec(query)}
