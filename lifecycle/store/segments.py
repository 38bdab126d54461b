"""The accounts of a segment: a page of them, sorted; how many; and how many only because they have no value (R17).

Of the present and of the past alike: where an account stood and what its fields were come from what counts then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    and_,
    case,
    false,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from lifecycle.core import conditions as c
from lifecycle.core.evolve import copy_state
from lifecycle.core.model import Segment
from lifecycle.core.values import Value

from .ahead import foretold
from .at_hand import FIELD, TRACK
from .columns import Instant
from .definitions import book_for
from .engine import Store
from .folded import states_at
from .moment import ACCOUNT, AsOf, Moment, Now
from .reading import reading
from .standing import FIELD_CHANGE, VISIT, counts_at, field_at, stands_at
from .tables import AheadRow, table_of
from .where import Sql, where

AHEAD: Final = table_of(AheadRow)
MORE: Final = "more"
"""The kind of the row after which nothing was foretold."""
MOST: Final = 500


@dataclass(frozen=True, slots=True)
class Sort:
    """By a field (`by`), by the id (`by` is `id`), or by the days in the present stage of `lifecycle`.

    `column` is the one of `account_field` that holds the field's values. `down`: the highest first. Those without
    a value come last, whichever way; accounts that are alike come by id.
    """

    by: str = "id"
    down: bool = False
    lifecycle: str | None = None
    column: str = "folded"

    @property
    def turned(self) -> bool:
        """Whether keys fall. The key of days is when they began: the most days have the lowest."""
        return self.down is (self.lifecycle is None)


@dataclass(frozen=True, slots=True)
class Stands:
    """Where an account stands in a lifecycle. `ends`: it is an end stage, whose days do not count (R10)."""

    stage: str | None
    entered_at: datetime | None
    counting_since: datetime | None
    ends: bool
    late: bool = False
    stuck: bool = False


@dataclass(frozen=True, slots=True)
class Ahead:
    """What happens next to an account if nothing else does: see `AheadRow` (N4)."""

    at: datetime
    kind: str
    lifecycle: str
    stage: str | None


@dataclass(slots=True)
class Member:
    """An account of a segment, with the fields and lifecycles that were wanted. `lead` is its clock's, in seconds.

    `ahead` is what was foretold at the moment that was asked for.
    """

    account: str
    lead: int = 0
    fields: dict[str, Value] = field(default_factory=dict)
    stages: dict[str, Stands] = field(default_factory=dict)
    hold_until: datetime | None = None
    ahead: Ahead | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which accounts (`condition`; None: all), at which moment, and what of them.

    `segments` are the book's. `after` is the last account of the page before. `also` is asked of a row of `account`
    beside the condition. `ahead`: what happens next is wanted too.
    """

    condition: c.Condition | None
    moment: Moment
    segments: Mapping[str, Segment]
    fields: Sequence[str] = ()
    lifecycles: Sequence[str] = ()
    sort: Sort = Sort()
    after: str | None = None
    limit: int = 50
    also: Sql | None = None
    ahead: bool = False

    @property
    def only(self) -> Sql:
        """As a filter of a select over `account`."""
        asked = where(self.condition, self.moment, self.segments)
        return asked if self.also is None else and_(asked, self.also)


@dataclass(slots=True)
class Page:
    """Part of the accounts; `after` asks for the next part, None when this is the last."""

    members: list[Member]
    after: str | None = None


async def page(store: Store, wanted: Wanted) -> Page:
    """Accounts in the order that was wanted, at most `MOST`."""
    limit = max(1, min(wanted.limit, MOST))
    async with reading(store) as connection:
        query = await _query(connection, wanted)
        found = (await connection.execute(query.limit(limit + 1))).all()
        members = [Member(row.id, row.lead, hold_until=_held(wanted, row)) for row in found[:limit]]
        if members:
            await _fill(connection, wanted, {one.account: one for one in members})
    if wanted.ahead and not isinstance(wanted.moment, Now):
        await _foretold_then(store, wanted.moment, members)
    return Page(members, members[-1].account if len(found) > limit else None)


def _held(wanted: Wanted, row: Any) -> datetime | None:
    held: datetime | None = row.hold_until
    return held if isinstance(wanted.moment, Now) else None


# ── the order


async def _query(connection: AsyncConnection, wanted: Wanted) -> Select[Any]:
    key, rows = _key(wanted.sort, wanted.moment)
    query = select(ACCOUNT.c.id, ACCOUNT.c.lead, ACCOUNT.c.hold_until).select_from(rows)
    if wanted.after is not None:
        before = select(key).select_from(rows).where(ACCOUNT.c.id == wanted.after)
        last = (await connection.execute(before)).scalar_one_or_none()
        query = query.where(_behind(key, wanted.sort.turned, last, wanted.after))
    query = query.where(wanted.only)
    ordered = key.desc() if wanted.sort.turned else key
    if wanted.sort.by == "id" and wanted.sort.lifecycle is None:
        return query.order_by(ordered)
    return query.order_by(key.is_(None), ordered, ACCOUNT.c.id)


