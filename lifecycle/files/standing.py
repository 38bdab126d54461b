"""What the engine tells of an account in its own columns: since when, and days in (T11, T28)."""

from __future__ import annotations

from datetime import datetime

from lifecycle.core.clock import days_in_stage, days_overall, whole_days
from lifecycle.core.state import AccountState

from .cells import Cell, Stage, field_cell
from .columns import Account, Column, Derived, OfField, OfStage, Told


def cell_of(column: Column, state: AccountState, now: datetime) -> Cell:
    """What an export writes into a column for an account; `now` is the account's own."""
    if isinstance(column, Account):
        return state.account
    if isinstance(column, OfField):
        return field_cell(state.fields.get(column.spec.id), column.spec)
    if isinstance(column, Derived):
        return _told(column, state, now)
    return stage_of(column, state) or Stage.NONE


def stage_of(column: OfStage, state: AccountState) -> str | None:
    """The stage the account is in."""
    track = state.tracks.get(column.lifecycle.id)
    return track.stage if track else None


def days_told(column: Derived, state: AccountState, now: datetime) -> int | None:
    """Whole days; None for no value: in no stage, or cancelled (T28)."""
    track = state.tracks.get(column.lifecycle.id)
    if track is None:
        return None
    count = days_overall if column.told is Told.DAYS_IN else days_in_stage
    return whole_days(count(state, track, now))


def _told(column: Derived, state: AccountState, now: datetime) -> Cell:
    if column.told is not Told.SINCE:
        return days_told(column, state, now)
    track = state.tracks.get(column.lifecycle.id)
    return track.entered_at if track and track.stage else None
