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
    return _summed(ends, moved)


def _summed(ends: Sequence[date], moved: Iterable[tuple[Any, ...]]) -> list[BandsAt]:
    """`moved` is (day, band, accounts, ARR); running sums of it, read off at the ends."""
    waiting = sorted(moved, key=lambda row: row[0])
    running: Bands = {}
    found: list[BandsAt] = []
    place = 0
    for end in ends:
        while place < len(waiting) and waiting[place][0] <= end:
            _, band, accounts, arr = waiting[place]
            at = running.setdefault(band, InBand())
            at.accounts, at.arr = at.accounts + accounts, at.arr + int(arr or 0)
            place += 1
        found.append(
            BandsAt(end, {band: InBand(at.accounts, at.arr) for band, at in running.items()})
        )
    return found


def _moved(card: Scorecard, scope: Scope, period: Period) -> Select[Any]:
    """What each change took from one band and gave to another, by day.

    A change of the band moves the account with the ARR it has; a change of the ARR leaves it where it is.
    """
    known = _carried(card, scope)
    order = (known.c.revision, known.c.position)
    earlier = {
        name: func.lag(known.c[name]).over(partition_by=known.c.account, order_by=order)
        for name in ("band", "arr")
    }
    steps = select(
        known.c.day,
        known.c.born,
        known.c.band,
        known.c.arr,
        earlier["band"].label("band_before"),
        earlier["arr"].label("arr_before"),
    ).subquery()
    given = select(steps.c.day, steps.c.band, literal(1).label("accounts"), steps.c.arr)
    taken = select(steps.c.day, steps.c.band_before, literal(-1), -steps.c.arr_before)
    both = union_all(given, taken.where(steps.c.born == 0)).subquery()
    sums = (func.sum(both.c.accounts).label("accounts"), func.sum(both.c.arr).label("arr"))
    return (
        select(both.c.day, both.c.band, *sums)
        .where(both.c.day <= period.last)
        .group_by(both.c.day, both.c.band)
    )


def _carried(card: Scorecard, scope: Scope) -> Subquery:
    """Every change of band or ARR with both values after it; an account begins with neither."""
    changes = _changes(card, scope)
    order = (changes.c.revision, changes.c.position)
    groups = {
        name: func.sum(changes.c[f"is_{name}"]).over(
            partition_by=changes.c.account, order_by=order, rows=(None, 0)
        )
        for name in ("band", "arr")
    }
    numbered = select(*changes.c, *(group.label(f"{name}_of") for name, group in groups.items()))
    rows = numbered.subquery()
    carried = {
        name: func.max(rows.c[name]).over(partition_by=(rows.c.account, rows.c[f"{name}_of"]))
        for name in ("band", "arr")
    }
    kept = (rows.c.account, rows.c.revision, rows.c.position, rows.c.day, rows.c.born)
    return select(*kept, *(value.label(name) for name, value in carried.items())).subquery()


def _changes(card: Scorecard, scope: Scope) -> Subquery:
    """Accounts as they come into being, and every change of the two fields that counts."""
    first = literal(-1)
    born = select(
        ACCOUNT.c.id.label("account"),
        first.label("revision"),
        first.label("position"),
        utc_day(ACCOUNT.c.created_at).label("day"),
        literal(1).label("born"),
        literal(0).label("is_band"),
        literal(0).label("is_arr"),
        cast(null(), String).label("band"),
        cast(null(), BigInteger).label("arr"),
    ).where(exists_at(scope.moment), *scope.chosen)
    return union_all(
        born,
        _of_field(scope, card.band_field or card.score_field, is_band=True),
        _of_field(scope, ARR, is_band=False),
    ).subquery()


def _of_field(scope: Scope, name: str, is_band: bool) -> Select[Any]:
    return (
        select(
            CHANGE.c.account,
            CHANGE.c.revision,
            CHANGE.c.position,
            utc_day(CHANGE.c.at),
            literal(0),
            literal(int(is_band)),
            literal(int(not is_band)),
            CHANGE.c.text if is_band else cast(null(), String),
            cast(null(), BigInteger) if is_band else cast(CHANGE.c.number, BigInteger),
        )
        .select_from(scope.joined(CHANGE))
        .where(CHANGE.c.name == name, counts_at(CHANGE, scope.moment), *scope.chosen)
    )
