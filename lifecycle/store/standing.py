"""What counts at a moment, as building blocks of SQL: accounts, visits, values of fields and CTAs.

Of the past (`AsOf`) a row counts when its own time had come, when it was known, and when it was not taken back
by what was known. The import door alone tells the past: its rows count as known at their own time (R21).
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Subquery, and_, false, func, not_, or_, select
from sqlalchemy.sql.selectable import FromClause

from .moment import AsOf, Moment, Now
from .reading import as_it_lies
from .tables import (
    AccountRow,
    CtaRow,
    CtaStatus,
    FieldChangeRow,
    VisitRow,
    table_of,
)

ACCOUNT: Final = table_of(AccountRow)
VISIT: Final = table_of(VisitRow)
FIELD_CHANGE: Final = table_of(FieldChangeRow)
CTA: Final = table_of(CtaRow)

Sql = ColumnElement[bool]


def exists_at(moment: Moment) -> Sql:
    """Whether a row of `account` is an account: one that was only refused messages is none."""
    created = ACCOUNT.c.created_at
    there = created.is_not(None)
    if isinstance(moment, Now):
        return there
    return and_(there, created <= moment.at, ACCOUNT.c.known_from <= moment.known)


def counts_at(rows: FromClause, moment: Moment) -> Sql:
    """Whether a row of `visit` or `field_change` (or of an alias) counts; now, all that were not undone do."""
    if isinstance(moment, Now):
        return rows.c.withdrawn_at.is_(None)
    own = rows.c.entered_at if "entered_at" in rows.c else rows.c.at
    known = or_(rows.c.historic, rows.c.recorded_at <= moment.known)
    standing = or_(rows.c.withdrawn_at.is_(None), rows.c.withdrawn_at > moment.known)
    return and_(own <= moment.at, known, standing)


def changed_since(moment: AsOf, *mine: Sql) -> Select[Any]:
    """Accounts with a visit that began by the instant and was undone, or recorded, after what was known.

    Where a visit of any other account ended is what its row says, as far as that had come.
    """
    undone = VISIT.c.withdrawn_at > moment.known
    recorded = and_(not_(VISIT.c.historic), VISIT.c.recorded_at > moment.known)
    began = as_it_lies(VISIT.c.entered_at) <= moment.at
    return select(VISIT.c.account).where(began, or_(undone, recorded), *mine)


def stands_at(moment: AsOf, lifecycle: str) -> Subquery:
    """The visit each account stood in: one row of `visit` per account."""
    parts = [VISIT.c.lifecycle == lifecycle, counts_at(VISIT, moment)]
    return _latest(VISIT, [VISIT.c.account], parts)


def field_at(moment: AsOf, name: str) -> Subquery:
    """What a field was: one row of `field_change` per account that ever had a value of it.

    All columns of the value are NULL where it was lost.
    """
    parts = [FIELD_CHANGE.c.name == name, counts_at(FIELD_CHANGE, moment)]
    return _latest(FIELD_CHANGE, [FIELD_CHANGE.c.account], parts)


def _latest(rows: FromClause, of: list[ColumnElement[Any]], parts: list[Sql]) -> Subquery:
    """The last of the rows that count, by revision and position, for each combination of `of`."""
    newest = rows.c.revision.desc(), rows.c.position.desc()
    place = func.row_number().over(partition_by=of, order_by=newest).label("place")
    numbered = select(*rows.c, place).where(*parts).subquery()
    latest: Select[Any] = select(*(numbered.c[column.name] for column in rows.c))
    return latest.where(numbered.c.place == 1).subquery()


def open_at(moment: Moment) -> Sql:
    """Whether a row of `cta` was open. One that undo opened again had been closed until then."""
    if isinstance(moment, Now):
        return CTA.c.status == CtaStatus.OPEN
    closed = CTA.c.closed_at <= moment.at
    reopened = and_(CTA.c.reopened_from <= moment.at, CTA.c.reopened_at > moment.known)
    withdrawn = CTA.c.withdrawn_at <= moment.known
    over = or_(*(func.coalesce(one, false()) for one in (closed, reopened, withdrawn)))
    began = and_(CTA.c.opened_at <= moment.at, CTA.c.recorded_at <= moment.known)
    return and_(began, not_(over))
