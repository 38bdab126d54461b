"""How far catching up is (N8): outages with their numbers, what is due, and who waits for which turn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, and_, func, select

from .catching_up_tables import OutageRow, TurnRow, TurnStatus
from .engine import Store
from .reading import reading
from .tables import AccountRow, AheadRow, table_of
from .turns import TO_COME, due_in

ACCOUNT: Final = table_of(AccountRow)
AHEAD: Final = table_of(AheadRow)
OUTAGE: Final = table_of(OutageRow)
TURN: Final = table_of(TurnRow)


@dataclass(frozen=True, slots=True)
class Counted:
    """An outage with its accounts by what they wait for; when the last turn is; whose workflow did not run."""

    outage: OutageRow
    numbers: dict[TurnStatus, int]
    last_at: datetime | None
    absent: int


@dataclass(frozen=True, slots=True)
class Due:
    """What is due of those to come: a move (its stage), a mail (its template), a CTA, late or stuck."""

    kind: str
    lifecycle: str
    what: str
    accounts: int


@dataclass(frozen=True, slots=True)
class Placed:
    """An account in the queue. `at` is its turn if it waits for one, else when it went on; None while it is held."""

    account: str
    name: str | None
    outage: int
    status: TurnStatus
    due_at: datetime
    what: str
    at: datetime | None
    is_absent: bool
    by: str


@dataclass(frozen=True, slots=True)
class WantedTurns:
    """A page of the queue of an outage, in order; `after` is the account the page before ended with."""

    status: TurnStatus | None = None
    lifecycle: str = ""
    after: str = ""
    limit: int = 50


async def outages(store: Store, limit: int = 5) -> list[Counted]:
    """Those that go on, and the latest that are over; the latest first."""
    query = select(OUTAGE).order_by(OUTAGE.c.ended_at.is_(None).desc(), OUTAGE.c.id.desc())
    async with reading(store) as connection:
        rows = [OutageRow(**row._mapping) for row in await connection.execute(query.limit(limit))]
        counts = select(
            TURN.c.outage,
            TURN.c.status,
            func.count(),
            func.max(TURN.c.place),
            func.count().filter(TURN.c.is_absent),
        ).where(TURN.c.outage.in_([row.id for row in rows]))
        groups = counts.group_by(TURN.c.outage, TURN.c.status)
        found: list[Any] = list(await connection.execute(groups))
    return [_counted(row, [line for line in found if line[0] == row.id]) for row in rows]


def _counted(row: OutageRow, lines: list[Any]) -> Counted:
    last = next((line[3] for line in lines if line[1] is TurnStatus.WAITING), None)
    return Counted(
        row,
        {status: number for _, status, number, *_ in lines},
        row.turn_at(last) if last is not None else None,
        sum(line[4] for line in lines),
    )


async def due_now(store: Store, now: datetime, is_noticed: bool) -> list[Due]:
    """What falls to those to come, by kind; what most of them wait for first. Nobody queues before it is noticed."""
    what = func.coalesce(AHEAD.c.stage, AHEAD.c.what)
    to_come = select(TURN.c.account).where(TURN.c.status.in_(TO_COME))
    if not is_noticed:
        to_come = select(ACCOUNT.c.id).where(ACCOUNT.c.next_deadline <= now)
    number = func.count(AHEAD.c.account.distinct())
    query = (
        select(AHEAD.c.kind, AHEAD.c.lifecycle, what, number)
        .where(AHEAD.c.account.in_(to_come), AHEAD.c.at <= now, AHEAD.c.kind != "more")
        .group_by(AHEAD.c.kind, AHEAD.c.lifecycle, what)
        .order_by(number.desc(), AHEAD.c.kind, AHEAD.c.lifecycle, what)
    )
    async with reading(store) as connection:
        return [Due(*row) for row in await connection.execute(query.limit(50))]


async def turns(
    store: Store, outage: OutageRow, wanted: WantedTurns, now: datetime
) -> list[Placed]:
    """A page of the queue."""
    query = (
        select(TURN, ACCOUNT.c.name)
        .outerjoin(ACCOUNT, ACCOUNT.c.id == TURN.c.account)
        .where(TURN.c.outage == outage.id)
        .order_by(TURN.c.place, TURN.c.account)
        .limit(wanted.limit)
    )
    if wanted.status is not None:
        query = query.where(TURN.c.status == wanted.status)
    if wanted.lifecycle:
        query = query.where(TURN.c.account.in_(due_in(wanted.lifecycle, now)))
    async with store.connected() as connection:
        if wanted.after:
            mine = and_(TURN.c.outage == outage.id, TURN.c.account == wanted.after)
            place = (await connection.execute(select(TURN.c.place).where(mine))).scalar()
            if place is not None:
                behind = and_(TURN.c.place == place, TURN.c.account > wanted.after)
                query = query.where((TURN.c.place > place) | behind)
        return [_placed(row, outage) for row in await connection.execute(query)]


async def turn_of(store: Store, account: str) -> Placed | None:
    """The account's place, if it waits for its turn."""
    query = (
        select(TURN, ACCOUNT.c.name)
        .outerjoin(ACCOUNT, ACCOUNT.c.id == TURN.c.account)
        .where(TURN.c.account == account, TURN.c.status.in_(TO_COME))
        .order_by(TURN.c.outage.desc())
    )
    async with store.connected() as connection:
        row = (await connection.execute(query.limit(1))).first()
        if row is None:
            return None
        line = (await connection.execute(select(OUTAGE).where(OUTAGE.c.id == row.outage))).one()
    return _placed(row, OutageRow(**line._mapping))


def _placed(row: Row[Any], outage: OutageRow) -> Placed:
    waits = outage.turn_at(row.place) if row.status is TurnStatus.WAITING else None
    return Placed(
        row.account,
        row.name,
        row.outage,
        row.status,
        row.due_at,
        row.what,
        row.gone_at or waits,
        row.is_absent,
        row.by,
    )
