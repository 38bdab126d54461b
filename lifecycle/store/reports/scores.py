"""Scorecards over all accounts and over time: how many lie in which band (T16, G10)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    Subquery,
    case,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)

from lifecycle.core.scorecard import Scorecard

from ..engine import Store
from ..moment import AsOf, Moment
from ..standing import counts_at, exists_at
from ..tables import AccountRow, FieldChangeRow, FieldRow, table_of
from .instants import utc_day
from .periods import Period, Step
from .scope import Scope

ACCOUNT: Final = table_of(AccountRow)
FIELD: Final = table_of(FieldRow)
CHANGE: Final = table_of(FieldChangeRow)
ARR: Final = "arr"

Bands = dict[str | None, "InBand"]
"""By band; None holds those with no band: no score, or the scorecard is not for them."""


@dataclass(slots=True)
class InBand:
    """The accounts of a band, their ARR in whole cents, the sum of the scores they have."""

    accounts: int = 0
    arr: int = 0
    scores: int = 0
    points: int = 0

    @property
    def mean(self) -> float | None:
        """The mean score of those that have one."""
        return self.points / self.scores if self.scores else None


# ── at a moment


async def bands(store: Store, card: Scorecard, scope: Scope) -> Bands:
    """How the accounts lie in a scorecard's bands."""
    of = _values(card, scope.moment)
    columns = (
        of.c.band,
        func.count().label("accounts"),
        func.sum(of.c.arr).label("arr"),
        func.count(of.c.score).label("scores"),
        func.sum(of.c.score).label("points"),
    )
    tables = ACCOUNT.outerjoin(of, of.c.account == ACCOUNT.c.id)
    mine = [exists_at(scope.moment), *scope.chosen]
    query = select(*columns).select_from(tables).where(*mine).group_by(of.c.band)
    async with store.engine.connect() as connection:
        return {
            row.band: InBand(row.accounts, int(row.arr or 0), row.scores, int(row.points or 0))
            for row in await connection.execute(query)
        }


def _values(card: Scorecard, moment: Moment) -> Subquery:
    """Band, score and ARR side by side, one row per account that ever had one of them: read in one pass."""
    band = card.band_field or card.score_field
    names = {band, card.score_field, ARR}
    rows = _latest(names, moment) if isinstance(moment, AsOf) else FIELD

    def only(name: str, column: str) -> ColumnElement[Any]:
        return func.max(case((rows.c.name == name, rows.c[column])))

    return (
        select(
            rows.c.account,
            only(band, "text").label("band"),
            only(card.score_field, "number").label("score"),
            only(ARR, "number").label("arr"),
        )
        .where(rows.c.name.in_(names))
        .group_by(rows.c.account)
        .subquery()
    )


def _latest(names: set[str], moment: AsOf) -> Subquery:
    """The last value of each of these fields, by account."""
    newest = CHANGE.c.revision.desc(), CHANGE.c.position.desc()
    of = (CHANGE.c.account, CHANGE.c.name)
    place = func.row_number().over(partition_by=of, order_by=newest).label("place")
    value = (CHANGE.c.text, CHANGE.c.number)
    counted = select(*of, *value, place).where(CHANGE.c.name.in_(names), counts_at(CHANGE, moment))
    numbered = counted.subquery()
    return select(numbered).where(numbered.c.place == 1).subquery()


# ── over time


@dataclass(frozen=True, slots=True)
class BandsAt:
    """The bands at the end of a day; today, so far."""

    day: date
    bands: Bands = field(default_factory=dict)


async def bands_over_time(
    store: Store, card: Scorecard, scope: Scope, period: Period, step: Step
) -> list[BandsAt]:
    """The bands at the end of each day, week or month of a period: summed from what changed, in one pass."""
    ends = [one.last for one in period.steps(step)]
    query = _moved(card, scope, period)
    async with store.engine.connect() as connection:
        moved = [tuple(row) for row in await connection.execute(query)]
    return _summed([(end, scope.rows_until(end)) for end in ends], moved)


