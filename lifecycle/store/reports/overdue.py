"""Accounts past their stage's time: late (`expected`) or stuck (`stuck after`), now and as of a day (G15, R19)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Select, String, and_, cast, or_, select, true

from lifecycle.core.changes import Note
from lifecycle.core.codec import decoder

from ..engine import Store
from ..folded import known_entries
from ..moment import AsOf, Moment, Now
from ..standing import exists_at, stands_at
from ..tables import AccountRow, JournalRow, TrackRow, VisitRow, table_of
from .fields import with_fields
from .scope import Scope

ACCOUNT: Final = table_of(AccountRow)
TRACK: Final = table_of(TrackRow)
VISIT: Final = table_of(VisitRow)
JOURNAL: Final = table_of(JournalRow)
NOTES: Final = decoder(list[Note])
CANCELLED: Final = "cancelled"
AT_ONCE: Final = 500
ABOUT: Final = ("name", "csm", "arr", "time_zone", "status")

Kind = Literal["late", "stuck"]
Sql = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Overdue:
    """An account in a stage whose time is over. `at` is its own present, `revision` the entry of its visit.

    `since` is when the engine found it late (or stuck); `version` the lifecycle's. ARR is in cents.
    """

    account: str
    name: str
    csm: str | None
    arr: int | None
    time_zone: str | None
    lifecycle: str
    stage: str
    version: int | None
    entered_at: datetime
    counting_since: datetime
    since: datetime
    revision: int
    at: datetime


async def overdue(store: Store, kind: Kind, scope: Scope) -> list[Overdue]:
    """All that are late or stuck, by lifecycle and account; cancelled accounts are neither (T28, R25)."""
    moment = scope.moment
    query = _present(kind, scope) if isinstance(moment, Now) else _past(kind, scope, moment)
    query = query.where(exists_at(moment), *scope.chosen)
    async with store.engine.connect() as connection:
        rows = [_overdue(row, moment) for row in await connection.execute(query)]
    return sorted(rows, key=lambda row: (row.lifecycle, row.account))


def _overdue(row: Any, moment: Moment) -> Overdue:
    found = row._asdict()
    lead = timedelta(seconds=found.pop("lead"))
    del found["status"]
    at = moment.at if isinstance(moment, AsOf) else moment.now + lead
    return Overdue(**{**found, "name": found["name"] or found["account"], "at": at})


def _present(kind: Kind, scope: Scope) -> Select[Any]:
    """From `track`, whose flags say who is; the visit knows since when."""
    here = and_(
        VISIT.c.account == TRACK.c.account,
        VISIT.c.lifecycle == TRACK.c.lifecycle,
        VISIT.c.number == TRACK.c.visit,
        VISIT.c.withdrawn_at.is_(None),
    )
    standing = ("account", "lifecycle", "stage", "version", "entered_at", "counting_since")
    visit = (_since(VISIT, kind).label("since"), VISIT.c.revision)
    return (
        select(*(TRACK.c[name] for name in standing), *visit, ACCOUNT.c.lead)
        .add_columns(*(ACCOUNT.c[name] for name in ABOUT))
        .select_from(TRACK.join(ACCOUNT, ACCOUNT.c.id == TRACK.c.account).join(VISIT, here))
        .where(*scope.of_lifecycles(TRACK), TRACK.c[kind], TRACK.c.stage.is_not(None))
        .where(_is_active(ACCOUNT.c.status))
    )


def _past(kind: Kind, scope: Scope, moment: AsOf) -> Select[Any]:
    """From the visits that stood then."""
    stood = stands_at(moment, scope.lifecycles[0] if len(scope.lifecycles) == 1 else None)
    since = _since(stood, kind)
    joined = stood.join(ACCOUNT, ACCOUNT.c.id == stood.c.account)
    tables, fields = with_fields(joined, moment, ABOUT)
    standing = (
        "account",
        "lifecycle",
        "stage",
        "version",
        "entered_at",
        "counting_since",
        "revision",
    )
    return (
        select(*(stood.c[name] for name in standing), since.label("since"), ACCOUNT.c.lead)
        .add_columns(*fields.values())
        .select_from(tables)
        .where(*scope.of_lifecycles(stood), stood.c.stage.is_not(None))
        .where(since <= moment.at, _told(stood, since, moment))
        .where(_is_active(fields["status"].element))
    )


def _since(visit: Any, kind: Kind) -> ColumnElement[datetime]:
    found: ColumnElement[datetime] = visit.c[f"{kind}_at"]
    return found


def _is_active(status: ColumnElement[Any]) -> Sql:
    return or_(status.is_(None), status != CANCELLED)


def _told(stood: Any, since: ColumnElement[datetime], moment: AsOf) -> Sql:
    """Whether the entry that found it late was known: an outage may have delayed it (N8)."""
    entry = and_(
        JOURNAL.c.account == stood.c.account,
        JOURNAL.c.revision >= stood.c.revision,
        JOURNAL.c.at == since,
        known_entries(moment),
    )
    return select(JOURNAL.c.revision).where(entry).exists()


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
