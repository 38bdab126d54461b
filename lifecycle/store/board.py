"""The board of a lifecycle: how many accounts stand in each stage, and a page of them, longest there first (T8, T10).

Of the present only. A cancelled account has no days and is neither late nor stuck (T28, R25): it comes last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from .engine import Store
from .moment import Now
from .reading import as_it_lies, reading
from .reports.instants import present, whole_days
from .reports.spread import Spread
from .standing import ACCOUNT, exists_at
from .tables import AheadRow, FieldRow, TrackRow, table_of

TRACK: Final = table_of(TrackRow)
AHEAD: Final = table_of(AheadRow)
FIELD: Final = table_of(FieldRow)
CANCELLED: Final = "cancelled"
A_PAGE: Final = 50
MOST: Final = 500

Sql = ColumnElement[bool]
ACTIVE: Final[Sql] = or_(ACCOUNT.c.status.is_(None), ACCOUNT.c.status != CANCELLED)


class Mark(StrEnum):
    """What a card is marked with."""

    LATE = "late"
    STUCK = "stuck"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The accounts in a lifecycle that a board shows: those `only` holds of, those with the mark."""

    lifecycle: str
    moment: Now
    only: Sql | None = None
    mark: Mark | None = None


# ── the heads of the columns


@dataclass(slots=True)
class Head:
    """How many accounts are in a stage. `arr` is in whole cents; `days` are of those that have a value (T28)."""

    accounts: int = 0
    arr: int = 0
    late: int = 0
    stuck: int = 0
    days: Spread = field(default_factory=Spread)


async def heads(store: Store, wanted: Wanted) -> dict[str | None, Head]:
    """By stage, None for those in no stage (T22); stages without an account are not among them."""
    found: dict[str | None, Head] = {}
    async with reading(store) as connection:
        for row in await connection.execute(_counted(wanted)):
            head = found.setdefault(row.stage, Head())
            head.accounts += row.accounts
            head.arr += int(row.arr or 0)
            head.late += row.late
            head.stuck += row.stuck
            if row.days is not None:
                head.days.add(row.days, row.accounts)
    return found


def _counted(wanted: Wanted) -> Select[Any]:
    """All accounts once, each with its track: so those that never were in the lifecycle are counted too."""
    counted = whole_days(present(wanted.moment), TRACK.c.counting_since)
    counts = and_(TRACK.c.stage.is_not(None), ACTIVE)
    ended = TRACK.c.ended_at.is_not(None)
    days = case((and_(counts, ended), 0), (counts, counted), else_=None).label("days")
    stage = as_it_lies(TRACK.c.stage).label("stage")
    query = select(
        stage,
        days,
        func.count().label("accounts"),
        func.sum(ACCOUNT.c.arr).label("arr"),
        *(func.count(case((_marked(mark), 1))).label(mark.value) for mark in Mark),
    )
    mine = and_(TRACK.c.account == ACCOUNT.c.id, TRACK.c.lifecycle == wanted.lifecycle)
    rows = ACCOUNT.outerjoin(TRACK, mine)
    return query.select_from(rows).where(*_asked(wanted)).group_by(stage, days)


def _marked(mark: Mark) -> Sql:
    flag: Sql = TRACK.c[mark.value]
    return and_(flag, ACTIVE)


def _asked(wanted: Wanted) -> list[Sql]:
    parts = [exists_at(wanted.moment)]
    if wanted.only is not None:
        parts.append(wanted.only)
    if wanted.mark is not None:
        parts.append(_marked(wanted.mark))
    return parts


