"""What people did by hand: moves they made and moves they took back (G15, V9, R13)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, literal_column, or_, select, true

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

AT_ONCE: Final = 500

# A literal, so that both databases see that a partial index holds the rows.
IS_UNDO: Final = JOURNAL.c.kind == literal_column("'Undo'")

Sql = ColumnElement[bool]
Undos = dict[tuple[str, datetime], list[Any]]
"""Entries of the journal by account and instant, in order."""


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
    undos = await _undos_of(store, taken, scope.moment)
    found = [*(_move(row, scope.moment) for row in moves), *_undone_by_hand(taken, undos)]
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
    """The visits that were taken back."""
    withdrawn = VISIT.c.withdrawn_at
    query = _of_visits(scope).where(withdrawn >= period.begins, withdrawn < period.ends)
    if isinstance(scope.moment, AsOf):
        query = query.where(withdrawn <= scope.moment.at)
    order = (VISIT.c.account, VISIT.c.lifecycle, VISIT.c.revision, VISIT.c.position)
    return query.add_columns(VISIT.c.revision, VISIT.c.position).order_by(*order)


async def _undos_of(store: Store, taken: Sequence[Any], moment: Moment) -> Undos:
    """The undos of these accounts that were known, by account and instant."""
    accounts = sorted({row.account for row in taken})
    known = known_entries(moment) if isinstance(moment, AsOf) else true()
    names = ("account", "at", "revision", "input", "changes")
    query = select(*(JOURNAL.c[name] for name in names)).where(
        IS_UNDO, JOURNAL.c.refused_code.is_(None), known
    )
    found: Undos = {}
    async with store.engine.connect() as connection:
        for start in range(0, len(accounts), AT_ONCE):
            some = JOURNAL.c.account.in_(accounts[start : start + AT_ONCE])
            for row in await connection.execute(query.where(some).order_by(JOURNAL.c.revision)):
                found.setdefault((row.account, row.at), []).append(row)
    return found


def _of_visits(scope: Scope) -> Select[Any]:
    columns = ("account", "lifecycle", "from_stage", "stage", "entered_at", "withdrawn_at")
    tables, fields = with_fields(OF_ACCOUNTS, scope.moment, ("name",))
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


def _undone_by_hand(taken: Sequence[Any], undos: Undos) -> Iterator[ByHand]:
    """One per undo and lifecycle, however many moves its unit held: from where they led to where they began."""
    visits: dict[tuple[str, str, int], list[Any]] = {}
    for row in taken:
        if undo := _of_unit(undos.get((row.account, row.withdrawn_at), []), row.revision):
            visits.setdefault((row.account, row.lifecycle, undo.revision), []).append((row, undo))
    for mine in visits.values():
        (first, undo), (last, _) = mine[0], mine[-1]
        command = UNDO(undo.input)
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


def _of_unit(undos: list[Any], revision: int) -> Any:
    """Of several undos at one instant, the one whose unit the visit is of: the newest that began before it."""
    if len(undos) < 2:
        return undos[0] if undos else None
    return max(undos, key=lambda undo: _unit_of(undo, revision))


def _unit_of(undo: Any, revision: int) -> int:
    units = (one.unit.revision for one in CHANGES(undo.changes) if isinstance(one, Undone))
    return max((unit for unit in units if unit <= revision), default=0)
