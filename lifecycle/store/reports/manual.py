"""What people did by hand: moves they made and moves they took back (G15, V9, R13)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.sql.selectable import FromClause

from lifecycle.core.changes import Undone
from lifecycle.core.codec import decoder
from lifecycle.core.inputs import Undo

from ..engine import Store
from ..folded import CHANGES, known_entries
from ..moment import AsOf, Moment
from ..standing import exists_at
from ..tables import AccountRow, JournalRow, VisitRow, table_of
from .fields import with_fields
from .periods import Period
from .scope import Scope

ACCOUNT: Final = table_of(AccountRow)
VISIT: Final = table_of(VisitRow)
JOURNAL: Final = table_of(JournalRow)

OF_ACCOUNTS: Final = VISIT.join(ACCOUNT, ACCOUNT.c.id == VISIT.c.account)
UNDO: Final = decoder(Undo)

Sql = ColumnElement[bool]


class Verb(StrEnum):
    """*Set* and *undo* are two verbs (R13)."""

    MOVE = "move"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class ByHand:
    """A move a person made, or took back. `undone`: a move that was taken back since, as far as is known."""

    at: datetime
    actor: str
    verb: Verb
    account: str
    name: str
    lifecycle: str
    left: str | None
    entered: str | None
    reason: str
    undone: bool = False


async def by_hand(store: Store, period: Period, scope: Scope) -> list[ByHand]:
    """All of the period, the oldest first; moves of imported history too (R21)."""
    async with store.engine.connect() as connection:
        moves = (await connection.execute(_moves(period, scope))).all()
        taken = (await connection.execute(_undone(period, scope))).all()
    found = [*(_move(row, scope.moment) for row in moves), *_undos(taken)]
    return sorted(found, key=lambda one: (one.at, one.account, one.lifecycle, one.verb))


def _moves(period: Period, scope: Scope) -> Select[Any]:
    entered = VISIT.c.entered_at
    return (
        _of_visits(scope)
        .add_columns(VISIT.c.actor, VISIT.c.reason)
        .where(VISIT.c.cause == "person", entered >= period.begins, entered < period.ends)
        .where(_known(scope.moment))
    )


def _undone(period: Period, scope: Scope) -> Select[Any]:
    """The visits that an undo took back, with its person and reason: the entry at that very instant."""
    withdrawn = VISIT.c.withdrawn_at
    undo = and_(
        JOURNAL.c.account == VISIT.c.account,
        JOURNAL.c.at == withdrawn,
        JOURNAL.c.kind == "Undo",
        JOURNAL.c.refused_code.is_(None),
    )
    query = _of_visits(scope, OF_ACCOUNTS.join(JOURNAL, undo))
    if isinstance(scope.moment, AsOf):
        query = query.where(known_entries(scope.moment))
    entry = (JOURNAL.c.revision.label("undo"), JOURNAL.c.input, JOURNAL.c.changes)
    order = (VISIT.c.account, VISIT.c.lifecycle, VISIT.c.revision, VISIT.c.position)
    return (
        query.add_columns(VISIT.c.revision, VISIT.c.position, *entry)
        .where(withdrawn >= period.begins, withdrawn < period.ends)
        .order_by(*order, JOURNAL.c.revision)
    )


def _of_visits(scope: Scope, joined: FromClause = OF_ACCOUNTS) -> Select[Any]:
    columns = ("account", "lifecycle", "from_stage", "stage", "entered_at", "withdrawn_at")
    tables, fields = with_fields(joined, scope.moment, ("name",))
    return (
        select(*(VISIT.c[name] for name in columns), fields["name"])
        .select_from(tables)
        .where(*scope.of_lifecycles(VISIT), VISIT.c.moved)
        .where(exists_at(scope.moment), *scope.chosen)
    )


def _known(moment: Moment) -> Sql:
    """A move taken back later was made all the same: only what was not known yet is left out."""
    if isinstance(moment, AsOf):
        known = or_(VISIT.c.historic, VISIT.c.recorded_at <= moment.known)
        return and_(VISIT.c.entered_at <= moment.at, known)
    return VISIT.c.recorded_at.is_not(None)


def _move(row: Any, moment: Moment) -> ByHand:
    undone = row.withdrawn_at is not None
    if isinstance(moment, AsOf):
        undone = undone and row.withdrawn_at <= moment.known
    return ByHand(
        row.entered_at,
        row.actor,
        Verb.MOVE,
        row.account,
        row.name or row.account,
        row.lifecycle,
        row.from_stage,
        row.stage,
        row.reason,
        undone,
    )


def _undos(rows: Sequence[Any]) -> Iterator[ByHand]:
    """One per undo and lifecycle, however many moves its unit held: from where they led to where they began."""
    visits: dict[tuple[Any, ...], list[Any]] = {}
    for _, found in groupby(
        rows, lambda row: (row.account, row.lifecycle, row.revision, row.position)
    ):
        row = _taken_by(list(found))
        visits.setdefault((row.account, row.lifecycle, row.undo), []).append(row)
    for mine in visits.values():
        first, last, command = mine[0], mine[-1], UNDO(mine[0].input)
        yield ByHand(
            first.withdrawn_at,
            command.actor,
            Verb.UNDO,
            first.account,
            first.name or first.account,
            first.lifecycle,
            last.stage,
            first.from_stage,
            command.reason,
        )


def _taken_by(rows: list[Any]) -> Any:
    """Of several undos at one instant, the one whose unit the visit is of: the newest that began before it."""
    return max(rows, key=_unit_of) if len(rows) > 1 else rows[0]


def _unit_of(row: Any) -> int:
    units = (one.unit.revision for one in CHANGES(row.changes) if isinstance(one, Undone))
    return max((unit for unit in units if unit <= row.revision), default=0)
