"""Whether a mail may go to a contact now: suppression, frequency cap, quiet hours (`ContactRules`).

One answer for an automation's mail and a campaign's. `verdict` only looks; `take` also takes a place under the
cap, in the same transaction, so that two workers cannot both take the last one. `give_back` returns it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from lifecycle.core.durations import add
from lifecycle.core.model import Directory
from lifecycle.core.quiet import quiet_end

from .engine import Store
from .keyed import spellings
from .statements import put
from .suppression import folded, lock, suppressed
from .tables import AccountRow, ContactMailRow, EffectRow, SuppressedRow, table_of

MAIL: Final = table_of(ContactMailRow)
EFFECT: Final = table_of(EffectRow)
ACCOUNT: Final = table_of(AccountRow)


@dataclass(frozen=True, slots=True)
class Send:
    """Go ahead. `number` is this contact's number among those of the delivery (0 while nothing was taken)."""

    number: int = 0


@dataclass(frozen=True, slots=True)
class Wait:
    """Not before `until` (UTC)."""

    until: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Skip:
    """Not at all."""

    why: str


Verdict = Send | Wait | Skip


@dataclass(frozen=True, slots=True)
class Reader:
    """A contact as an address, and the time zone of its account."""

    address: str
    zone: ZoneInfo


def key_of(effect: EffectRow) -> str:
    """What a delivery is kept under: the one it was sent by hand once more counts beside the first."""
    return effect.id if effect.generation == 1 else f"{effect.id}#{effect.generation}"


async def verdict(
    store: Store,
    directory: Directory,
    reader: Reader,
    now: datetime,
    also: Iterable[datetime] = (),
) -> Verdict:
    """What would become of a mail to `reader` at `now` (the wall clock), for previews. Nothing is taken.

    `also` are mails that would have gone to them by then.
    """
    async with store.engine.connect() as connection:
        address = folded(reader.address)
        if refusal := await _kept_out(connection, address):
            return refusal
        sent = await _newest(connection, directory, reader, "")
        return _ruled(directory, reader, sorted([*sent, *also], reverse=True), now)


async def take(
    store: Store, directory: Directory, reader: Reader, effect: EffectRow, now: datetime
) -> Verdict:
    """Ask, and take a place under the cap when the answer is `Send`. `now` is the wall clock.

    What a person sends by hand once more skips cap and quiet hours, never a suppression.
    """
    address, key = folded(reader.address), key_of(effect)
    async with store.writing() as connection:
        await lock(connection, address)
        if refusal := await _kept_out(connection, address):
            return refusal
        if effect.resent_by is None:
            sent = await _newest(connection, directory, reader, key)
            ruled = _ruled(directory, reader, sent, now)
            if not isinstance(ruled, Send):
                return ruled
        return Send(await _write(connection, address, key, now))


async def give_back(store: Store, effect: EffectRow, address: str) -> None:
    """The mail did not go: its place under the cap is free again."""
    mine = (MAIL.c.effect == key_of(effect), MAIL.c.address == folded(address))
    async with store.writing() as connection:
        await connection.execute(update(MAIL).where(*mine).values(sent_at=None))


async def number_of(store: Store, effect: EffectRow, address: str) -> int:
    """The number of a contact who has the mail already."""
    mine = (MAIL.c.effect == key_of(effect), MAIL.c.address == folded(address))
    async with store.engine.connect() as connection:
        found = (await connection.execute(select(MAIL.c.number).where(*mine))).scalar_one_or_none()
        return int(found or 0)


@dataclass(frozen=True, slots=True)
class Contact:
    """Who got a mail: the (folded) address, the company's name where it is known, and the delivery's id."""

    address: str
    company: str | None
    mail: str


async def contact_of(store: Store, key: str, number: int) -> Contact | None:
    """Whom an unsubscribe link names by a delivery's key and the number of its reader."""
    same = or_(EFFECT.c.id == MAIL.c.effect, EFFECT.c.id == _first_of(key))
    query = (
        select(MAIL.c.address, EFFECT.c.id, ACCOUNT.c.name)
        .select_from(MAIL)
        .outerjoin(EFFECT, same)
        .outerjoin(ACCOUNT, ACCOUNT.c.id == EFFECT.c.account)
        .where(MAIL.c.effect == key, MAIL.c.number == number)
        .limit(1)
    )
    async with store.engine.connect() as connection:
        found = (await connection.execute(query)).one_or_none()
    return Contact(found.address, found.name, found.id or key) if found else None


def _first_of(key: str) -> str:
    """The delivery's id in the key of a mail that was sent once more."""
    return key.rpartition("#")[0] or key


# ── the rules


async def _kept_out(connection: AsyncConnection, address: str) -> Skip | None:
    row = await suppressed(connection, address)
    return Skip(_why(row)) if row else None


def _why(row: SuppressedRow) -> str:
    if row.effect is not None:
        return f"unsubscribed on {_day(row.at)} ({row.address})"
    return f"suppressed by {row.actor} on {_day(row.at)}: {row.why} ({row.address})"


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"


def _ruled(
    directory: Directory, reader: Reader, sent: Sequence[datetime], now: datetime
) -> Verdict:
    """The cap before the quiet hours: what is skipped anyway need not wait for the morning. `sent`: newest first."""
    if full := _capped(directory, reader, sent, now):
        return full
    end = quiet_end(directory.contact_rules, reader.zone, now)
    if end is None:
        return Send()
    local = end.astimezone(reader.zone)
    return Wait(end, f"quiet hours until {local:%H:%M} ({reader.zone.key})")


async def _newest(
    connection: AsyncConnection, directory: Directory, reader: Reader, key: str
) -> list[datetime]:
    """When the newest mails to an address went, as many as the cap counts; those of `key` apart."""
    most = directory.contact_rules.most
    if most is None or directory.contact_rules.within is None:
        return []
    newest = (
        select(MAIL.c.sent_at)
        .where(MAIL.c.address.in_(spellings(connection, folded(reader.address))))
        .where(MAIL.c.effect != key)
        .where(MAIL.c.sent_at.is_not(None))
        .order_by(MAIL.c.sent_at.desc())
        .limit(most)
    )
    return list((await connection.execute(newest)).scalars())


def _capped(
    directory: Directory, reader: Reader, sent: Sequence[datetime], now: datetime
) -> Skip | None:
    """Of the newest mails only the oldest that still fits matters: when it is out of the time, there is room."""
    most, within = directory.contact_rules.most, directory.contact_rules.within
    if most is None or within is None or len(sent) < most:
        return None
    free = add(sent[most - 1], within, directory.calendar, reader.zone)
    if free <= now:
        return None
    reached = f"{most} mail{'' if most == 1 else 's'} in {within} reached"
    next_ = free.astimezone(reader.zone)
    return Skip(
        f"frequency cap ({reader.address}): {reached};"
        f" the next is possible from {_day(next_)}, {next_:%H:%M}"
    )


# ── places


async def _write(connection: AsyncConnection, address: str, key: str, now: datetime) -> int:
    """The number: the one it has already, else the next; a number once sent out stays its address's."""
    mine = select(MAIL.c.number).where(MAIL.c.effect == key, MAIL.c.address == address)
    number = (await connection.execute(mine)).scalar_one_or_none()
    if number is None:
        last = select(func.max(MAIL.c.number)).where(MAIL.c.effect == key)
        highest = (await connection.execute(last)).scalar_one_or_none()
        number = 0 if highest is None else highest + 1
    row = {"address": address, "effect": key, "number": number, "sent_at": now}
    statement = put(connection.dialect.name, MAIL, tuple(row), ())
    await connection.execute(statement, row)
    return int(number)