# ── the cards


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a column: whether the account is cancelled, since when it counts, whose card it is.

    As text cursors have the order of the cards.
    """

    cancelled: bool
    since: datetime | None
    account: str

    @property
    def text(self) -> str:
        """`0 2026-01-31T09:00:00.000000 acme`, in UTC."""
        at = self.since.astimezone(UTC).replace(tzinfo=None) if self.since else None
        return f"{int(self.cancelled)} {at.isoformat(timespec='microseconds') if at else ''} {self.account}"

    @classmethod
    def read(cls, text: str) -> Cursor:
        """Of `text`. Raises `ValueError`."""
        cancelled, since, account = text.split(" ", 2)
        at = datetime.fromisoformat(since).replace(tzinfo=UTC) if since else None
        return cls(bool(int(cancelled)), at, account)


@dataclass(frozen=True, slots=True)
class Ahead:
    """What happens next to an account in the lifecycle, or a CTA that falls due."""

    at: datetime
    kind: str
    stage: str | None
    what: str


@dataclass(slots=True)
class Card:
    """An account on the board. `lead` is its clock's, in seconds; `latest` is its newest entry, `revision` that of
    its last move here (R18).

    `ended_at` is set on an end stage, where no days count (R10). `late`, `stuck` are false while cancelled.
    """

    account: str
    name: str
    csm: str | None
    arr: int | None
    cancelled: bool
    hold_until: datetime | None
    health: str | None
    health_score: int | None
    time_zone: str | None
    lead: int
    latest: int
    stage: str | None
    counting_since: datetime | None
    ended_at: datetime | None
    late: bool
    stuck: bool
    version: int | None
    revision: int
    ahead: Ahead | None = None

    @property
    def cursor(self) -> Cursor:
        """Asks for the cards behind this one."""
        is_last = self.cancelled and self.stage is not None
        return Cursor(is_last, self.counting_since, self.account)


@dataclass(slots=True)
class Page:
    """Part of a column; `after` asks for the next part, None when this is the last."""

    cards: list[Card] = field(default_factory=list)
    after: Cursor | None = None


async def pages(
    store: Store, wanted: Wanted, stages: Iterable[str | None], limit: int = A_PAGE
) -> dict[str | None, Page]:
    """The first page of each of these columns."""
    async with reading(store) as connection:
        found = {one: await _page(connection, wanted, one, None, limit) for one in stages}
        await _look_ahead(
            connection, wanted.lifecycle, [card for page in found.values() for card in page.cards]
        )
    return found


async def page(
    store: Store, wanted: Wanted, stage: str | None, after: Cursor | None, limit: int = A_PAGE
) -> Page:
    """The cards of a column behind one of them: the longest in the stage first, the id last.

    Those in no stage come by id.
    """
    async with reading(store) as connection:
        found = await _page(connection, wanted, stage, after, limit)
        await _look_ahead(connection, wanted.lifecycle, found.cards)
    return found


async def some(store: Store, wanted: Wanted, accounts: Sequence[str]) -> dict[str, Card]:
    """The cards of these accounts, in whatever stage; those the board does not show are not among them."""
    query = _cards(wanted).where(ACCOUNT.c.id.in_(accounts)).order_by(ACCOUNT.c.id).limit(MOST)
    async with reading(store) as connection:
        found = [_card(row) for row in await connection.execute(query)]
        await _look_ahead(connection, wanted.lifecycle, found)
    return {card.account: card for card in found}


async def _page(
    connection: AsyncConnection,
    wanted: Wanted,
    stage: str | None,
    after: Cursor | None,
    limit: int,
) -> Page:
    limit = max(1, min(limit, MOST))
    cards: list[Card] = []
    for cancelled in _parts(stage, after):
        query = _behind(_column(wanted, stage, cancelled), stage, after, cancelled)
        rows = await connection.execute(query.limit(limit + 1 - len(cards)))
        cards += [_card(row) for row in rows]
        if len(cards) > limit:
            return Page(cards[:limit], cards[limit - 1].cursor)
    return Page(cards)


def _parts(stage: str | None, after: Cursor | None) -> list[bool | None]:
    """A column in the parts that an index holds in order: the active, then the cancelled; of none, all by id."""
    if stage is None:
        return [None]
    return [True] if after is not None and after.cancelled else [False, True]


def _column(wanted: Wanted, stage: str | None, cancelled: bool | None) -> Select[Any]:
    query = _cards(wanted)
    if stage is None:
        return query.where(TRACK.c.stage.is_(None)).order_by(ACCOUNT.c.id)
    part = ACCOUNT.c.status == CANCELLED if cancelled else ACTIVE
    in_stage = [TRACK.c.lifecycle == wanted.lifecycle, TRACK.c.stage == stage, part]
    return query.where(*in_stage).order_by(TRACK.c.counting_since, TRACK.c.account)


def _behind(
    query: Select[Any], stage: str | None, after: Cursor | None, cancelled: bool | None
) -> Select[Any]:
    if after is None or (cancelled and not after.cancelled):
        return query
    if stage is None:
        return query.where(ACCOUNT.c.id > after.account)
    last = tuple_(after.since, after.account)
    return query.where(tuple_(TRACK.c.counting_since, TRACK.c.account) > last)


_OF_ACCOUNT: Final = (
    "name", "csm", "arr", "status", "hold_until", "health", "health_score", "time_zone", "lead",
)  # fmt: skip
_OF_TRACK: Final = (
    "stage", "counting_since", "ended_at", "late", "stuck", "version", "revision",
)  # fmt: skip


def _cards(wanted: Wanted) -> Select[Any]:
    of_account = [ACCOUNT.c[name] for name in ("id", *_OF_ACCOUNT)]
    mine = and_(TRACK.c.account == ACCOUNT.c.id, TRACK.c.lifecycle == wanted.lifecycle)
    latest = ACCOUNT.c.revision.label("latest")
    query = select(*of_account, latest, *(TRACK.c[name] for name in _OF_TRACK))
    return query.select_from(ACCOUNT.outerjoin(TRACK, mine)).where(*_asked(wanted))


def _card(row: Any) -> Card:
    found = row._asdict()
    account, status = found.pop("id"), found.pop("status")
    found["name"] = found["name"] or account
    found["revision"] = found["revision"] or 0
    marks = {mark.value: bool(found[mark.value]) and status != CANCELLED for mark in Mark}
    return Card(account, cancelled=status == CANCELLED, **{**found, **marks})


# ── whose accounts


async def values(store: Store, name: str, most: int = MOST) -> list[str]:
    """The texts that accounts have in a field, in order: from one to the next along the index, whoever has them."""
    mine = FIELD.c.name == name
    first = select(func.min(FIELD.c.head).label("head")).where(mine)
    heads = first.cte("heads", recursive=True)
    further = select(func.min(FIELD.c.head)).where(mine, FIELD.c.head > heads.c.head)
    heads = heads.union_all(
        select(further.correlate(heads).scalar_subquery()).where(heads.c.head.is_not(None))
    )
    text = select(FIELD.c.text).where(mine, FIELD.c.head == heads.c.head)
    text = text.order_by(FIELD.c.account).limit(1)
    query = select(text.correlate(heads).scalar_subquery()).where(heads.c.head.is_not(None))
    async with reading(store) as connection:
        return list((await connection.execute(query.limit(most))).scalars())


# ── what happens next


async def _look_ahead(connection: AsyncConnection, lifecycle: str, cards: Sequence[Card]) -> None:
    """The first thing that is foretold of each, in this lifecycle or of its CTAs (N4)."""
    first = (
        select(AHEAD.c.account, func.min(AHEAD.c.position).label("position"))
        .where(AHEAD.c.account.in_([card.account for card in cards]), AHEAD.c.kind.in_(_SHOWN))
        .where(AHEAD.c.lifecycle.in_(("", lifecycle)))
        .group_by(AHEAD.c.account)
        .subquery()
    )
    same = and_(AHEAD.c.account == first.c.account, AHEAD.c.position == first.c.position)
    query = select(AHEAD.c.account, AHEAD.c.at, AHEAD.c.kind, AHEAD.c.stage, AHEAD.c.what)
    found = {
        account: Ahead(*told)
        for account, *told in await connection.execute(query.select_from(first.join(AHEAD, same)))
    }
    for card in cards:
        card.ahead = found.get(card.account)


_SHOWN: Final = ("move", "late", "stuck", "cta")
