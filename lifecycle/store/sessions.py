"""People who signed in: the link that lets one in once, and the session it begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col, select

from lifecycle.roles import Role

from .audit import Deed, note
from .door_tables import SessionRow, SignInLinkRow
from .engine import Store
from .tables import table_of

SESSIONS: Final = table_of(SessionRow)
LINKS: Final = table_of(SignInLinkRow)
SEEN_TO: Final = timedelta(minutes=5)
"""How exact `seen_at` is: one write in five minutes, not one per page."""
KEPT: Final = timedelta(days=7)
"""How long what is over is kept; the audit is what remains."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who signs in, under the name their commands carry."""

    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Lasting:
    """How long a session lasts unseen, and how long at all."""

    idle: timedelta
    longest: timedelta


# ── links


async def keep_link(
    store: Store, digest: str, person: Person, expires_at: datetime, actor: str, now: datetime
) -> None:
    """Keep a link that lets `person` in once; those that are over are thrown away."""
    row = {"digest": digest, "name": person.name, "role": person.role, "expires_at": expires_at}
    async with store.writing() as connection:
        await connection.execute(delete(LINKS).where(LINKS.c.expires_at < now - KEPT))
        await connection.execute(insert(LINKS).values(**row))
        await note(connection, now, Deed.LINK_MADE, actor, person.role, person.name)


async def link_of(store: Store, digest: str, now: datetime) -> Person | None:
    """Whom a link would let in; looking does not use it."""
    query = select(SignInLinkRow).where(
        SignInLinkRow.digest == digest,
        col(SignInLinkRow.used_at).is_(None),
        col(SignInLinkRow.expires_at) > now,
    )
    async with store.reading() as session:
        row = (await session.exec(query)).one_or_none()
    return Person(row.name, row.role) if row else None


async def sign_in_by_link(
    store: Store, link: str, digest: str, lasting: Lasting, now: datetime
) -> Person | None:
    """Use the link and begin the session `digest`. None: used before, expired, or none of ours."""
    used = (
        update(LINKS)
        .where(LINKS.c.digest == link, LINKS.c.used_at.is_(None), LINKS.c.expires_at > now)
        .values(used_at=now)
        .returning(LINKS.c.name, LINKS.c.role)
    )
    async with store.writing() as connection:
        found = (await connection.execute(used)).one_or_none()
        if found is None:
            await note(connection, now, Deed.REFUSED, "", "", "link used, expired or unknown")
            return None
        person = Person(found.name, found.role)
        await _begin(connection, digest, person, lasting, now, "link")
        return person


# ── sessions


async def begin_session(
    store: Store, digest: str, person: Person, lasting: Lasting, now: datetime, by: str
) -> None:
    """Let a person in whom somebody else vouches for; `by` says who."""
    async with store.writing() as connection:
        await _begin(connection, digest, person, lasting, now, by)


async def _begin(
    connection: AsyncConnection,
    digest: str,
    person: Person,
    lasting: Lasting,
    now: datetime,
    by: str,
) -> None:
    await connection.execute(delete(SESSIONS).where(SESSIONS.c.ends_at < now - KEPT))
    times = {"begun_at": now, "seen_at": now, "ends_at": now + lasting.idle}
    row = {"digest": digest, "name": person.name, "role": person.role, **times}
    await connection.execute(insert(SESSIONS).values(**row))
    await note(connection, now, Deed.SIGNED_IN, person.name, person.role, by)


async def session_of(
    store: Store, digest: str, lasting: Lasting, now: datetime
) -> SessionRow | None:
    """The session if it goes on; being seen makes it last longer, to its longest at most."""
    query = select(SessionRow).where(
        SessionRow.digest == digest,
        col(SessionRow.ended_at).is_(None),
        col(SessionRow.ends_at) > now,
    )
    async with store.reading() as session:
        row = (await session.exec(query)).one_or_none()
    if row is None or now >= row.begun_at + lasting.longest:
        return None
    if now - row.seen_at >= SEEN_TO:
        await _seen(store, row, lasting, now)
    return row


async def _seen(store: Store, row: SessionRow, lasting: Lasting, now: datetime) -> None:
    ends = min(now + lasting.idle, row.begun_at + lasting.longest)
    async with store.writing() as connection:
        seen = update(SESSIONS).where(SESSIONS.c.digest == row.digest)
        await connection.execute(seen.values(seen_at=now, ends_at=ends))


async def end_session(store: Store, digest: str, now: datetime) -> None:
    """Sign out. Doing it again changes nothing."""
    ended = (
        update(SESSIONS)
        .where(SESSIONS.c.digest == digest, SESSIONS.c.ended_at.is_(None))
        .values(ended_at=now)
        .returning(SESSIONS.c.name, SESSIONS.c.role)
    )
    async with store.writing() as connection:
        found = (await connection.execute(ended)).one_or_none()
        if found is not None:
            await note(connection, now, Deed.SIGNED_OUT, found.name, found.role, "")


async def sessions(store: Store, now: datetime) -> list[SessionRow]:
    """Who is signed in, those seen last first."""
    query = (
        select(SessionRow)
        .where(col(SessionRow.ended_at).is_(None), col(SessionRow.ends_at) > now)
        .order_by(col(SessionRow.seen_at).desc(), col(SessionRow.digest))
    )
    async with store.reading() as session:
        return list((await session.exec(query)).all())


async def shut_out(store: Store, name: str, actor: str, now: datetime) -> int:
    """End a person's sessions and links at once; answers with how many there were."""
    open_ = (SESSIONS.c.name == name, SESSIONS.c.ended_at.is_(None), SESSIONS.c.ends_at > now)
    ended = update(SESSIONS).where(*open_).values(ended_at=now).returning(SESSIONS.c.digest)
    unused = (LINKS.c.name == name, LINKS.c.used_at.is_(None), LINKS.c.expires_at > now)
    voided = update(LINKS).where(*unused).values(expires_at=now).returning(LINKS.c.digest)
    async with store.writing() as connection:
        found = [len((await connection.execute(one)).all()) for one in (ended, voided)]
        if sum(found):
            await note(connection, now, Deed.SHUT_OUT, actor, "", name)
    return sum(found)