def _summed(ends: Sequence[tuple[date, date]], moved: Iterable[tuple[Any, ...]]) -> list[BandsAt]:
    """`moved` is (day, band, accounts, ARR); running sums of it, read off at the ends.

    `ends` are days, each with the last day whose rows it counts.
    """
    waiting = sorted(moved, key=lambda row: row[0])
    running: Bands = {}
    found: list[BandsAt] = []
    place = 0
    for end, until in ends:
        while place < len(waiting) and waiting[place][0] <= until:
            _, band, accounts, arr = waiting[place]
            at = running.setdefault(band, InBand())
            at.accounts, at.arr = at.accounts + accounts, at.arr + int(arr or 0)
            place += 1
        found.append(
            BandsAt(end, {band: InBand(at.accounts, at.arr) for band, at in running.items()})
        )
    return found


def _moved(card: Scorecard, scope: Scope, period: Period) -> Select[Any]:
    """What each change took from one band and gave to another, by day; accounts begin in none.

    A change of the band moves the account with the ARR it has; a change of the ARR leaves it where it is.
    """
    row = _carried(card, scope).c
    one, none = row.is_band, literal(0)
    born = select(utc_day(ACCOUNT.c.created_at).label("day"), *_EMPTY).where(
        exists_at(scope.moment), *scope.chosen
    )
    given = select(row.day, row.band, one, row.arr)
    taken = select(
        row.day,
        case((one == 1, row.band_before), else_=row.band),
        none - one,
        none - case((one == 1, row.arr), else_=row.arr_before),
    )
    all_ = union_all(born, given, taken).subquery()
    sums = (func.sum(all_.c.accounts).label("accounts"), func.sum(all_.c.arr).label("arr"))
    until = all_.c.day <= scope.rows_until(period.last)
    return select(all_.c.day, all_.c.band, *sums).where(until).group_by(all_.c.day, all_.c.band)


_EMPTY: Final = (
    cast(null(), String).label("band"),
    literal(1).label("accounts"),
    cast(null(), BigInteger).label("arr"),
)


def _carried(card: Scorecard, scope: Scope) -> Subquery:
    """Every change of band or ARR with both values after it.

    The last value up to a row is the greatest of those marked with their place: one window for both fields.
    """
    band, arr = (
        _of_field(scope, card.band_field or card.score_field, True),
        _of_field(scope, ARR, False),
    )
    rows = union_all(band, arr).subquery()
    order = (rows.c.revision, rows.c.position)
    last: dict[str, ColumnElement[Any]] = {}
    for name in ("band", "arr"):
        mark = func.max(rows.c[f"{name}_mark"]).over(
            partition_by=rows.c.account, order_by=order, rows=(None, 0)
        )
        last[name] = func.nullif(func.substr(mark, PLACE + 1), "")
    kept = (rows.c.day, rows.c.is_band, rows.c.band_before, rows.c.arr_before)
    values = (last["band"].label("band"), cast(last["arr"], BigInteger).label("arr"))
    return select(*kept, *values).subquery()


PLACE: Final = 16
"""Digits of a place: a one, ten of the revision, five of the position."""


def _of_field(scope: Scope, name: str, is_band: bool) -> Select[Any]:
    """The changes of a field that count: with its value marked by its place, and the value before."""
    value = CHANGE.c.text if is_band else cast(CHANGE.c.number, BigInteger)
    order = (CHANGE.c.revision, CHANGE.c.position)
    before = func.lag(value).over(partition_by=CHANGE.c.account, order_by=order)
    place = cast(
        10**15 + CHANGE.c.revision * literal(10**5, BigInteger) + CHANGE.c.position, String
    )
    mark = place + func.coalesce(cast(value, String), "")
    no_text, no_number = cast(null(), String), cast(null(), BigInteger)
    return (
        select(
            CHANGE.c.account,
            *order,
            utc_day(CHANGE.c.at).label("day"),
            literal(int(is_band)).label("is_band"),
            (mark if is_band else no_text).label("band_mark"),
            (no_text if is_band else mark).label("arr_mark"),
            (before if is_band else no_text).label("band_before"),
            (no_number if is_band else before).label("arr_before"),
        )
        .select_from(scope.joined(CHANGE))
        .where(CHANGE.c.name == name, counts_at(CHANGE, scope.moment), *scope.chosen)
    )