def _behind(key: ColumnElement[Any], turned: bool, last: Any, account: str) -> Sql:
    """The accounts behind the last one of the page before."""
    later = ACCOUNT.c.id > account
    if last is None:
        return and_(key.is_(None), later)
    further = key < last if turned else key > last
    return or_(further, and_(key == last, later), key.is_(None))


def _key(sort: Sort, moment: Moment) -> tuple[ColumnElement[Any], Any]:
    """What is sorted by, and the rows it comes from."""
    if sort.lifecycle is not None:
        return _days_key(sort.lifecycle, moment)
    if sort.by == "id":
        return ACCOUNT.c.id, ACCOUNT
    rows = _values(sort.by, moment)
    return rows.c[sort.column], ACCOUNT.outerjoin(rows, rows.c.account == ACCOUNT.c.id)


def _values(name: str, moment: Moment) -> Any:
    """Rows with the field's value, one an account."""
    if not isinstance(moment, Now):
        return field_at(moment, name)
    return select(FIELD).where(FIELD.c.name == name).subquery()


def _days_key(lifecycle: str, moment: Moment) -> tuple[ColumnElement[Any], Any]:
    """Days in the present stage, counted back: an earlier beginning is more days; an end stage has none (R10)."""
    if isinstance(moment, Now):
        rows: Any = select(TRACK).where(TRACK.c.lifecycle == lifecycle).subquery()
        ends = rows.c.ended_at.is_not(None)
    else:
        rows = stands_at(moment, lifecycle)
        ends = rows.c.ends
    status = _values("status", moment)
    counts = and_(rows.c.stage.is_not(None), func.coalesce(status.c.text, "") != "cancelled")
    at = moment.now if isinstance(moment, Now) else moment.at
    ended, since = literal(at, Instant()), rows.c.counting_since
    key = case((and_(counts, ends), ended), (counts, since), else_=null())
    joined = ACCOUNT.outerjoin(rows, rows.c.account == ACCOUNT.c.id)
    return key, joined.outerjoin(status, status.c.account == ACCOUNT.c.id)


# ── what is shown of them


async def _fill(connection: AsyncConnection, wanted: Wanted, members: dict[str, Member]) -> None:
    for row in await connection.execute(_fields(wanted, members)):
        members[row.account].fields[row.name] = _value(row)
    for row in await connection.execute(_stands(wanted, members)) if wanted.lifecycles else ():
        marks = bool(row.ends), bool(row.late), bool(row.stuck)
        stands = Stands(row.stage, row.entered_at, row.counting_since, *marks)
        members[row.account].stages[row.lifecycle] = stands
    for row in await connection.execute(_ahead(members)) if _is_ahead(wanted) else ():
        members[row.account].ahead = Ahead(row.at, row.kind, row.lifecycle, row.stage)
    for member in members.values():
        member.fields = {name: one for name, one in member.fields.items() if one is not None}


def _fields(wanted: Wanted, accounts: Iterable[str]) -> Select[Any]:
    """The values of their fields; of the past every one that counts, the last one last."""
    names = {*wanted.fields, "status"}
    rows = FIELD if isinstance(wanted.moment, Now) else FIELD_CHANGE
    value = (rows.c[name] for name in ("account", "name", "text", "number", "day", "instant"))
    query = select(*value).where(rows.c.account.in_(list(accounts)), rows.c.name.in_(names))
    return query if rows is FIELD else _in_order(query, rows, wanted.moment)


def _stands(wanted: Wanted, accounts: Iterable[str]) -> Select[Any]:
    """Where they stand in the lifecycles; of the past every visit that counts, the last one last."""
    moment = wanted.moment
    rows = TRACK if isinstance(moment, Now) else VISIT
    names = ("account", "lifecycle", "stage", "entered_at", "counting_since")
    query = select(*(rows.c[name] for name in names), *_marks(moment)).where(
        rows.c.account.in_(list(accounts)), rows.c.lifecycle.in_(wanted.lifecycles)
    )
    return query if rows is TRACK else _in_order(query, rows, moment)


def _marks(moment: Moment) -> list[ColumnElement[bool]]:
    """Whether it is an end stage, late, stuck; of the past by when it became so."""
    if isinstance(moment, Now):
        return [TRACK.c.ended_at.is_not(None).label("ends"), TRACK.c.late, TRACK.c.stuck]
    since = {"late": VISIT.c.late_at, "stuck": VISIT.c.stuck_at}
    return [
        VISIT.c.ends,
        *(func.coalesce(at <= moment.at, false()).label(name) for name, at in since.items()),
    ]


