"""Turns after an outage (N8): who is behind gets a place in a queue, and goes on when its turn has come.

The queue of an outage is laid at once for all accounts the database knows to be behind, the longest overdue first.
Nobody goes on but by `let_go`, which keeps the pace: so many in any minute.

    waiting ⇄ held        waiting ──▶ gone        waiting, held ──▶ done (something that happened came first)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final

from sqlalchemy import Select, and_, func, insert, literal, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from lifecycle.contract import AdmitRequest
from lifecycle.core.share import BUCKETS, bucket_of

from .catching_up_tables import OutageRow, TurnRow, TurnStatus
from .engine import Store
from .tables import AccountRow, AheadRow, table_of

ACCOUNT: Final = table_of(AccountRow)
AHEAD: Final = table_of(AheadRow)
OUTAGE: Final = table_of(OutageRow)
TURN: Final = table_of(TurnRow)
MINUTE: Final = timedelta(minutes=1)
STOOD_STILL: Final = timedelta(minutes=2)
"""Turns are given every few seconds: after a longer pause, the time of the queue goes on where it stopped."""
AT_MOST: Final = 2_000
"""Turns given in one go, so that an activity ends in time."""
TO_COME: Final = (TurnStatus.WAITING, TurnStatus.HELD)
UNTOLD: Final = text("status = 'gone' AND NOT is_told")


@dataclass(frozen=True, slots=True)
class Policy:
    """What is done about an outage: a deadline missed by more than `after` is one.

    Accounts go on spread over `spread`, `per_minute` of them in any minute at most; more than `approve_above` wait
    for a person (None: never).
    """

    after: timedelta
    spread: timedelta
    per_minute: int
    approve_above: int | None = None

    def lasts(self, accounts: int) -> int:
        """Seconds from the first turn to the last."""
        paced = accounts * 60 / self.per_minute
        return max(ceil(max(self.spread.total_seconds(), paced)), 1)

    def status(self, accounts: int) -> TurnStatus:
        """What so many accounts wait for: their turn, or a person."""
        asks = self.approve_above is not None and accounts > self.approve_above
        return TurnStatus.HELD if asks else TurnStatus.WAITING


@dataclass(frozen=True, slots=True)
class Turn:
    """Where an account stands: `status`, and when its turn is if it waits for one.

    `must_be_driven`: it was put in the queue, or it asks again; somebody has to see to it that turns are given.
    """

    status: TurnStatus
    at: datetime | None = None
    must_be_driven: bool = False


@dataclass(frozen=True, slots=True)
class Let:
    """Who goes on now and is to be told; how many are to come; when to look again (None: nobody waits)."""

    untold: list[tuple[int, str]]
    waiting: int
    held: int
    next_at: datetime | None


# ── asking


async def ask(store: Store, asked: AdmitRequest, policy: Policy, now: datetime) -> Turn:
    """An account that is behind asks for its turn. The same answer however often it asks; `now` is the wall clock."""
    if asked.late <= policy.after.total_seconds():
        return Turn(TurnStatus.GONE)
    async with store.writing() as connection:
        found = await _place_of(connection, asked, now)
        if found is None:
            await _lock(connection)
            found = await _place_of(connection, asked, now)
        is_new = found is None
        row, outage = found or await _join(connection, asked, policy, now)
        if row.status not in TO_COME:
            return Turn(TurnStatus.GONE)
        mine = and_(TURN.c.outage == row.outage, TURN.c.account == row.account)
        await connection.execute(update(TURN).where(mine).values(asked_at=now, what=asked.what))
    at = outage.turn_at(row.place) if row.status is TurnStatus.WAITING else None
    return Turn(row.status, at, is_new or row.asked_at is not None)


Found = tuple[TurnRow, OutageRow]


async def _place_of(
    connection: AsyncConnection, asked: AdmitRequest, now: datetime
) -> Found | None:
    """The account's place, if it has one in this outage."""
    query = select(TURN).where(TURN.c.account == asked.account)
    line = (await connection.execute(query.order_by(TURN.c.outage.desc()).limit(1))).first()
    if line is None:
        return None
    row = TurnRow(**line._mapping)
    outage = await _outage(connection, select(OUTAGE).where(OUTAGE.c.id == row.outage))
    assert outage is not None
    return (row, outage) if row.status in TO_COME or _belongs(asked, outage, now) else None


