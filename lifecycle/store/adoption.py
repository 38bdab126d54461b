"""By which policy versions were published, and who runs which (R24)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from lifecycle.core.share import ALL

from .engine import Store
from .tables import DefinitionRow, PartKind, TrackRow


async def stored_policies(store: Store) -> dict[str, str]:
    """The policy each lifecycle's newest version that holds for all was published with, where there was one."""
    query = (
        select(DefinitionRow)
        .where(col(DefinitionRow.kind) == PartKind.LIFECYCLE, col(DefinitionRow.share) >= ALL)
        .order_by(
            col(DefinitionRow.id),
            col(DefinitionRow.version).desc(),
            col(DefinitionRow.edition).desc(),
        )
    )
    newest: dict[str, int] = {}
    found: dict[str, str] = {}
    async with store.reading() as session:
        for row in await session.exec(query):
            if newest.setdefault(row.id, row.version) == row.version and row.policy:
                found.setdefault(row.id, row.policy)
    return found


async def accounts_by_version(store: Store) -> dict[tuple[str, int | None], int]:
    """How many accounts are in a stage of each version of each lifecycle."""
    query: Any = (
        select(TrackRow.lifecycle, TrackRow.version, func.count())
        .where(col(TrackRow.stage).is_not(None))
        .group_by(col(TrackRow.lifecycle), col(TrackRow.version))
    )
    async with store.reading() as session:
        return {(lifecycle, version): n for lifecycle, version, n in await session.exec(query)}
