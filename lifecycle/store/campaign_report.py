"""What became of campaigns: how many mails were sent, skipped, failed, wait; and of each account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel import select as select_rows

from .engine import Store
from .tables import AccountRow, CampaignRow, EffectRow, EffectStatus, table_of

EFFECT: Final = table_of(EffectRow)
ACCOUNT: Final = table_of(AccountRow)
MOST: Final = 500
Counts = dict[str, int]
"""Mails by status."""


async def list_campaigns(store: Store, limit: int = MOST) -> list[CampaignRow]:
    """The campaigns, the latest first."""
    query = select_rows(CampaignRow).order_by(col(CampaignRow.started_at).desc())
    query = query.order_by(col(CampaignRow.name)).limit(limit)
    async with store.reading() as session:
        return list((await session.exec(query)).all())


async def counts_of(store: Store, names: Sequence[str]) -> dict[str, Counts]:
    """How many mails of each campaign have which status."""
    query = (
        select(EFFECT.c.campaign, EFFECT.c.status, func.count())
        .where(EFFECT.c.campaign.in_(names))
        .group_by(EFFECT.c.campaign, EFFECT.c.status)
    )
    found: dict[str, Counts] = {name: {} for name in names}
    async with store.engine.connect() as connection:
        for name, status, number in await connection.execute(query):
            found[name][EffectStatus(status).value] = number
    return found


@dataclass(frozen=True, slots=True)
class Held:
    """Mails that wait: the latest time one of them is due, and the time zones of their accounts (None: not known)."""

    until: datetime | None
    zones: tuple[str | None, ...]


async def held(store: Store, name: str) -> Held:
    """What the mails of a campaign that are made and not sent wait for."""
    query = (
        select(ACCOUNT.c.time_zone, func.max(EFFECT.c.due_at).label("until"))
        .select_from(EFFECT.join(ACCOUNT, ACCOUNT.c.id == EFFECT.c.account))
        .where(EFFECT.c.campaign == name, EFFECT.c.status == EffectStatus.DUE)
        .group_by(ACCOUNT.c.time_zone)
    )
    async with store.engine.connect() as connection:
        rows = (await connection.execute(query)).all()
    return Held(
        max((row.until for row in rows), default=None), tuple(row.time_zone for row in rows)
    )


@dataclass(frozen=True, slots=True)
class Reason:
    """Why mails were not sent, or wait."""

    status: str
    reason: str
    mails: int


async def reasons_of(store: Store, name: str, limit: int = 50) -> list[Reason]:
    """Each reason with how many mails it stopped or keeps waiting, the most frequent first."""
    number = func.count().label("number")
    query = (
        select(EFFECT.c.status, EFFECT.c.last_error, number)
        .where(EFFECT.c.campaign == name, EFFECT.c.last_error.is_not(None))
        .group_by(EFFECT.c.status, EFFECT.c.last_error)
        .order_by(number.desc(), EFFECT.c.status, EFFECT.c.last_error)
        .limit(limit)
    )
    async with store.engine.connect() as connection:
        rows = (await connection.execute(query)).all()
    return [Reason(EffectStatus(status).value, why, mails) for status, why, mails in rows]


@dataclass(frozen=True, slots=True)
class MailOutcome:
    """What became of one account's mail. `at` is when it ended, or when it is due."""

    account: str
    name: str
    status: str
    reason: str
    to: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class WantedOutcomes:
    """Which accounts: those behind `after`, of a status, at most so many."""

    status: EffectStatus | None = None
    after: str = ""
    limit: int = MOST


async def outcomes(
    store: Store, name: str, wanted: WantedOutcomes = WantedOutcomes()
) -> list[MailOutcome]:
    """The mails of a campaign by account."""
    columns = ("status", "last_error", "recipients", "due_at", "finished_at")
    query = (
        select(EFFECT.c.account, ACCOUNT.c.name, *(EFFECT.c[column] for column in columns))
        .join(ACCOUNT, ACCOUNT.c.id == EFFECT.c.account)
        .where(EFFECT.c.campaign == name, EFFECT.c.account > wanted.after)
        .order_by(EFFECT.c.account)
        .limit(wanted.limit)
    )
    if wanted.status is not None:
        query = query.where(EFFECT.c.status == wanted.status)
    async with store.engine.connect() as connection:
        return [_outcome(*row) for row in await connection.execute(query)]


def _outcome(  # noqa: PLR0913, PLR0917 - the row's columns
    account: str,
    name: str | None,
    status: EffectStatus,
    reason: str | None,
    recipients: list[str] | None,
    due_at: datetime,
    finished_at: datetime | None,
) -> MailOutcome:
    word, to = EffectStatus(status).value, tuple(recipients or ())
    return MailOutcome(account, name or account, word, reason or "", to, finished_at or due_at)