def _belongs(asked: AdmitRequest, outage: OutageRow, now: datetime) -> bool:
    """Whether the deadline was missed before the outage was noticed."""
    return now - timedelta(seconds=asked.late) <= outage.noticed_at


async def _outage(connection: AsyncConnection, query: Select[Any]) -> OutageRow | None:
    line = (await connection.execute(query)).first()
    return OutageRow(**line._mapping) if line is not None else None


async def _join(
    connection: AsyncConnection, asked: AdmitRequest, policy: Policy, now: datetime
) -> Found:
    """A place in the outage that is known, else in a new one."""
    newest = await _outage(connection, select(OUTAGE).order_by(OUTAGE.c.id.desc()).limit(1))
    if newest is None or not _belongs(asked, newest, now):
        newest = await _lay(connection, asked, policy, now)
        found = await _place_of(connection, asked, now)
        if found is not None:
            return found
    return await _append(connection, asked, newest, policy), newest


async def _lay(
    connection: AsyncConnection, asked: AdmitRequest, policy: Policy, now: datetime
) -> OutageRow:
    """The queue of all that are behind; an account whose clock was moved ahead gets its place when it asks."""
    waits = select(TURN.c.account).where(TURN.c.status.in_(TO_COME))
    behind = and_(
        ACCOUNT.c.next_deadline < now - policy.after,
        ACCOUNT.c.lead == 0,
        ACCOUNT.c.id.not_in(waits),
    )
    count = select(func.count(), func.min(ACCOUNT.c.next_deadline)).where(behind)
    number, oldest = (await connection.execute(count)).one()
    since = min(oldest or now, now - timedelta(seconds=asked.late))
    columns = {
        "noticed_at": now,
        "since": since,
        "accounts": number,
        "begins_at": now,
        "lasts": policy.lasts(number),
        "looked_at": now,
    }
    made = insert(OUTAGE).values(**columns).returning(*OUTAGE.c)
    outage = OutageRow(**(await connection.execute(made)).one()._mapping)
    if number:
        await connection.execute(_queue(outage, behind, policy.status(number)))
    return outage


def _queue(outage: OutageRow, behind: Any, status: TurnStatus) -> Any:
    """All places in one statement: the longest overdue first."""
    order = func.row_number().over(order_by=(ACCOUNT.c.next_deadline, ACCOUNT.c.id))
    values = {
        "outage": literal(outage.id),
        "account": ACCOUNT.c.id,
        "due_at": ACCOUNT.c.next_deadline,
        "what": literal(""),
        "place": (order - literal(1.0)) / literal(float(outage.accounts)),
        "status": literal(status, TURN.c.status.type),
        "is_told": literal(False),
        "is_absent": literal(False),
        "by": literal(""),
    }
    return insert(TURN).from_select(list(values), select(*values.values()).where(behind))


async def _append(
    connection: AsyncConnection, asked: AdmitRequest, outage: OutageRow, policy: Policy
) -> TurnRow:
    """A place for one that was not known to be behind: always the same, anywhere in the outage's time."""
    count = select(func.count()).where(TURN.c.outage == outage.id)
    number = ((await connection.execute(count)).scalar_one()) + 1
    assert outage.id is not None
    row = TurnRow(
        outage=outage.id,
        account=asked.account,
        due_at=asked.due_at,
        what=asked.what,
        place=bucket_of("turn", asked.account) / BUCKETS,
        status=policy.status(number),
    )
    await connection.execute(insert(TURN).values(**row.model_dump()))
    more = {"accounts": max(outage.accounts, number), "ended_at": None}
    await connection.execute(update(OUTAGE).where(OUTAGE.c.id == outage.id).values(**more))
    return row


async def _lock(connection: AsyncConnection) -> None:
    """Nobody else lays, gives or moves turns until the transaction ends."""
    if connection.dialect.name == "postgresql":
        key = func.hashtextextended("turns after an outage", 0)
        await connection.execute(select(func.pg_advisory_xact_lock(key)))


