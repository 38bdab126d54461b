"""What an account's score was, and what changed it (T16, N3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select as select_core
from sqlmodel import col, select

from lifecycle.core.changes import Entry
from lifecycle.core.scorecard import Scorecard

from ..engine import Store
from ..journal import entry_of
from ..moment import Moment
from ..standing import counts_at
from ..tables import FieldChangeRow, JournalRow, table_of

CHANGE: Final = table_of(FieldChangeRow)


@dataclass(frozen=True, slots=True)
class ScoreWas:
    """What a scorecard's fields became with an entry of the journal."""

    at: datetime
    revision: int
    score: int | None
    band: str | None


async def score_history(
    store: Store, card: Scorecard, account: str, moment: Moment, most: int
) -> list[ScoreWas]:
    """The changes of an account's score and band that count at a moment, the newest first."""
    names = [name for name in (card.score_field, card.band_field) if name]
    query = (
        select_core(CHANGE.c.at, CHANGE.c.revision, CHANGE.c.name, CHANGE.c.number, CHANGE.c.text)
        .where(CHANGE.c.account == account, CHANGE.c.name.in_(names), counts_at(CHANGE, moment))
        .order_by(CHANGE.c.revision, CHANGE.c.position)
    )
    score: int | None = None
    band: str | None = None
    found: dict[int, ScoreWas] = {}
    async with store.engine.connect() as connection:
        for row in await connection.execute(query):
            if row.name == card.score_field:
                score = row.number
            else:
                band = row.text
            found[row.revision] = ScoreWas(row.at, row.revision, score, band)
    return list(reversed(found.values()))[:most]


async def causes(store: Store, account: str, rows: Sequence[ScoreWas]) -> dict[int, Entry]:
    """The entries of the journal that changed a score, by revision."""
    wanted = [row.revision for row in rows]
    query = select(JournalRow).where(
        col(JournalRow.account) == account, col(JournalRow.revision).in_(wanted)
    )
    async with store.reading() as session:
        return {row.revision: entry_of(row) for row in await session.exec(query)}
