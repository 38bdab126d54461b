"""The board of a lifecycle as it was: heads from the visits that counted, cards from the journal (T8, N5).

Columns have the order of the present board: the longest in the stage first, cancelled accounts last, the id at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, tuple_

from lifecycle.core.evolve import copy_state
from lifecycle.core.state import AccountState, Track
from lifecycle.core.values import Value

from .ahead import foretold
from .board import A_PAGE, CANCELLED, MOST, Ahead, Card, Cursor, Head, Page
from .definitions import book_for
from .engine import Store
from .folded import states_at
from .moment import AsOf
from .reading import reading
from .reports.scope import Scope
from .reports.standings import about_then, everybody, standings
from .reports.stays import visits_with_ends
from .standing import ACCOUNT, exists_at

Sql = ColumnElement[bool]
SHOWN: Final = ("move", "late", "stuck", "cta")


@dataclass(frozen=True, slots=True)
class WantedThen:
    """The accounts in a lifecycle that a board of the past shows: those `only` holds of."""

    lifecycle: str
    moment: AsOf
    only: Sql | None = None

    @property
    def scope(self) -> Scope:
        """As reports have it."""
        return Scope(self.moment, (self.lifecycle,), self.only)


async def heads_then(store: Store, wanted: WantedThen) -> dict[str | None, Head]:
    """By stage, None for those in no stage; stages without an account are not among them."""
    scope = wanted.scope
    found: dict[str | None, Head] = {}
    for (_, stage), at in (await standings(store, scope)).items():
        found[stage] = Head(at.accounts, at.arr, days=at.days)
    number, arr = await everybody(store, scope)
    inside = sum(head.accounts for head in found.values())
    if number > inside:
        found[None] = Head(number - inside, arr - sum(head.arr for head in found.values()))
    async with reading(store) as connection:
        for row in await connection.execute(_marks(wanted)):
            found[row.stage].late, found[row.stage].stuck = row.late, row.stuck
    return found


def _marks(wanted: WantedThen) -> Select[Any]:
    """How many are late and stuck: accounts that are not cancelled (T28, R25)."""
    visit, about = _standing(wanted)
    late, stuck = (
        func.count(case((visit.c[name] <= wanted.moment.at, 1))).label(label)
        for name, label in (("late_at", "late"), ("stuck_at", "stuck"))
    )
    query = select(visit.c.stage, late, stuck).select_from(
        visit.join(about, about.c.id == visit.c.account)
    )
    return query.where(*_inside(visit), _active(about)).group_by(visit.c.stage)


def _standing(wanted: WantedThen) -> tuple[Any, Any]:
    return visits_with_ends(wanted.scope), about_then(wanted.scope, wanted.moment)


def _inside(visit: Any) -> list[Sql]:
    """The visit that an account stands in."""
    return [visit.c.left_at.is_(None), visit.c.stage.is_not(None)]


def _active(about: Any) -> Sql:
    return or_(about.c.status.is_(None), about.c.status != CANCELLED)


# ── the cards


async def page_then(
    store: Store, wanted: WantedThen, stage: str | None, after: Cursor | None, limit: int = A_PAGE
) -> Page:
    """The cards of a column behind one of them."""
    limit = max(1, min(limit, MOST))
    query = _outside(wanted, after) if stage is None else _column(wanted, stage, after)
    async with reading(store) as connection:
        ids = list((await connection.execute(query.limit(limit + 1))).scalars())
    cards = await _cards(store, wanted, ids[:limit], stage)
    return Page(cards, cards[-1].cursor if len(ids) > limit and cards else None)


def _column(wanted: WantedThen, stage: str, after: Cursor | None) -> Select[Any]:
    visit, about = _standing(wanted)
    last = case((_active(about), 0), else_=1)
    place = (last, visit.c.counting_since, about.c.id)
    query = select(about.c.id).select_from(visit.join(about, about.c.id == visit.c.account))
    query = query.where(*_inside(visit), visit.c.stage == stage).order_by(*place)
    if after is None:
        return query
    behind = tuple_(visit.c.counting_since, about.c.id) > tuple_(after.since, after.account)
    same = last == int(after.cancelled)
    return query.where(or_(last > int(after.cancelled), and_(same, behind)))


def _outside(wanted: WantedThen, after: Cursor | None) -> Select[Any]:
    """Those in no stage, by id."""
    visit = visits_with_ends(wanted.scope)
    inside = select(visit.c.account).where(*_inside(visit))
    query = select(ACCOUNT.c.id).where(exists_at(wanted.moment), ACCOUNT.c.id.not_in(inside))
    if wanted.only is not None:
        query = query.where(wanted.only)
    if after is not None:
        query = query.where(ACCOUNT.c.id > after.account)
    return query.order_by(ACCOUNT.c.id)


async def _cards(
    store: Store, wanted: WantedThen, accounts: Sequence[str], stage: str | None
) -> list[Card]:
    states = await states_at(store, accounts, wanted.moment)
    return [
        await _card(store, wanted, states[account], stage)
        for account in accounts
        if account in states
    ]


async def _card(store: Store, wanted: WantedThen, state: AccountState, stage: str | None) -> Card:
    """A card; stages are called as they are today (R24)."""
    track = state.tracks.get(wanted.lifecycle) or Track(wanted.lifecycle)
    fields = state.fields
    return Card(
        state.account,
        str(fields.get("name") or state.account),
        _text(fields.get("csm")),
        _number(fields.get("arr")),
        state.is_cancelled,
        state.hold.until if state.hold else None,
        _text(fields.get("health")),
        _number(fields.get("health_score")),
        _text(fields.get("time_zone")),
        0,
        state.revision,
        stage,
        track.counting_since,
        track.ended_at,
        track.late and not state.is_cancelled,
        track.stuck and not state.is_cancelled,
        state.versions.get(wanted.lifecycle),
        track.revision,
        await _ahead(store, wanted, state),
    )


async def _ahead(store: Store, wanted: WantedThen, state: AccountState) -> Ahead | None:
    """The first thing that was foretold, in this lifecycle or of its CTAs."""
    book, _ = await book_for(store, state.versions, state.pending, wanted.moment.known)
    for row in foretold(book, copy_state(state)):
        if row["kind"] in SHOWN and row.get("lifecycle", "") in ("", wanted.lifecycle):
            return Ahead(row["at"], row["kind"], row.get("stage"), row.get("what", ""))
    return None


def _text(value: Value) -> str | None:
    return None if value is None else str(value)


def _number(value: Value) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
