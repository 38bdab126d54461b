"""Who stands where at a moment, counted by whole days in the stage (G10, T11)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import CTE, ColumnElement, FromClause, Select, case, func, select

from ..engine import Store
from ..moment import AsOf, Now
from ..reading import as_it_lies, reading
from ..standing import ACCOUNT, FIELD_CHANGE, counts_at, exists_at
from ..tables import TrackRow, table_of
from .instants import present, whole_days
from .scope import Scope
from .spread import Spread
from .stays import visits_with_ends

TRACK: Final = table_of(TrackRow)
ARR: Final = "arr"
STATUS: Final = "status"
CANCELLED: Final = "cancelled"


@dataclass(slots=True)
class Standing:
    """The accounts in one stage. `arr` is in whole cents; `days` are of those that have a value (T28)."""

    accounts: int = 0
    arr: int = 0
    late: int = 0
    days: Spread = field(default_factory=Spread)


async def standings(store: Store, scope: Scope) -> dict[tuple[str, str], Standing]:
    """By lifecycle and stage; those in no stage are not among them."""
    found: dict[tuple[str, str], Standing] = {}
    async with reading(store) as connection:
        for row in await connection.execute(_counted(scope)):
            at = found.setdefault((row.lifecycle, row.stage), Standing())
            at.accounts += row.accounts
            at.arr += int(row.arr or 0)
            at.late += row.late
            if row.days is not None:
                at.days.add(row.days, row.accounts)
    return found


async def everybody(store: Store, scope: Scope) -> tuple[int, int]:
    """How many accounts there are, in whatever stage, and their ARR in whole cents."""
    there = [exists_at(scope.moment), *scope.chosen]
    if isinstance(scope.moment, Now):
        query = select(func.count(), func.sum(ACCOUNT.c.arr)).select_from(ACCOUNT)
    else:
        arr = _value(scope.moment, ARR, FIELD_CHANGE.c.number, ACCOUNT.c.id)
        query = select(func.count(), func.sum(arr)).select_from(ACCOUNT)
    async with reading(store) as connection:
        number, total = (await connection.execute(query.where(*there))).one()
        return number, int(total or 0)


def _counted(scope: Scope) -> Select[Any]:
    moment = scope.moment
    return _now(scope) if isinstance(moment, Now) else _then(scope, moment)


def _now(scope: Scope) -> Select[Any]:
    """From what is kept of the present."""
    days = _days(scope, TRACK, TRACK.c.ended_at.is_not(None), ACCOUNT.c.status)
    query = _sums(TRACK, days, ACCOUNT.c.arr, TRACK.c.late)
    query = query.select_from(TRACK.join(ACCOUNT, ACCOUNT.c.id == TRACK.c.account))
    query = query.where(exists_at(scope.moment), *scope.chosen)
    return _inside(scope, query, TRACK)


def _then(scope: Scope, moment: AsOf) -> Select[Any]:
    """From the visits and values of fields that count at an instant."""
    visit, about = visits_with_ends(scope), about_then(scope, moment)
    days = _days(scope, visit, visit.c.ends, about.c.status)
    query = _sums(visit, days, about.c.arr, visit.c.late_at <= moment.at)
    query = query.select_from(visit.join(about, about.c.id == visit.c.account))
    return _inside(scope, query, visit).where(visit.c.left_at.is_(None))


def about_then(scope: Scope, moment: AsOf) -> CTE:
    """The accounts with what was so of them: looked up once each, whatever number of lifecycles they are in."""
    arr = _value(moment, ARR, FIELD_CHANGE.c.number, ACCOUNT.c.id).label("arr")
    status = _value(moment, STATUS, FIELD_CHANGE.c.text, ACCOUNT.c.id).label("status")
    query = select(ACCOUNT.c.id, arr, status).where(exists_at(moment), *scope.chosen)
    return query.cte("about").prefix_with("MATERIALIZED")


def _value(moment: AsOf, name: str, column: Any, account: Any) -> Any:
    """What a field of the account at hand was: its key leads to the last value at once."""
    rows = FIELD_CHANGE
    mine = select(column).where(rows.c.account == account, rows.c.name == name)
    last = mine.where(counts_at(rows, moment)).order_by(
        rows.c.account.desc(), rows.c.name.desc(), rows.c.revision.desc(), rows.c.position.desc()
    )
    return last.limit(1).scalar_subquery()


def _days(scope: Scope, rows: Any, ended: Any, status: Any) -> ColumnElement[Any]:
    """Days in the stage: none while cancelled (T28), 0 on an end stage (R10)."""
    counted = whole_days(present(scope.moment), rows.c.counting_since)
    return case((status == CANCELLED, None), (ended, 0), else_=counted).label("days")


def _sums(rows: FromClause, days: Any, arr: Any, late: Any) -> Select[Any]:
    of = (as_it_lies(rows.c.lifecycle).label("lifecycle"), rows.c.stage, days)
    number = func.count().label("accounts")
    flagged = func.count(case((late, 1))).label("late")
    return select(*of, number, func.sum(arr).label("arr"), flagged).group_by(*of)


def _inside(scope: Scope, query: Select[Any], rows: Any) -> Select[Any]:
    return query.where(*scope.of_lifecycles(rows), as_it_lies(rows.c.stage).is_not(None))
