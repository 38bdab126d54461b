"""The audit: who was let in, who was given the means to, who repaired what. Added to, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col, select

from .door_tables import AuditRow
from .engine import Store
from .tables import table_of

AUDIT: Final = table_of(AuditRow)


class Deed(StrEnum):
    """What is kept."""

    KEY_MADE = "key_made"
    KEY_REVOKED = "key_revoked"
    LINK_MADE = "link_made"
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    SHUT_OUT = "shut_out"
    REFUSED = "sign_in_refused"
    REPAIRED = "repaired"
    ERASED = "person_erased"


async def note(
    connection: AsyncConnection, at: datetime, what: Deed, who: str, role: str, detail: str
) -> None:
    """Keep it, in the transaction of what was done."""
    row = {"at": at, "what": what.value, "who": who, "role": role, "detail": detail}
    await connection.execute(insert(AUDIT).values(**row))


async def note_refused(store: Store, at: datetime, who: str, why: str) -> None:
    """Somebody tried to sign in and may not; `who` is empty where no name is known."""
    async with store.writing() as connection:
        await note(connection, at, Deed.REFUSED, who, "", why)


@dataclass(frozen=True, slots=True)
class WantedAudit:
    """Which rows a list shows. `before` is the id of the last row of the page before."""

    what: Deed | None = None
    who: str = ""
    before: int | None = None
    limit: int = 50


async def audit(store: Store, wanted: WantedAudit) -> list[AuditRow]:
    """The rows, the latest first."""
    query = select(AuditRow).order_by(col(AuditRow.id).desc()).limit(wanted.limit)
    if wanted.what is not None:
        query = query.where(AuditRow.what == wanted.what.value)
    if wanted.who:
        query = query.where(AuditRow.who == wanted.who)
    if wanted.before is not None:
        query = query.where(col(AuditRow.id) < wanted.before)
    async with store.reading() as session:
        return list((await session.exec(query)).all())
