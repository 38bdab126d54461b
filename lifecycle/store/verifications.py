"""Keeping verifications. Every step may be repeated: a page that was counted already is not counted again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert, select, update
from sqlmodel import col
from sqlmodel import select as select_rows

from lifecycle.core.codec import Data

from .engine import Store
from .tables import table_of
from .verification_tables import VerificationRow, VerificationStatus

VERIFICATION: Final = table_of(VerificationRow)
KEPT: Final = 200
"""Differences kept of a verification; all are counted."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be verified: the accounts named, else all; with `workflows` what runs is compared, too,
    with `against` a sheet of the CRM of that name."""

    id: str
    actor: str
    named: list[str] | None = None
    workflows: bool = False
    against: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of some accounts, up to `cursor`. `differences` and `repaired` are data."""

    cursor: str
    accounts: int
    entries: int
    count: int
    differences: list[Data] = field(default_factory=list)
    repaired: list[Data] = field(default_factory=list)


async def begin(store: Store, asked: Asked, total: int, now: datetime) -> VerificationRow:
    """Record that it began; one that is there already goes on where it was."""
    async with store.writing() as connection:
        known = select(VERIFICATION.c.id).where(VERIFICATION.c.id == asked.id)
        if (await connection.execute(known)).one_or_none() is None:
            row = {"id": asked.id, "actor": asked.actor, "started_at": now, "total": total}
            row |= {"named": asked.named, "workflows": asked.workflows, "against": asked.against}
            row |= {
                "accounts": 0,
                "entries": 0,
                "count": 0,
                "cursor": "",
                "differences": [],
                "repaired": [],
            }
            row |= {"status": VerificationStatus.RUNNING}
            await connection.execute(insert(VERIFICATION).values(**row))
    found = await verification(store, asked.id)
    assert found is not None
    return found


async def advance(store: Store, id: str, after: str, looked: Looked) -> str:
    """Add what came of the accounts that follow `after`, unless it was added before; answers with how far it is.

    An account may have come since it was added: what is recorded tells where the next page begins.
    """
    async with store.writing() as connection:
        query = select(VERIFICATION).where(VERIFICATION.c.id == id).with_for_update()
        row = (await connection.execute(query)).one()
        if row.cursor != after:
            return str(row.cursor)
        values: dict[str, Any] = {
            name: getattr(row, name) + getattr(looked, name)
            for name in ("accounts", "entries", "count")
        }
        for name in ("differences", "repaired"):
            values[name] = [*getattr(row, name), *getattr(looked, name)][:KEPT]
        mine = update(VERIFICATION).where(VERIFICATION.c.id == id)
        await connection.execute(mine.values(**values, cursor=looked.cursor))
        return looked.cursor


async def finish(
    store: Store, id: str, now: datetime, status: VerificationStatus = VerificationStatus.DONE
) -> None:
    """It is over; what is over stays as it is."""
    running = (VERIFICATION.c.id == id) & (VERIFICATION.c.status == VerificationStatus.RUNNING)
    async with store.writing() as connection:
        await connection.execute(
            update(VERIFICATION).where(running).values(status=status, finished_at=now)
        )


async def verification(store: Store, id: str) -> VerificationRow | None:
    """One of them."""
    async with store.reading() as session:
        return await session.get(VerificationRow, id)


async def verifications(store: Store, limit: int = 20) -> Sequence[VerificationRow]:
    """The latest, newest first."""
    order = col(VerificationRow.started_at).desc(), col(VerificationRow.id).desc()
    async with store.reading() as session:
        return (
            await session.exec(select_rows(VerificationRow).order_by(*order).limit(limit))
        ).all()


async def newest_of_all(store: Store) -> VerificationRow | None:
    """The latest verification of all accounts that is over; what the CRM says otherwise is no matter of the journal."""
    wanted = (
        VERIFICATION.c.named.is_(None),
        VERIFICATION.c.finished_at.is_not(None),
        VERIFICATION.c.against == "",
    )
    order = col(VerificationRow.started_at).desc(), col(VerificationRow.id).desc()
    query = select_rows(VerificationRow).where(*wanted).order_by(*order).limit(1)
    async with store.reading() as session:
        return (await session.exec(query)).one_or_none()


async def repaired_since(store: Store, at: datetime) -> set[str]:
    """The accounts that were repaired, and found in order afterwards, by verifications that began after `at`."""
    wanted = VERIFICATION.c.started_at > at, VERIFICATION.c.named.is_not(None)
    columns = VERIFICATION.c.repaired, VERIFICATION.c.differences
    async with store.connected() as connection:
        rows = (await connection.execute(select(*columns).where(*wanted))).all()
    wrong = {one["account"] for row in rows for one in row.differences}
    return {one["account"] for row in rows for one in row.repaired} - wrong


async def open_differences(store: Store) -> int:
    """How many differences the latest verification of all accounts found that were not repaired since."""
    row = await newest_of_all(store)
    if row is None or not row.count:
        return 0
    mended = await repaired_since(store, row.started_at)
    return int(row.count) - sum(one["account"] in mended for one in row.differences)
