"""Accounts past their stage's time: late (`expected`) or stuck (`stuck after`), now and as of a day (G15, R19)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, not_, or_, select, true

from lifecycle.core.changes import Note
from lifecycle.core.codec import decoder
from lifecycle.core.conditions import Compare, Const, Field, Op

from ..engine import Store
from ..folded import known_entries
from ..moment import AsOf, Moment, Now
from ..standing import counts_at, exists_at
from ..tables import AccountRow, FieldChangeRow, FieldRow, JournalRow, TrackRow, VisitRow, table_of
from ..where import where
from .scope import Scope

ACCOUNT: Final = table_of(AccountRow)
TRACK: Final = table_of(TrackRow)
VISIT: Final = table_of(VisitRow)
JOURNAL: Final = table_of(JournalRow)
FIELD: Final = table_of(FieldRow)
CHANGE: Final = table_of(FieldChangeRow)
NOTES: Final = decoder(list[Note])
CANCELLED: Final = "cancelled"
ACTIVE: Final = Compare(Field("status"), Op.IS_NOT, Const(CANCELLED))
AT_ONCE: Final = 500
ARR: Final = "arr"
ABOUT: Final = ("name", "csm", ARR, "time_zone")
OF_ACCOUNTS: Final = VISIT.join(ACCOUNT, ACCOUNT.c.id == VISIT.c.account)

Kind = Literal["late", "stuck"]
Sql = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Overdue:
    """An account in a stage whose time is over. `at` is its own present, `revision` the entry of its visit.

    `since` is when the engine found it late (or stuck); `version` the lifecycle's. ARR is in cents.
    """

    account: str
    lifecycle: str
    stage: str
    version: int | None
    entered_at: datetime
    counting_since: datetime
    since: datetime
    revision: int
    at: datetime
    name: str
    csm: str | None
    arr: int | None
    time_zone: str | None


async def overdue(store: Store, kind: Kind, scope: Scope, most: int | None = None) -> list[Overdue]:
    """Who is late or stuck, the longest first, at most so many; cancelled accounts are neither (T28, R25)."""
    since = VISIT.c[f"{kind}_at"]
    order = (since, VISIT.c.account, VISIT.c.lifecycle)
    query = _found(since, scope).where(*_conditions(since, scope)).order_by(*order).limit(most)
    async with store.engine.connect() as connection:
        rows = (await connection.execute(query)).all()
    about = await _about(store, [row.account for row in rows], scope.moment)
    return [_overdue(row, about.get(row.account, {}), scope.moment) for row in rows]


async def how_many(store: Store, kind: Kind, scope: Scope) -> tuple[int, int]:
    """How many rows there are in all, and of how many accounts."""
    numbers = select(func.count(), func.count(func.distinct(VISIT.c.account)))
    query = numbers.select_from(OF_ACCOUNTS).where(*_conditions(VISIT.c[f"{kind}_at"], scope))
    async with store.engine.connect() as connection:
        rows, accounts = (await connection.execute(query)).one()
        return rows, accounts


def _found(since: ColumnElement[datetime], scope: Scope) -> Select[Any]:
    names = ("account", "lifecycle", "stage", "entered_at", "counting_since", "revision")
    columns = [VISIT.c[name] for name in names]
    if isinstance(scope.moment, AsOf):
        return select(*columns, VISIT.c.version, since.label("since"), ACCOUNT.c.lead).select_from(
            OF_ACCOUNTS
        )
    ran = and_(TRACK.c.account == VISIT.c.account, TRACK.c.lifecycle == VISIT.c.lifecycle)
    return select(*columns, TRACK.c.version, since.label("since"), ACCOUNT.c.lead).select_from(
        OF_ACCOUNTS.join(TRACK, ran)
    )


def _conditions(since: ColumnElement[datetime], scope: Scope) -> list[Sql]:
    """Visits that go on (or stood then) and are past their time, of accounts that are not cancelled."""
    moment = scope.moment
    mine = [*scope.of_lifecycles(VISIT), VISIT.c.stage.is_not(None), since.is_not(None)]
    if isinstance(moment, Now):
        going_on = [VISIT.c.left_at.is_(None), VISIT.c.withdrawn_at.is_(None)]
        active = or_(ACCOUNT.c.status.is_(None), ACCOUNT.c.status != CANCELLED)
        return [*mine, *going_on, active, exists_at(moment), *scope.chosen]
    stood = [since <= moment.at, counts_at(VISIT, moment), not_(_followed(moment))]
    return [*mine, *stood, _told(since, moment), where(ACTIVE, moment, {}), *scope.chosen]


def _followed(moment: AsOf) -> Sql:
    """Whether the account had gone on to another visit."""
    later = VISIT.alias()
    after = or_(
        later.c.revision > VISIT.c.revision,
        and_(later.c.revision == VISIT.c.revision, later.c.position > VISIT.c.position),
    )
    same = and_(later.c.account == VISIT.c.account, later.c.lifecycle == VISIT.c.lifecycle)
    return select(1).where(same, after, counts_at(later, moment)).correlate(VISIT).exists()


def _told(since: ColumnElement[datetime], moment: AsOf) -> Sql:
    """Whether the entry that found it late was known: an outage may have delayed it (N8)."""
    entry = and_(
        JOURNAL.c.account == VISIT.c.account,
        JOURNAL.c.revision >= VISIT.c.revision,
        JOURNAL.c.at == since,
        known_entries(moment),
    )
    return select(1).where(entry).correlate(VISIT).exists()


def _overdue(row: Any, about: dict[str, Any], moment: Moment) -> Overdue:
    found = row._asdict()
    lead = timedelta(seconds=found.pop("lead"))
    found["at"] = moment.at if isinstance(moment, AsOf) else moment.now + lead
    found |= {name: about.get(name) for name in ABOUT}
    found["name"] = found["name"] or row.account
    return Overdue(**found)


async def _about(store: Store, accounts: list[str], moment: Moment) -> dict[str, dict[str, Any]]:
    """Name, CSM, ARR and time zone of these accounts then, by id."""
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(accounts), AT_ONCE):
        some = accounts[start : start + AT_ONCE]
        for account, name, value in await _values(store, some, moment):
            found.setdefault(account, {})[name] = value
    return found


async def _values(store: Store, accounts: list[str], moment: Moment) -> list[tuple[str, str, Any]]:
    """Every value a field got, the last one last."""
    rows: Any = FIELD if isinstance(moment, Now) else CHANGE
    value = (rows.c.account, rows.c.name, rows.c.text, rows.c.number)
    query = select(*value).where(rows.c.account.in_(accounts), rows.c.name.in_(ABOUT))
    if isinstance(moment, AsOf):
        order = (CHANGE.c.account, CHANGE.c.revision, CHANGE.c.position)
        query = query.where(counts_at(CHANGE, moment)).order_by(*order)
    async with store.engine.connect() as connection:
        return [
            (account, name, number if name == ARR else text)
            for account, name, text, number in await connection.execute(query)
        ]


# ── what the journal knows of the automations that should have moved them


@dataclass(frozen=True, slots=True)
class LastNote:
    """An automation that was asked and did not move the account: when, and the reason."""

    at: datetime
    note: Note


async def last_notes(
    store: Store, rows: Sequence[Overdue], moment: Moment
) -> dict[tuple[str, str], dict[str, LastNote]]:
    """By account and lifecycle: the last note on each automation since the visit began, by its key."""
    first: dict[str, int] = {}
    for row in rows:
        first[row.account] = min(row.revision, first.get(row.account, row.revision))
    notes: dict[str, list[tuple[int, LastNote]]] = {}
    accounts = list(first)
    for start in range(0, len(accounts), AT_ONCE):
        some = {account: first[account] for account in accounts[start : start + AT_ONCE]}
        await _read_notes(store, some, moment, notes)
    return {(row.account, row.lifecycle): _last(notes.get(row.account, []), row) for row in rows}


def _last(notes: list[tuple[int, LastNote]], row: Overdue) -> dict[str, LastNote]:
    return {one.note.automation: one for revision, one in notes if revision >= row.revision}


async def _read_notes(
    store: Store,
    first: dict[str, int],
    moment: Moment,
    found: dict[str, list[tuple[int, LastNote]]],
) -> None:
    """The notes of each account from that revision on that name an automation and are no reason for a change."""
    known = known_entries(moment) if isinstance(moment, AsOf) else true()
    query = (
        select(JOURNAL.c.account, JOURNAL.c.revision, JOURNAL.c.at, JOURNAL.c.notes)
        .where(JOURNAL.c.account.in_(first), JOURNAL.c.revision >= min(first.values()))
        .where(known, cast(JOURNAL.c.notes, String) != "[]")
        .order_by(JOURNAL.c.account, JOURNAL.c.revision)
    )
    async with store.engine.connect() as connection:
        for row in await connection.execute(query):
            if row.revision >= first[row.account]:
                found.setdefault(row.account, []).extend(_notes_of(row))


def _notes_of(row: Any) -> Iterator[tuple[int, LastNote]]:
    for note in NOTES(row.notes):
        if note.automation and note.code != "because":
            yield row.revision, LastNote(row.at, note)
