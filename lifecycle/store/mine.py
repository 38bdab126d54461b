"""The accounts of a person: which of them are late or stuck, and which renew soon (G15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, func, or_, select, true

from .engine import Store
from .reading import reading
from .tables import AccountRow, FieldRow, TrackRow, table_of

ACCOUNT: Final = table_of(AccountRow)
FIELD: Final = table_of(FieldRow)
TRACK: Final = table_of(TrackRow)


@dataclass(frozen=True, slots=True)
class Mine:
    """Accounts in whose `fields` one of the `names` (case folded) stands; without names, every account."""

    names: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Overdue:
    """A stay that takes too long."""

    account: str
    name: str
    lifecycle: str
    stage: str
    stuck: bool


@dataclass(frozen=True, slots=True)
class Renewal:
    """A contract that runs out."""

    account: str
    name: str
    day: date
    score: int | None
    band: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """The first rows, and how many there are."""

    rows: list[Any]
    total: int


async def overstaying(store: Store, mine: Mine, limit: int) -> Found:
    """Of active accounts: stuck ones first, then those that have been there longest."""
    theirs = (
        TRACK.c.account == ACCOUNT.c.id,
        or_(TRACK.c.late, TRACK.c.stuck),
        TRACK.c.stage.is_not(None),
        _active(),
    )
    where = (*theirs, _belongs(mine))
    columns = (ACCOUNT.c.id, ACCOUNT.c.name, TRACK.c.lifecycle, TRACK.c.stage, TRACK.c.stuck)
    order = (TRACK.c.stuck.desc(), TRACK.c.counting_since, TRACK.c.lifecycle, ACCOUNT.c.id)
    async with reading(store) as connection:
        rows = await connection.execute(
            select(*columns).where(*where).order_by(*order).limit(limit)
        )
        total = await connection.scalar(
            select(func.count()).select_from(TRACK, ACCOUNT).where(*where)
        )
    return Found([Overdue(row[0], row[1] or row[0], *row[2:]) for row in rows], total or 0)


async def renewing(store: Store, mine: Mine, first: date, last: date, limit: int) -> Found:
    """Active accounts whose renewal date lies between two days, the next one first."""
    day = ACCOUNT.c.renewal_date
    where = (
        day >= first,
        day <= last,
        _active(),
        _belongs(mine),
    )
    columns = (ACCOUNT.c.id, ACCOUNT.c.name, day, ACCOUNT.c.health_score, ACCOUNT.c.health)
    async with reading(store) as connection:
        rows = await connection.execute(
            select(*columns).where(*where).order_by(day, ACCOUNT.c.id).limit(limit)
        )
        total = await connection.scalar(select(func.count()).select_from(ACCOUNT).where(*where))
    return Found([Renewal(row[0], row[1] or row[0], *row[2:]) for row in rows], total or 0)


async def has_accounts(store: Store, mine: Mine) -> bool:
    """Whether any account is somebody's."""
    query = select(ACCOUNT.c.id).where(_belongs(mine)).limit(1)
    async with reading(store) as connection:
        return (await connection.execute(query)).first() is not None


async def people_in(store: Store, fields: Sequence[str], limit: int) -> list[str]:
    """Who stands in these fields of any account, by name."""
    query = (
        select(FIELD.c.text).where(FIELD.c.name.in_(fields), FIELD.c.text.is_not(None)).distinct()
    )
    async with reading(store) as connection:
        return list((await connection.execute(query.order_by(FIELD.c.text).limit(limit))).scalars())


def _active() -> ColumnElement[bool]:
    """A cancelled account is neither late nor stuck, and renews nothing (T28, R25)."""
    return func.coalesce(ACCOUNT.c.status, "") != "cancelled"


def _belongs(mine: Mine) -> ColumnElement[bool]:
    if not mine.names:
        return true()
    named = select(FIELD.c.account).where(
        FIELD.c.name.in_(mine.fields), FIELD.c.folded.in_(mine.names)
    )
    return ACCOUNT.c.id.in_(named)
