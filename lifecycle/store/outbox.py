"""The outbox as a page shows it: deliveries of every account, the latest first, without what they say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, or_, select

from .engine import Store
from .reading import reading
from .tables import AccountRow, EffectKind, EffectRow, EffectStatus, table_of

EFFECT: Final = table_of(EffectRow)
ACCOUNT: Final = table_of(AccountRow)
WAITING: Final = (EffectStatus.DUE, EffectStatus.SENDING)
FEW: Final = (*WAITING, EffectStatus.FAILED)
"""Statuses that little is in: counted on every page."""


class Line(NamedTuple):
    """A delivery of the list. `roles` are those it is for (a webhook's target), `recipients` who that was."""

    id: str
    account: str
    name: str | None
    status: EffectStatus
    template: str
    subject: str | None
    roles: list[str]
    recipients: list[str] | None
    due_at: datetime
    finished_at: datetime | None
    last_error: str | None
    campaign: str | None
    attempts: int
    generation: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deliveries: of these statuses (none: all). `search` is in a subject or an address, in any case.

    `before` is (`due_at`, `id`) of the last one of the page before.
    """

    kind: EffectKind = EffectKind.MAIL
    statuses: Sequence[EffectStatus] = ()
    account: str = ""
    template: str = ""
    campaign: str = ""
    search: str = ""
    before: tuple[datetime, str] | None = None
    limit: int = 50


async def outbox(store: Store, wanted: Wanted) -> list[Line]:
    """A page of them. Each status is asked for alone, for each lies in its order in an index."""
    statuses = wanted.statuses or tuple(EffectStatus)
    async with reading(store) as connection:
        found = [
            [Line(*row) for row in await connection.execute(_lines(wanted, status, _id(store)))]
            for status in statuses
        ]
    return list(islice(_newest_first(found), wanted.limit))


def _newest_first(found: Iterable[list[Line]]) -> Iterator[Line]:
    return merge(*found, key=lambda line: (line.due_at, line.id), reverse=True)


def _id(store: Store) -> ColumnElement[str]:
    """The id as it is compared here: PostgreSQL would order it by a language."""
    return EFFECT.c.id.collate("C") if store.is_postgresql else EFFECT.c.id


def _lines(wanted: Wanted, status: EffectStatus, id_: ColumnElement[str]) -> Select[Any]:
    names = ("subject", "roles", "recipients", "due_at", "finished_at", "last_error", "campaign")
    return (
        select(EFFECT.c.id, EFFECT.c.account, ACCOUNT.c.name, EFFECT.c.status, EFFECT.c.name)
        .add_columns(*(EFFECT.c[name] for name in (*names, "attempts", "generation")))
        .select_from(EFFECT.join(ACCOUNT, ACCOUNT.c.id == EFFECT.c.account))
        .where(EFFECT.c.status == status, EFFECT.c.kind == wanted.kind, *_asked(wanted, id_))
        .order_by(EFFECT.c.due_at.desc(), id_.desc())
        .limit(wanted.limit)
    )


def _asked(wanted: Wanted, id_: ColumnElement[str]) -> Iterator[ColumnElement[bool]]:
    of = {"account": wanted.account, "name": wanted.template, "campaign": wanted.campaign}
    yield from (EFFECT.c[name] == value for name, value in of.items() if value)
    if wanted.search:
        text = wanted.search.casefold()
        places = (EFFECT.c.subject, cast(EFFECT.c.recipients, String))
        yield or_(*(func.lower(place).contains(text, autoescape=True) for place in places))
    if wanted.before is not None:
        at, effect = wanted.before
        same = and_(EFFECT.c.due_at == at, id_ < effect)
        yield or_(EFFECT.c.due_at < at, same)


async def to_look_at(store: Store, kind: EffectKind) -> dict[EffectStatus, int]:
    """How many wait, are on their way, and failed: none of these is large while all is well."""
    query = (
        select(EFFECT.c.status, func.count())
        .where(EFFECT.c.status.in_(FEW), EFFECT.c.kind == kind)
        .group_by(EFFECT.c.status)
    )
    async with reading(store) as connection:
        return {EffectStatus(status): number for status, number in await connection.execute(query)}