# ── giving turns


async def let_go(store: Store, policy: Policy, now: datetime) -> Let:
    """Give the turns that have come, as many as the pace allows. Those who were not told yet are named again."""
    async with store.writing() as connection:
        await _lock(connection)
        open_ones = select(OUTAGE).where(OUTAGE.c.ended_at.is_(None)).order_by(OUTAGE.c.id)
        outages = [OutageRow(**row._mapping) for row in await connection.execute(open_ones)]
        await _leave_out(connection, now)
        for outage in outages:
            await _go_on(connection, outage, now)
        room = min(policy.per_minute - await _gone_lately(connection, now), AT_MOST)
        for outage in outages:
            room -= await _give(connection, outage, room, now)
        found = await _left(connection, outages, room, now)
        await _end(connection, now)
        return found


async def _leave_out(connection: AsyncConnection, now: datetime) -> None:
    """Who met its deadline since by something that happened to it is behind no more (R20)."""
    due = ACCOUNT.c.next_deadline
    moved_on = or_(due.is_(None), and_(due != TURN.c.due_at, due > now))
    is_so = select(ACCOUNT.c.id).where(ACCOUNT.c.id == TURN.c.account, moved_on).exists()
    done = update(TURN).where(TURN.c.status.in_(TO_COME), is_so).values(status=TurnStatus.DONE)
    await connection.execute(done)


async def _go_on(connection: AsyncConnection, outage: OutageRow, now: datetime) -> None:
    """The time of the queue; while nobody gave turns it stood still."""
    still = now - outage.looked_at
    if still > STOOD_STILL:
        outage.begins_at += still
    outage.looked_at = now
    times = {"begins_at": outage.begins_at, "looked_at": now}
    await connection.execute(update(OUTAGE).where(OUTAGE.c.id == outage.id).values(**times))


async def _gone_lately(connection: AsyncConnection, now: datetime) -> int:
    query = select(func.count()).where(TURN.c.gone_at > now - MINUTE)
    return int((await connection.execute(query)).scalar_one())


async def _give(connection: AsyncConnection, outage: OutageRow, room: int, now: datetime) -> int:
    """Answers with how many turns were given."""
    if room <= 0:
        return 0
    mine = and_(TURN.c.outage == outage.id, TURN.c.status == TurnStatus.WAITING)
    first = (
        select(TURN.c.account)
        .where(mine, TURN.c.place <= outage.place_at(now))
        .order_by(TURN.c.place, TURN.c.account)
        .limit(room)
    )
    chosen = list((await connection.execute(first)).scalars())
    for part in (chosen[at : at + 500] for at in range(0, len(chosen), 500)):
        gone = update(TURN).where(mine, TURN.c.account.in_(part))
        await connection.execute(gone.values(status=TurnStatus.GONE, gone_at=now))
    return len(chosen)


async def _left(
    connection: AsyncConnection, outages: list[OutageRow], room: int, now: datetime
) -> Let:
    counts = select(TURN.c.status, func.count()).where(TURN.c.status.in_(TO_COME))
    found = await connection.execute(counts.group_by(TURN.c.status))
    number = {row[0]: row[1] for row in found}
    untold = select(TURN.c.outage, TURN.c.account).where(UNTOLD).order_by(TURN.c.place)
    who = [(row.outage, row.account) for row in await connection.execute(untold.limit(AT_MOST))]
    nexts = [await _next_turn(connection, outage) for outage in outages]
    next_at = min((at for at in nexts if at is not None), default=None)
    if next_at is not None and room <= 0:
        next_at = max(next_at, await _next_room(connection, now))
    waiting, held = (number.get(status, 0) for status in TO_COME)
    return Let(who, waiting, held, next_at)


async def _next_turn(connection: AsyncConnection, outage: OutageRow) -> datetime | None:
    first = select(func.min(TURN.c.place)).where(
        TURN.c.outage == outage.id, TURN.c.status == TurnStatus.WAITING
    )
    place = (await connection.execute(first)).scalar()
    return outage.turn_at(place) if place is not None else None


