"""Reading CTAs: the team's list, and those of one account with their numbers (G11, T16).

A CTA's number counts the CTAs of its account in the order they were opened, withdrawn ones too: it never changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, bindparam, case, func, or_, tuple_
from sqlalchemy import select as select_core
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.core.model import PRIORITIES

from .engine import Store
from .moment import Now
from .tables import AccountRow, CtaRow, CtaStatus, FieldRow, TaskRow, table_of

ACCOUNT: Final = table_of(AccountRow)
CTA: Final = table_of(CtaRow)
FIELD: Final = table_of(FieldRow)
MOST: Final = 500

Sql = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose CTAs are meant. `owners` are as CTAs have them: roles, teams, people by name or address.

    `filled` maps a role to the fields that hold who that is; it counts where one of them is among `names` (case
    folded). `vacant` maps a role to the same fields; it counts where all of them are empty.
    """

    owners: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    filled: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    vacant: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WantedCtas:
    """Which CTAs a list shows; what is left out does not matter. Closed ones come newest first.

    `due_by` counts from each account's own present, in seconds. `segment` is a filter over `account` (`where`).
    """

    whose: Whose | None = None
    account: str | None = None
    closed: bool = False
    overdue: bool = False
    due_by: timedelta | None = None
    kind: str | None = None
    lifecycle: str | None = None
    snoozed: bool | None = None
    segment: Sql | None = None
    limit: int = 50


@dataclass(slots=True)
class ListedCta:
    """A CTA with its number, the tasks ticked off, its account's name and lead, and who its people are."""

    cta: CtaRow
    number: int
    name: str
    lead: int = 0
    tasks: list[TaskRow] = field(default_factory=list)
    people: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class CtaPage:
    """The first CTAs of a list; `total` counts them all, `asleep` those left out because they are snoozed."""

    ctas: list[ListedCta]
    total: int
    asleep: int = 0


async def list_ctas(store: Store, wanted: WantedCtas, now: Now, people: Iterable[str]) -> CtaPage:
    """The CTAs that fall due first (overdue ones before all others), then by priority; at most `MOST`.

    `people` are the fields whose values are told with each CTA.
    """
    filters, asleep = _filters(wanted, now), _snoozed(now)
    shown = filters if wanted.snoozed is None else [*filters, _is(asleep, wanted.snoozed)]
    async with store.reading() as session:
        awake, snoozed = await _count(session, filters, asleep)
        listed = _listed(await session.exec(_query(shown, wanted)))
        await _complete(session, listed, people)
    total = {None: awake + snoozed, True: snoozed, False: awake}[wanted.snoozed]
    return CtaPage(listed, total, snoozed if wanted.snoozed is False else 0)


async def ctas_of(store: Store, account: str) -> list[ListedCta]:
    """All CTAs of an account, by number."""
    async with store.reading() as session:
        listed = _listed(await session.exec(_of_account(), params={"of": account}))
        done = await session.exec(_tasks_of_account(), params={"of": account})
        tasks = _by_cta(done)
    for number, one in enumerate(listed, start=1):
        one.number, one.tasks = number, tasks.get((account, one.cta.id), [])
    return listed


@cache
def _of_account() -> Any:
    """Built once, as it is asked for every page of an account."""
    mine = CTA.c.account == bindparam("of")
    return _selected().where(mine).order_by(CTA.c.revision, CTA.c.id)


@cache
def _tasks_of_account() -> Any:
    mine = col(TaskRow.account) == bindparam("of")
    return select(TaskRow).where(mine).order_by(col(TaskRow.done_at), col(TaskRow.task))


async def titles_of(store: Store, account: str) -> dict[str, str]:
    """What the CTAs of an account are called, by id."""
    query = select_core(CTA.c.id, CTA.c.title).where(CTA.c.account == account)
    async with store.connected() as connection:
        return {row.id: row.title for row in await connection.execute(query)}


async def named_owners(store: Store, known: Iterable[str]) -> list[str]:
    """Who open CTAs are assigned to beside the owners that are `known`: people by name or address."""
    query = select_core(CTA.c.owner).where(CTA.c.status == CtaStatus.OPEN).distinct()
    query = query.where(CTA.c.owner.not_in(list(known))).order_by(CTA.c.owner)
    async with store.connected() as connection:
        return list((await connection.execute(query)).scalars())


# ── the query


def _selected() -> Any:
    """A CTA's row, its account's name and lead."""
    account = col(AccountRow.id) == col(CtaRow.account)
    return select(CtaRow, col(AccountRow.name), col(AccountRow.lead)).join(AccountRow, account)


def _query(filters: list[Sql], wanted: WantedCtas) -> Any:
    """The keys of a page first, in the order of an index; then their rows."""
    limit = max(1, min(wanted.limit, MOST))
    keys = select_core(CTA.c.account, CTA.c.id).where(*filters)
    page = keys.order_by(*_order(wanted)).limit(limit)
    return _selected().where(tuple_(CTA.c.account, CTA.c.id).in_(page)).order_by(*_order(wanted))


def _order(wanted: WantedCtas) -> tuple[ColumnElement[Any], ...]:
    ranks = {word: rank for rank, word in enumerate(reversed(PRIORITIES))}
    by_due = (CTA.c.due.asc().nulls_last(), case(ranks, value=CTA.c.priority))
    first = (CTA.c.closed_at.desc(),) if wanted.closed else by_due
    return (*first, CTA.c.account, CTA.c.id)


