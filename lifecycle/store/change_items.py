"""Items of a change-set as they are told: with names, counted by reason, and what was sent because of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, func, select

from .change_sets import ITEM
from .change_tables import ItemStatus
from .engine import Store
from .statements import ACCOUNT
from .tables import EffectRow, EffectStatus, JournalRow, table_of

EFFECT: Final = table_of(EffectRow)
JOURNAL: Final = table_of(JournalRow)
MOST_REASONS: Final = 20


@dataclass(frozen=True, slots=True)
class WantedLines:
    """Which items: of a status, from a number on."""

    status: ItemStatus | None = None
    after: int = 0
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Line:
    """What came of one command."""

    number: int
    account: str
    name: str
    status: str
    at: datetime | None
    revision: int | None
    code: str
    reason: str


async def lines_of(store: Store, name: str, wanted: WantedLines) -> list[Line]:
    """By number."""
    columns = (ITEM.c.number, ITEM.c.account, ACCOUNT.c.name, ITEM.c.status, ITEM.c.at)
    more = (ITEM.c.revision, ITEM.c.code, ITEM.c.reason)
    query = (
        select(*columns, *more)
        .select_from(ITEM.outerjoin(ACCOUNT, ACCOUNT.c.id == ITEM.c.account))
        .where(ITEM.c.change_set == name, ITEM.c.number > wanted.after)
        .order_by(ITEM.c.number)
        .limit(wanted.limit)
    )
    if wanted.status is not None:
        query = query.where(ITEM.c.status == wanted.status)
    async with store.connected() as connection:
        rows = (await connection.execute(query)).all()
    return [
        Line(
            row.number,
            row.account,
            row.name or row.account,
            row.status.value,
            row.at,
            row.revision,
            row.code,
            row.reason,
        )
        for row in rows
    ]


async def reasons_of(store: Store, name: str) -> list[tuple[str, str, int]]:
    """Status, a reason and how many, for what did not go as wanted; the most frequent first."""
    number = func.count()
    query = (
        select(ITEM.c.status, func.min(ITEM.c.reason), number)
        .where(ITEM.c.change_set == name, ITEM.c.code != "")
        .group_by(ITEM.c.status, ITEM.c.code)
        .order_by(number.desc(), ITEM.c.status)
        .limit(MOST_REASONS)
    )
    async with store.connected() as connection:
        rows = (await connection.execute(query)).all()
    return [(status.value, reason, int(found)) for status, reason, found in rows]


async def sent_by(store: Store, name: str) -> list[tuple[int, str]]:
    """How often each mail and call was sent because of what is done, the most frequent first (R13)."""
    number = func.count()
    caused = and_(
        JOURNAL.c.account == ITEM.c.account,
        JOURNAL.c.root == ITEM.c.revision,
    )
    of_entry = and_(EFFECT.c.account == JOURNAL.c.account, EFFECT.c.revision == JOURNAL.c.revision)
    query = (
        select(number, EFFECT.c.name)
        .select_from(ITEM.join(JOURNAL, caused).join(EFFECT, of_entry))
        .where(
            ITEM.c.change_set == name,
            ITEM.c.status == ItemStatus.DONE,
            EFFECT.c.status == EffectStatus.SENT,
        )
        .group_by(EFFECT.c.name)
        .order_by(number.desc(), EFFECT.c.name)
    )
    async with store.connected() as connection:
        return [(int(found), sent) for found, sent in await connection.execute(query)]
