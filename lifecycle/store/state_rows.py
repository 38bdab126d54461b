"""Rows that follow from the state alone: fields, tracks, and the columns of `account`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from lifecycle.core.state import AccountState
from lifecycle.core.values import Value

from .tables import FieldRow

Row = dict[str, Any]

BUILT_IN: dict[str, type] = {
    "name": str,
    "type": str,
    "status": str,
    "csm": str,
    "csm_email": str,
    "owner": str,
    "owner_email": str,
    "plan": str,
    "arr": int,
    "renewal_date": date,
    "health": str,
    "health_score": int,
    "time_zone": str,
}
"""Fields that are columns of `account` too, and the kind of value the column takes."""


def field_rows(account: str, state: AccountState) -> dict[str, Row]:
    """The `account_field` rows of a state, by field."""
    return {name: _field_row(account, name, value) for name, value in state.fields.items()}


def _field_row(account: str, name: str, value: Value) -> Row:
    return {"account": account, "name": name, **value_columns(value)}


def value_columns(value: Value) -> Row:
    """A value in the column of its kind; all are None for no value."""
    text = value if isinstance(value, str) else None
    instant = value if isinstance(value, datetime) else None
    return {
        "text": text,
        "head": text[: FieldRow.HEAD] if text is not None else None,
        "folded": str(value).casefold() if value is not None else None,
        "number": value if isinstance(value, int | float) else None,
        "day": value if isinstance(value, date) and instant is None else None,
        "instant": instant,
    }


def track_rows(account: str, state: AccountState) -> dict[str, Row]:
    """The `track` rows of a state, by lifecycle."""
    return {
        lifecycle: {
            "account": account,
            "lifecycle": lifecycle,
            **{name: getattr(track, name) for name in _TRACK_COLUMNS},
            "seconds": dict(track.seconds),
            "version": state.versions.get(lifecycle),
        }
        for lifecycle, track in state.tracks.items()
    }


_TRACK_COLUMNS = (
    "stage",
    "visit",
    "entered_at",
    "counting_since",
    "cycle",
    "cycle_started_at",
    "ended_at",
    "late",
    "stuck",
    "revision",
)


def account_columns(state: AccountState) -> Row:
    """The columns of `account` that follow from the state."""
    row = {name: _fitting(state.fields.get(name), kind) for name, kind in BUILT_IN.items()}
    return {
        **row,
        "created_at": state.created_at,
        "revision": state.revision,
        "clock": state.clock,
        "lead": state.lead,
        "hold_until": state.hold.until if state.hold else None,
        "duplicates": state.duplicates,
        "refused": state.refused,
    }


def _fitting(value: Value, kind: type) -> Value:
    """The value if it is exactly of the column's kind: a bool is no int, a datetime no date."""
    return value if type(value) is kind else None
