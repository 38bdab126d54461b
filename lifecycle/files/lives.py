"""Accounts at a moment, one after the other: now as they are stored, of the past from visits and values (N5)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select

from lifecycle.core.model import FieldDef
from lifecycle.core.state import AccountState, Track
from lifecycle.core.values import Kind, Value
from lifecycle.store.moment import AsOf, Now
from lifecycle.store.standing import ACCOUNT, FIELD_CHANGE, VISIT, counts_at
from lifecycle.store.stored import state_of

from .scope import Scope, batches, stream

_ORDER: Final = ("revision", "position")


@dataclass(frozen=True, slots=True)
class Life:
    """An account's state at its own instant `now`. Of the past it has fields and tracks only."""

    state: AccountState
    now: datetime


async def lives(scope: Scope) -> AsyncIterator[Life]:
    """The accounts, by id."""
    moment = scope.moment
    found = _present(scope, moment) if isinstance(moment, Now) else _past(scope, moment)
    async for life in found:
        yield life


async def _present(scope: Scope, moment: Now) -> AsyncIterator[Life]:
    query = select(ACCOUNT.c.lead, ACCOUNT.c.state).where(*scope.accounts).order_by(ACCOUNT.c.id)
    async for row in stream(scope.store, query):
        yield Life(lean_state(row.state), moment.now + timedelta(seconds=row.lead))


def lean_state(data: dict[str, Any]) -> AccountState:
    """A stored state without the images that only undo needs: they are most of it, and take most of the time."""
    return state_of({name: part for name, part in data.items() if name != "units"})


# ── the past


async def _past(scope: Scope, moment: AsOf) -> AsyncIterator[Life]:
    query = select(ACCOUNT.c.id).where(*scope.accounts).order_by(ACCOUNT.c.id)
    async for rows in batches(stream(scope.store, query)):
        states = {row.id: AccountState(row.id) for row in rows}
        await _give_fields(scope, moment, states)
        await _give_tracks(scope, moment, states)
        for state in states.values():
            yield Life(state, moment.at)


async def _give_fields(scope: Scope, moment: AsOf, states: dict[str, AccountState]) -> None:
    rows = FIELD_CHANGE
    query = (
        select(rows)
        .where(rows.c.account.in_(states), counts_at(rows, moment))
        .order_by(rows.c.account, rows.c.name, *(rows.c[name] for name in _ORDER))
    )
    specs = scope.book.account.fields
    async with scope.store.engine.connect() as connection:
        for row in await connection.execute(query):
            states[row.account].fields[row.name] = value_of(row, specs.get(row.name))


async def _give_tracks(scope: Scope, moment: AsOf, states: dict[str, AccountState]) -> None:
    rows = VISIT
    query = (
        select(rows)
        .where(rows.c.account.in_(states), counts_at(rows, moment))
        .order_by(rows.c.account, rows.c.lifecycle, *(rows.c[name] for name in _ORDER))
    )
    async with scope.store.engine.connect() as connection:
        for row in await connection.execute(query):
            tracks = states[row.account].tracks
            tracks[row.lifecycle] = _track(row, tracks.get(row.lifecycle), moment)


def _track(row: Any, before: Track | None, moment: AsOf) -> Track:
    """The track after one more visit; its cycle began with the first visit of the same number."""
    same = before is not None and before.cycle == row.cycle and before.stage is not None
    began = before.cycle_started_at if before is not None and same else row.entered_at
    return Track(
        row.lifecycle,
        row.stage,
        row.number,
        entered_at=row.entered_at if row.stage else None,
        counting_since=row.counting_since,
        cycle=row.cycle,
        cycle_started_at=began if row.stage else None,
        ended_at=row.counting_since if row.ends else None,
        late=row.late_at is not None and row.late_at <= moment.at,
        stuck=row.stuck_at is not None and row.stuck_at <= moment.at,
    )


def value_of(row: Any, spec: FieldDef | None) -> Value:
    """The value in the columns of a row of `account_field` or `field_change`."""
    found: Iterable[Value] = (row.text, row.instant, row.day, row.number)
    value = next((one for one in found if one is not None), None)
    if spec is not None and isinstance(value, int):
        return {Kind.YES_NO: bool, Kind.NUMBER: float}.get(spec.kind, int)(value)
    return value
