"""Stays: what an account spent in a stage in one cycle, of all visits of that stage together (T10, T21).

The last visit of a stage in a cycle tells it: its clock begins earlier by what visits before it banked, or
anew when the account went back (T15). Clocks and departures only ever grow from visit to visit, so the last
visit's are the greatest, and one grouping finds them without sorting.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, Select, case, func, select, union_all

from ..moment import Now
from ..reading import as_it_lies
from ..standing import VISIT, changed_since, counts_at
from .scope import Scope

_KEPT: Final = (
    "account",
    "lifecycle",
    "cycle",
    "stage",
    "ends",
    "entered_at",
    "counting_since",
    "late_at",
    "stuck_at",
)


def visits_with_ends(scope: Scope, *mine: ColumnElement[bool]) -> FromClause:
    """Visits that count, with when and whereto each was left as of the moment (`left_at`, `to_stage`).

    Now these are columns of the row. Of the past they are so too, as far as that had come, but for accounts
    of which something was undone or recorded since: there they follow from the next visit that counted.
    """
    moment = scope.moment
    if isinstance(moment, Now):
        return VISIT
    visits = [*scope.of_lifecycles(VISIT), counts_at(VISIT, moment), *mine]
    changed = VISIT.c.account.in_(changed_since(moment, *mine))
    had_left = VISIT.c.left_at <= moment.at
    as_kept = _ends(case((had_left, VISIT.c.left_at)), case((had_left, VISIT.c.to_stage)))
    followed = _ends(_next(VISIT.c.entered_at), _next(VISIT.c.stage))
    return union_all(as_kept.where(*visits, ~changed), followed.where(*visits, changed)).subquery()


def _ends(left_at: ColumnElement[Any], to_stage: ColumnElement[Any]) -> Select[Any]:
    kept = (VISIT.c[name] for name in _KEPT)
    return select(*kept, left_at.label("left_at"), to_stage.label("to_stage"))


def _next(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The column of the account's next visit in the lifecycle."""
    in_order = [VISIT.c.revision, VISIT.c.position]
    of = [VISIT.c.account, VISIT.c.lifecycle]
    return func.lead(column, type_=column.type).over(partition_by=of, order_by=in_order)


def stays(scope: Scope, accounts: Sequence[str] | None = None) -> Select[Any]:
    """One row per account, lifecycle, cycle and stage (also of none), with its clock's start and its departure.

    `accounts` are all there are, or some. `is_over`: the account left the stage and did not come back in this
    cycle. A stay that a reactivation cut off is not over: its cycle was given up, not ended (R25).
    """
    mine = [VISIT.c.account.in_(accounts)] if accounts is not None else []
    rows = visits_with_ends(scope, *mine)
    counts = [counts_at(rows, scope.moment), *mine] if rows is VISIT else []
    left = func.max(rows.c.left_at)
    of = [
        as_it_lies(rows.c[name]).label(name) for name in ("account", "lifecycle", "cycle", "stage")
    ]
    cut = func.max(case((rows.c.to_stage == rows.c.stage, rows.c.left_at)))
    is_left = func.count() == func.count(rows.c.left_at)
    return (
        select(
            *of,
            func.max(rows.c.counting_since).label("since"),
            func.min(rows.c.entered_at).label("entered"),
            left.label("left"),
            func.max(rows.c.late_at).label("late_at"),
            func.max(case((rows.c.ends, 1), else_=0)).label("ends"),
            (is_left & (cut.is_(None) | (cut < left))).label("is_over"),
            is_left.label("is_left"),
        )
        .select_from(scope.joined(rows))
        .where(*scope.of_lifecycles(rows), *counts, *scope.chosen)
        .group_by(*of)
    )
