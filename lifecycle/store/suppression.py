"""Addresses that no mail to contacts goes to: who unsubscribed, and whom an operator keeps out.

A reader's wish and an operator's stand side by side: lifting one leaves the other. What was lifted is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, insert, or_
from sqlalchemy import select as select_core
from sqlalchemy import update as update_core
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col, select

from .engine import Store
from .keyed import spellings
from .tables import SuppressedRow, table_of

SUPPRESSED: Final = table_of(SuppressedRow)
UNSUBSCRIBED: Final = "unsubscribed"
BATCH: Final = 500


def folded(address: str) -> str:
    """The one spelling under which an address is kept: people write the same one in any case."""
    return address.casefold()


async def lock(connection: AsyncConnection, address: str) -> None:
    """Nobody else changes or counts what is kept of this (folded) address until the transaction ends."""
    if connection.dialect.name == "postgresql":
        key = func.hashtextextended(f"contact:{address}", 0)
        await connection.execute(select_core(func.pg_advisory_xact_lock(key)))


# ── asking


async def suppressed(connection: AsyncConnection, address: str) -> SuppressedRow | None:
    """Why this (folded) address gets no mail: a reader's own wish first. None: it may get some."""
    query = (
        select_core(SUPPRESSED)
        .where(SUPPRESSED.c.address.in_(spellings(connection, address)))
        .where(SUPPRESSED.c.lifted_at.is_(None))
        .order_by(SUPPRESSED.c.effect.is_(None), SUPPRESSED.c.id)
        .limit(1)
    )
    found = (await connection.execute(query)).one_or_none()
    return SuppressedRow(**found._mapping) if found else None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows a list shows: those with `search` in address or reason; lifted ones only when asked for.

    `before` is the id of the last row of the page before.
    """

    search: str = ""
    lifted: bool = False
    before: int | None = None
    limit: int = 50


async def suppressions(store: Store, wanted: Wanted) -> list[SuppressedRow]:
    """The list, the latest first."""
    query = select(SuppressedRow).order_by(col(SuppressedRow.id).desc()).limit(wanted.limit)
    if not wanted.lifted:
        query = query.where(col(SuppressedRow.lifted_at).is_(None))
    if wanted.search:
        text = wanted.search.casefold()
        query = query.where(
            or_(
                col(SuppressedRow.address).contains(text, autoescape=True),
                func.lower(col(SuppressedRow.why)).contains(text, autoescape=True),
            )
        )
    if wanted.before is not None:
        query = query.where(col(SuppressedRow.id) < wanted.before)
    async with store.reading() as session:
        return list((await session.exec(query)).all())


async def is_suppressed(store: Store, address: str) -> bool:
    """Whether any mail to contacts would go to this address."""
    async with store.engine.connect() as connection:
        return await suppressed(connection, folded(address)) is not None


# ── the reader's own wish


async def has_unsubscribed(store: Store, address: str) -> bool:
    """Whether the reader wants no mail; what an operator wants is not asked."""
    async with store.engine.connect() as connection:
        return await _count(connection, folded(address), by_reader=True) > 0


async def unsubscribe(store: Store, address: str, effect: str, now: datetime) -> None:
    """By the link of a mail. Doing it again changes nothing."""
    key = folded(address)
    async with store.writing() as connection:
        await lock(connection, key)
        if not await _count(connection, key, by_reader=True):
            row = _row(key, UNSUBSCRIBED, now, "", effect)
            await connection.execute(insert(SUPPRESSED).values(**row))


async def subscribe_again(store: Store, address: str, now: datetime) -> bool:
    """The reader takes it back; answers whether mail goes there again, or an operator keeps the address out."""
    key = folded(address)
    async with store.writing() as connection:
        await lock(connection, key)
        await _lift(connection, key, now, "", "", by_reader=True)
        return await suppressed(connection, key) is None


# ── an operator's


async def suppress(
    store: Store, addresses: Sequence[str], why: str, actor: str, now: datetime
) -> list[str]:
    """Keep addresses out; answers with those that an operator did not keep out before. All or none."""
    wanted = list(dict.fromkeys(map(folded, addresses)))
    async with store.writing() as connection:
        for address in sorted(wanted):
            await lock(connection, address)
        there = await _kept_out(connection, wanted)
        new = [address for address in wanted if address not in there]
        if new:
            rows = [_row(address, why, now, actor, None) for address in new]
            await connection.execute(insert(SUPPRESSED), rows)
        return new


async def lift(store: Store, address: str, why: str, actor: str, now: datetime) -> int:
    """An operator lets mail go to an address again, whoever kept it out; answers with how many reasons that ended."""
    key = folded(address)
    async with store.writing() as connection:
        await lock(connection, key)
        return await _lift(connection, key, now, actor, why)


# ── rows


def _row(address: str, why: str, now: datetime, actor: str, effect: str | None) -> dict[str, Any]:
    return {
        "address": address,
        "why": why,
        "at": now,
        "actor": actor,
        "effect": effect,
        "lifted_by": "",
        "lifted_why": "",
    }


def _standing(connection: AsyncConnection, address: str, by_reader: bool | None) -> list[Any]:
    mine = SUPPRESSED.c.address.in_(spellings(connection, address))
    found: list[Any] = [mine, SUPPRESSED.c.lifted_at.is_(None)]
    if by_reader:
        found.append(SUPPRESSED.c.effect.is_not(None))
    return found


async def _count(connection: AsyncConnection, address: str, by_reader: bool) -> int:
    query = select_core(func.count()).where(*_standing(connection, address, by_reader))
    return int((await connection.execute(query)).scalar_one())


async def _kept_out(connection: AsyncConnection, addresses: Sequence[str]) -> set[str]:
    """Those of the addresses that an operator keeps out already."""
    there: set[str] = set()
    for begin in range(0, len(addresses), BATCH):
        query = select_core(SUPPRESSED.c.address).where(
            SUPPRESSED.c.address.in_(addresses[begin : begin + BATCH]),
            SUPPRESSED.c.lifted_at.is_(None),
            SUPPRESSED.c.effect.is_(None),
        )
        there.update((await connection.execute(query)).scalars())
    return there


async def _lift(
    connection: AsyncConnection,
    address: str,
    now: datetime,
    actor: str,
    why: str,
    by_reader: bool | None = None,
) -> int:
    statement = (
        update_core(SUPPRESSED)
        .where(*_standing(connection, address, by_reader))
        .values(lifted_at=now, lifted_by=actor, lifted_why=why)
        .returning(SUPPRESSED.c.id)
    )
    return len((await connection.execute(statement)).all())
