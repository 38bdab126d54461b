"""Messages of webhooks that could not be mapped: kept until they are sent or dropped.

kept ──▶ sent | dropped        their bodies are emptied then: they may speak of people
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, update
from sqlalchemy import select as select_core
from sqlmodel import col, select

from lifecycle.core.refusal import Refusal

from .engine import Store
from .hook_tables import ArrivalStatus, HookArrivalRow
from .statements import insert_new
from .tables import table_of

ARRIVAL: Final = table_of(HookArrivalRow)
AT_ONCE: Final = 400
KEPT: Final = ArrivalStatus.KEPT
EMPTIED: Final = {"body": "", "reason": "", "waits_for": ""}
"""A reason may quote what the message said."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a message could not be mapped. `waits_for` is the id whose account is not known: `deal/17`."""

    code: str
    reason: str
    account: str = ""
    waits_for: str = ""


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A message to be kept: the sender's id, what it told (`invoice.paid`), its JSON."""

    their_id: str
    told: str
    body: str
    problem: Problem


# ── in


async def keep(
    store: Store, source: str, found: Sequence[Unmapped], now: datetime, received: datetime
) -> None:
    """Keep messages. One that is there already stays as it is, also when it was sent or dropped since."""
    if not found:
        return
    rows = [
        {
            "source": source,
            "their_id": one.their_id,
            "received_at": received,
            "told": one.told,
            "body": one.body,
            "status": KEPT,
            "attempts": 1,
            "tried_at": now,
            "actor": "",
            "why": "",
            **_columns(one.problem),
        }
        for one in found
    ]
    async with store.writing() as connection:
        await connection.execute(insert_new(connection.dialect.name, ARRIVAL), rows)


def _columns(problem: Problem) -> dict[str, str]:
    return {
        "account": problem.account,
        "code": problem.code,
        "reason": problem.reason,
        "waits_for": problem.waits_for,
    }


# ── looking


@dataclass(frozen=True, slots=True)
class WantedArrivals:
    """Which rows a list shows, the oldest first; `after` is the id of the last row of the page before."""

    source: str = ""
    status: ArrivalStatus | None = KEPT
    code: str = ""
    after: int = 0
    limit: int = 50


async def arrivals(store: Store, wanted: WantedArrivals) -> list[HookArrivalRow]:
    """Messages that were kept, in the order in which they came."""
    row = HookArrivalRow
    query = select(row).where(col(row.id) > wanted.after)
    if wanted.status is not None:
        query = query.where(col(row.status) == wanted.status)
    if wanted.source:
        query = query.where(col(row.source) == wanted.source)
    if wanted.code:
        query = query.where(col(row.code) == wanted.code)
    query = query.order_by(col(row.id)).limit(wanted.limit)
    async with store.reading() as session:
        return list((await session.exec(query)).all())


@dataclass(frozen=True, slots=True)
class Counted:
    """How many messages of a source are kept for a reason, and since when the oldest is."""

    source: str
    code: str
    messages: int
    since: datetime


async def kept_counts(store: Store) -> list[Counted]:
    """What waits for an operator, by source and reason."""
    row = HookArrivalRow
    query = (
        select(row.source, row.code, func.count(), func.min(row.received_at))
        .where(col(row.status) == KEPT)
        .group_by(col(row.source), col(row.code))
        .order_by(col(row.source), col(row.code))
    )
    async with store.reading() as session:
        return [Counted(*found) for found in await session.exec(query)]


async def arrival(store: Store, number: int) -> HookArrivalRow:
    """One of them. Raises `Refusal` `unknown_arrival`."""
    async with store.reading() as session:
        found = await session.get(HookArrivalRow, number)
    if found is None:
        remedy = "lifecycle admin hooks kept shows what there is."
        raise Refusal("unknown_arrival", f"There is no message {number}.", remedy, "id")
    return found


async def waiting_for(
    store: Store, source: str, ids: Iterable[str], limit: int
) -> list[HookArrivalRow]:
    """Kept messages that wait for one of these ids, the oldest first."""
    row, found = HookArrivalRow, list[HookArrivalRow]()
    if not (asked := sorted(ids)):
        return found
    async with store.reading() as session:
        for part in _parts(asked):
            query = (
                select(row)
                .where(col(row.source) == source, col(row.status) == KEPT)
                .where(col(row.waits_for).in_(part))
                .order_by(col(row.id))
                .limit(limit)
            )
            found += (await session.exec(query)).all()
    return sorted(found, key=lambda one: one.id or 0)[:limit]


async def kept_before(store: Store, source: str, their_ids: Iterable[str]) -> list[int]:
    """Numbers of kept messages among these: the sender told them again."""
    found: list[int] = []
    async with store.engine.connect() as connection:
        for part in _parts(sorted(their_ids)):
            query = select_core(ARRIVAL.c.id).where(
                ARRIVAL.c.source == source,
                ARRIVAL.c.their_id.in_(part),
                ARRIVAL.c.status == KEPT,
            )
            found += (await connection.execute(query)).scalars()
    return found


# ── out


async def sent(store: Store, numbers: Sequence[int], actor: str, now: datetime) -> None:
    """These were handed over; what they said is emptied."""
    ended = {"status": ArrivalStatus.SENT, "ended_at": now, "actor": actor, **EMPTIED}
    more = {"attempts": ARRIVAL.c.attempts + 1, "tried_at": now}
    async with store.writing() as connection:
        for part in _parts(numbers):
            wanted = ARRIVAL.c.id.in_(part), ARRIVAL.c.status == KEPT
            await connection.execute(update(ARRIVAL).where(*wanted).values(**ended, **more))


async def tried(store: Store, number: int, problem: Problem, now: datetime) -> None:
    """It could not be mapped this time either."""
    more = {"attempts": ARRIVAL.c.attempts + 1, "tried_at": now}
    statement = update(ARRIVAL).where(ARRIVAL.c.id == number, ARRIVAL.c.status == KEPT)
    async with store.writing() as connection:
        await connection.execute(statement.values(**_columns(problem), **more))


async def drop(store: Store, number: int, why: str, actor: str, now: datetime) -> HookArrivalRow:
    """An operator decides that nothing is to be done. Raises `Refusal` `unknown_arrival`, `already_ended`."""
    ended = {
        "status": ArrivalStatus.DROPPED,
        "ended_at": now,
        "actor": actor,
        "why": why,
        **EMPTIED,
    }
    statement = update(ARRIVAL).where(ARRIVAL.c.id == number, ARRIVAL.c.status == KEPT)
    async with store.writing() as connection:
        changed = (await connection.execute(statement.values(**ended))).rowcount
    found = await arrival(store, number)
    if not changed:
        raise ended_already(found)
    return found


def ended_already(row: HookArrivalRow) -> Refusal:
    """Why nothing more can be done with a message."""
    said = f"The message {row.id} is {row.status.value} already."
    return Refusal("already_ended", said, "Nothing was changed.", "id")


def _parts(found: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for begin in range(0, len(found), AT_ONCE):
        yield found[begin : begin + AT_ONCE]