async def _next_room(connection: AsyncConnection, now: datetime) -> datetime:
    """When a minute will have passed since the first of those let go in the last one."""
    first = select(func.min(TURN.c.gone_at)).where(TURN.c.gone_at > now - MINUTE)
    at: datetime | None = (await connection.execute(first)).scalar()
    return (at or now) + MINUTE


async def _end(connection: AsyncConnection, now: datetime) -> None:
    to_come = select(TURN.c.outage).where(TURN.c.status.in_(TO_COME))
    over = and_(OUTAGE.c.ended_at.is_(None), OUTAGE.c.id.not_in(to_come))
    await connection.execute(update(OUTAGE).where(over).values(ended_at=now))


async def told(store: Store, outage: int, accounts: list[str], is_absent: bool = False) -> None:
    """These were told that their turn has come; `is_absent`: their workflows do not run."""
    if not accounts:
        return
    mine = and_(TURN.c.outage == outage, TURN.c.account.in_(accounts))
    async with store.writing() as connection:
        known = update(TURN).where(mine).values(is_told=True, is_absent=is_absent)
        await connection.execute(known)


# ── by hand


@dataclass(frozen=True, slots=True)
class Whom:
    """All who are to come, or those with something due in a lifecycle, or some accounts."""

    lifecycle: str = ""
    accounts: tuple[str, ...] = ()


async def release(store: Store, whom: Whom, by: str, now: datetime, at_once: bool = False) -> int:
    """Give those held their turns, spread from now on; `at_once` gives everybody meant the next one.

    Answers with how many. The pace is kept all the same.
    """
    statuses = TO_COME if at_once else (TurnStatus.HELD,)
    async with store.writing() as connection:
        await _lock(connection)
        await _leave_out(connection, now)
        open_ones = select(OUTAGE).where(OUTAGE.c.ended_at.is_(None))
        outages = [OutageRow(**row._mapping) for row in await connection.execute(open_ones)]
        number = 0
        for outage in outages:
            await _go_on(connection, outage, now)
            meant = and_(TURN.c.outage == outage.id, TURN.c.status.in_(statuses), _meant(whom, now))
            number += await _place_anew(connection, outage, meant, by, now, at_once)
        return number


async def _place_anew(
    connection: AsyncConnection,
    outage: OutageRow,
    meant: Any,
    by: str,
    now: datetime,
    at_once: bool,
) -> int:
    order = func.row_number().over(order_by=(TURN.c.place, TURN.c.account))
    found = select(TURN.c.account, (order - literal(1.0)).label("nth")).where(meant).subquery()
    number = (await connection.execute(select(func.count()).select_from(found))).scalar_one()
    base = max(outage.place_at(now), 0.0)
    step = 0.0 if at_once else 1 / max(outage.accounts, number, 1)
    anew = (
        update(TURN)
        .where(TURN.c.outage == outage.id, TURN.c.account == found.c.account)
        .values(status=TurnStatus.WAITING, place=base + found.c.nth * step, by=by)
    )
    await connection.execute(anew)
    return int(number)


async def hold(store: Store, whom: Whom, by: str, now: datetime) -> int:
    """Nobody of these goes on before a person says so. Answers with how many."""
    async with store.writing() as connection:
        await _lock(connection)
        await _leave_out(connection, now)
        meant = and_(TURN.c.status == TurnStatus.WAITING, _meant(whom, now))
        held = update(TURN).where(meant).values(status=TurnStatus.HELD, by=by)
        return int((await connection.execute(held)).rowcount)


def _meant(whom: Whom, now: datetime) -> Any:
    if whom.accounts:
        return TURN.c.account.in_(whom.accounts)
    return TURN.c.account.in_(due_in(whom.lifecycle, now)) if whom.lifecycle else literal(True)


def due_in(lifecycle: str, now: datetime) -> Select[Any]:
    """Accounts with something due in a lifecycle."""
    due = and_(AHEAD.c.lifecycle == lifecycle, AHEAD.c.at <= now)
    return select(AHEAD.c.account).where(due)
