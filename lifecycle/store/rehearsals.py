"""Rehearsals as they are kept: begun, added to slice by slice, ended, found again by what the draft says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, delete, func, insert, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import select as rows_of

from .engine import Store
from .rehearsal_tables import RehearsalAccountRow, RehearsalRow, RehearsalStatus
from .tables import table_of

REHEARSAL: Final = table_of(RehearsalRow)
ACCOUNT: Final = table_of(RehearsalAccountRow)
KEPT: Final = 3
"""Of each part so many rehearsals are kept; older ones that are over go when another begins."""
SILENCE: Final = timedelta(seconds=30)
"""One that says it runs and was not seen for so long does not."""
KINDS: Final = ("stage", "dates", "mail", "cta")


async def begin(store: Store, row: RehearsalRow) -> None:
    """Keep a rehearsal that begins, and throw the oldest of the same part away."""
    async with store.writing() as connection:
        await connection.execute(insert(REHEARSAL), row.model_dump())
        await _forget(connection, row)


async def _forget(connection: AsyncConnection, new: RehearsalRow) -> None:
    going = and_(
        REHEARSAL.c.status == RehearsalStatus.RUNNING, REHEARSAL.c.seen_at > new.began_at - SILENCE
    )
    old = (
        select(REHEARSAL.c.id)
        .where(REHEARSAL.c.part == new.part, REHEARSAL.c.id != new.id, not_(going))
        .order_by(REHEARSAL.c.began_at.desc(), REHEARSAL.c.id.desc())
    )
    if gone := list((await connection.execute(old)).scalars())[KEPT - 1 :]:
        await connection.execute(delete(ACCOUNT).where(ACCOUNT.c.rehearsal.in_(gone)))
        await connection.execute(delete(REHEARSAL).where(REHEARSAL.c.id.in_(gone)))


async def add(
    store: Store, rehearsal: str, done: int, rows: Sequence[dict[str, Any]], now: datetime
) -> None:
    """Keep what some more accounts came to, and that it goes on."""
    async with store.writing() as connection:
        if rows:
            await connection.execute(insert(ACCOUNT), list(rows))
        await connection.execute(_update(rehearsal, done=done, seen_at=now))


async def end(
    store: Store,
    rehearsal: str,
    status: RehearsalStatus,
    now: datetime,
    totals: Any = None,
    said: str = "",
) -> None:
    """It is over: with its totals, or with why it failed."""
    async with store.writing() as connection:
        values = {"status": status, "ended_at": now, "seen_at": now, "totals": totals, "said": said}
        await connection.execute(_update(rehearsal, **values))


def _update(rehearsal: str, **values: Any) -> Any:
    return update(REHEARSAL).where(REHEARSAL.c.id == rehearsal).values(**values)


# ── looking


async def rehearsal(store: Store, name: str) -> RehearsalRow | None:
    """One of them."""
    async with store.reading() as session:
        return await session.get(RehearsalRow, name)


async def latest(
    store: Store, part: str | None = None, digest: str | None = None, done: bool = False
) -> RehearsalRow | None:
    """The one that began last: of a part, of a draft, of those that are done."""
    found = await rehearsals(store, 1, part, digest, done)
    return found[0] if found else None


async def rehearsals(
    store: Store,
    limit: int,
    part: str | None = None,
    digest: str | None = None,
    done: bool = False,
) -> list[RehearsalRow]:
    """The newest first."""
    conditions = [] if part is None else [REHEARSAL.c.part == part]
    conditions += [] if digest is None else [REHEARSAL.c.digest == digest]
    conditions += [REHEARSAL.c.status == RehearsalStatus.DONE] if done else []
    query = rows_of(RehearsalRow).where(*conditions)
    newest = query.order_by(REHEARSAL.c.began_at.desc(), REHEARSAL.c.id.desc()).limit(limit)
    async with store.reading() as session:
        return list((await session.exec(newest)).all())


def is_going(row: RehearsalRow, now: datetime) -> bool:
    """Whether somebody still works on it."""
    return row.status is RehearsalStatus.RUNNING and row.seen_at > now - SILENCE


@dataclass(frozen=True, slots=True)
class Page:
    """Accounts in another stage today first, then by name; `after` asks for the next ones, None: there are none."""

    rows: list[RehearsalAccountRow]
    after: str | None = None


async def accounts(
    store: Store, rehearsal: str, kind: str | None = None, limit: int = 50, after: str | None = None
) -> Page:
    """Those that differ, by what (`KINDS`; None: by anything), behind the account `after`."""
    mine = [ACCOUNT.c.rehearsal == rehearsal, *_of_kind(kind)]
    async with store.reading() as session:
        if after is not None:
            last = await session.get(RehearsalAccountRow, (rehearsal, after))
            mine += [_behind(last)] if last else []
        query = (
            rows_of(RehearsalAccountRow)
            .where(*mine)
            .order_by(ACCOUNT.c.in_stage.desc(), ACCOUNT.c.name, ACCOUNT.c.account)
            .limit(limit + 1)
        )
        rows = list((await session.exec(query)).all())
    return Page(rows[:limit], rows[limit - 1].account if len(rows) > limit else None)


def _of_kind(kind: str | None) -> list[ColumnElement[bool]]:
    return [ACCOUNT.c[f"in_{kind}"].is_(True)] if kind is not None else []


def _behind(last: RehearsalAccountRow) -> ColumnElement[bool]:
    name, account = ACCOUNT.c.name, ACCOUNT.c.account
    later = or_(name > last.name, and_(name == last.name, account > last.account))
    if last.in_stage:
        return or_(ACCOUNT.c.in_stage.is_(False), later)
    return and_(ACCOUNT.c.in_stage.is_(False), later)


async def one_account(store: Store, rehearsal: str, account: str) -> RehearsalAccountRow | None:
    """How one account differs; None: it does not."""
    async with store.reading() as session:
        return await session.get(RehearsalAccountRow, (rehearsal, account))


async def how_many(store: Store, rehearsal: str) -> int:
    """The accounts that differ so far."""
    query = select(func.count()).select_from(ACCOUNT).where(ACCOUNT.c.rehearsal == rehearsal)
    async with store.connected() as connection:
        return int((await connection.execute(query)).scalar_one())