def _is_ahead(wanted: Wanted) -> bool:
    """What was foretold in the past is not kept: it is folded anew."""
    return wanted.ahead and isinstance(wanted.moment, Now)


def _ahead(accounts: Iterable[str]) -> Select[Any]:
    """The first thing that is foretold of each."""
    first = (
        select(AHEAD.c.account, func.min(AHEAD.c.position).label("position"))
        .where(AHEAD.c.account.in_(list(accounts)), AHEAD.c.kind != MORE)
        .group_by(AHEAD.c.account)
        .subquery()
    )
    same = and_(AHEAD.c.account == first.c.account, AHEAD.c.position == first.c.position)
    names = ("account", "at", "kind", "lifecycle", "stage")
    return select(*(AHEAD.c[name] for name in names)).select_from(first.join(AHEAD, same))


async def _foretold_then(store: Store, moment: AsOf, members: Iterable[Member]) -> None:
    """What was ahead of each, from the state of then; and until when it was on hold."""
    by_id = {one.account: one for one in members}
    for account, state in (await states_at(store, list(by_id), moment)).items():
        member = by_id[account]
        member.hold_until = state.hold.until if state.hold else None
        book, _ = await book_for(store, state.versions, state.pending, moment.known)
        for row in foretold(book, copy_state(state)):
            if row["kind"] != MORE:
                where, stage = row.get("lifecycle", ""), row.get("stage")
                member.ahead = Ahead(row["at"], row["kind"], where, stage)
                break


def _in_order(query: Select[Any], rows: Table, moment: Moment) -> Select[Any]:
    return query.where(counts_at(rows, moment)).order_by(rows.c.revision, rows.c.position)


def _value(row: Any) -> Value:
    found: Iterable[str | int | float | date | datetime | None]
    found = (row.text, row.number, row.day, row.instant)
    return next((one for one in found if one is not None), None)


# ── how many


@dataclass(frozen=True, slots=True)
class Counted:
    """How many accounts; `without` counts those that are among them although they have no value.

    Its keys are the fields and lifecycles that the condition excludes values of (R17).
    """

    accounts: int
    without: dict[str, int] = field(default_factory=dict)


async def count(store: Store, wanted: Wanted) -> Counted:
    """All of them, on every page."""
    asked = sorted(excluded(wanted.condition, wanted.segments), key=_name)
    missing = (where(_missing(one), wanted.moment, {}, gathered=True) for one in asked)
    without = [_number_of(one) for one in missing]
    query = select(func.count(), *without).select_from(ACCOUNT).where(wanted.only)
    async with reading(store) as connection:
        accounts, *numbers = (await connection.execute(query)).one()
    named = {_name(one): int(number or 0) for one, number in zip(asked, numbers, strict=True)}
    return Counted(accounts, {name: number for name, number in named.items() if number})


def _number_of(holds: Sql) -> ColumnElement[Any]:
    return func.sum(case((holds, 1), else_=0))


Excluding = c.InStage | c.Field


def _name(one: Excluding) -> str:
    return one.lifecycle if isinstance(one, c.InStage) else one.name


def _missing(one: Excluding) -> c.Condition:
    return one if isinstance(one, c.InStage) else c.Exists(one, negated=True)


def excluded(
    condition: c.Condition | None, segments: Mapping[str, Segment], turned: bool = False
) -> set[Excluding]:
    """What a condition excludes values of (`is not one of`, or `not` of the plain one), so that None is let in.

    Lifecycles come as the sentence "in no stage". `turned`: a `not` stands before it.
    """
    if condition is None:
        return set()
    if isinstance(condition, c.Not):
        return excluded(condition.of, segments, not turned)
    if isinstance(condition, c.All | c.AnyOf):
        return set().union(*(excluded(part, segments, turned) for part in condition.of))
    if isinstance(condition, c.InSegment):
        found = segments.get(condition.segment)
        return excluded(found.where, segments, turned) if found else set()
    return _excluded_by(condition, turned)


def _excluded_by(leaf: c.Leaf, turned: bool) -> set[Excluding]:
    if isinstance(leaf, c.InStage):
        lets_none = leaf.negated is not turned and c.NONE not in leaf.stages
        return {c.InStage(leaf.lifecycle, (c.NONE,))} if lets_none else set()
    if isinstance(leaf, c.OneOf) and isinstance(leaf.left, c.Field):
        return {leaf.left} if leaf.negated is not turned else set()
    if isinstance(leaf, c.Compare) and isinstance(leaf.left, c.Field):
        return {leaf.left} if (leaf.op is c.Op.IS_NOT) is not turned else set()
    return set()