def _listed(rows: Any) -> list[ListedCta]:
    return [ListedCta(row, 0, name or row.account, lead) for row, name, lead in rows]


async def _count(session: AsyncSession, filters: list[Sql], asleep: Sql) -> tuple[int, int]:
    """How many are awake, and how many are put aside."""
    query = select(func.count(), func.count().filter(asleep)).select_from(CTA).where(*filters)
    every, snoozed = (await session.exec(query)).one()
    return every - snoozed, snoozed


def _filters(wanted: WantedCtas, now: Now) -> list[Sql]:
    found: list[Sql] = [CTA.c.status == (CtaStatus.CLOSED if wanted.closed else CtaStatus.OPEN)]
    equal = {"account": wanted.account, "kind": wanted.kind, "lifecycle": wanted.lifecycle}
    found += [CTA.c[name] == value for name, value in equal.items() if value is not None]
    if wanted.overdue:
        found += [_not_after(CTA.c.due, now), ~_snoozed(now)]
    if wanted.due_by is not None:
        found.append(_not_after(CTA.c.due, now, wanted.due_by))
    if wanted.whose is not None:
        found.append(_belongs(wanted.whose))
    if wanted.segment is not None:
        found.append(CTA.c.account.in_(select_core(ACCOUNT.c.id).where(wanted.segment)))
    return found


def _not_after(column: ColumnElement[Any], now: Now, by: timedelta = timedelta()) -> Sql:
    """Whether an instant is at most so far ahead, by each account's own clock."""
    if now.leads == (0,):
        return column <= now.now + by
    led = select_core(ACCOUNT.c.id)
    return or_(
        *(
            and_(
                CTA.c.account.in_(led.where(ACCOUNT.c.lead == lead)),
                column <= now.now + timedelta(seconds=lead) + by,
            )
            for lead in now.leads
        )
    )


def _snoozed(now: Now) -> Sql:
    return and_(CTA.c.snoozed_until.is_not(None), ~_not_after(CTA.c.snoozed_until, now))


def _is(part: Sql, wanted: bool) -> Sql:
    return part if wanted else ~part


def _belongs(whose: Whose) -> Sql:
    parts: list[Sql] = [CTA.c.owner.in_(whose.owners)]
    for role, fields in whose.filled.items():
        theirs = _with(fields, FIELD.c.folded.in_(whose.names))
        parts.append(and_(CTA.c.owner == role, theirs))
    for role, fields in whose.vacant.items():
        parts.append(and_(CTA.c.owner == role, ~_with(fields)))
    return or_(*parts)


def _with(fields: Sequence[str], *parts: Sql) -> Sql:
    """Whether one of these fields of the account has such a value."""
    return CTA.c.account.in_(select_core(FIELD.c.account).where(FIELD.c.name.in_(fields), *parts))


# ── what belongs to the rows that were found


async def _complete(session: AsyncSession, listed: list[ListedCta], people: Iterable[str]) -> None:
    accounts = {one.cta.account for one in listed}
    tasks = await _tasks(session, [one.cta for one in listed])
    numbers = await _numbers(session, accounts)
    found = await _people(session, accounts, list(people))
    for one in listed:
        one.number = numbers[one.cta.account, one.cta.id]
        one.tasks = tasks.get((one.cta.account, one.cta.id), [])
        one.people = found.get(one.cta.account, {})


async def _numbers(session: AsyncSession, accounts: set[str]) -> dict[tuple[str, str], int]:
    query = (
        select(CtaRow.account, CtaRow.id)
        .where(col(CtaRow.account).in_(accounts))
        .order_by(col(CtaRow.account), col(CtaRow.revision), col(CtaRow.id))
    )
    found: dict[tuple[str, str], int] = {}
    last = Counter[str]()
    for account, cta in await session.exec(query):
        last[account] += 1
        found[account, cta] = last[account]
    return found


async def _tasks(session: AsyncSession, rows: list[CtaRow]) -> dict[tuple[str, str], list[TaskRow]]:
    query = (
        select(TaskRow)
        .where(col(TaskRow.account).in_({row.account for row in rows}))
        .where(col(TaskRow.cta).in_({row.id for row in rows}))
        .order_by(col(TaskRow.done_at), col(TaskRow.task))
    )
    return _by_cta(await session.exec(query))


def _by_cta(tasks: Iterable[TaskRow]) -> dict[tuple[str, str], list[TaskRow]]:
    found: dict[tuple[str, str], list[TaskRow]] = {}
    for task in tasks:
        found.setdefault((task.account, task.cta), []).append(task)
    return found


async def _people(
    session: AsyncSession, accounts: set[str], fields: list[str]
) -> dict[str, dict[str, str]]:
    if not fields:
        return {}
    query = select(FieldRow.account, FieldRow.name, FieldRow.text).where(
        col(FieldRow.account).in_(accounts), col(FieldRow.name).in_(fields)
    )
    found: dict[str, dict[str, str]] = {}
    for account, name, text in await session.exec(query):
        if text is not None:
            found.setdefault(account, {})[name] = text
    return found
