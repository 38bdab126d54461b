"""An account's way through one lifecycle, stage by stage: days against what is expected, stays, what is to come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lifecycle.core.clock import DAY, days_in, late_from, whole_days
from lifecycle.core.durations import Unit
from lifecycle.core.index import index_of
from lifecycle.core.model import After, Book, Lifecycle, Stage
from lifecycle.core.state import AccountState, Track
from lifecycle.core.wakes import all_dues
from lifecycle.store.one_account import ComingMove, StayRow

BEYOND = 4 / 3
"""Where nothing moves the account by time, a stage's track ends at this multiple of what is expected."""


@dataclass(frozen=True, slots=True)
class Stay:
    """A visit; `days` are whole ones. `left` is None while it lasts."""

    number: int
    cycle: int
    entered: datetime
    left: datetime | None
    days: int
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A stage on the rail. `state`: `now`, `was` (in this cycle) or empty; `days` of this cycle, None for no value.

    `expected` and `limit` (where the track ends) are days; `expected_said` is as the definition has it. `comes` is
    when the account is foretold to enter it.
    """

    stage: str
    label: str
    colour: str
    state: str
    days: int | None
    expected: float | None
    expected_said: str
    limit: float | None
    late: bool
    stuck: bool
    end: bool
    disabled: bool
    comes: datetime | None = None
    stays: list[Stay] = field(default_factory=list)


def rail(
    book: Book,
    lifecycle: Lifecycle,
    state: AccountState,
    now: datetime,
    visits: Iterable[StayRow],
    ahead: Iterable[ComingMove],
) -> list[Segment]:
    """One segment a stage. `visits` and `ahead` are the account's rows, of any lifecycle."""
    track = state.tracks.get(lifecycle.id) or Track(lifecycle.id)
    stays = [row for row in visits if row.lifecycle == lifecycle.id]
    comes: dict[str, datetime] = {}
    for row in ahead:
        if row.lifecycle == lifecycle.id and row.stage:
            comes.setdefault(row.stage, row.at)
    return [
        _segment(book, stage, state, track, now, stays, comes.get(stage.id))
        for stage in lifecycle.stages
    ]


def _segment(  # noqa: PLR0913, PLR0917 -- all that a stage is told from
    book: Book,
    stage: Stage,
    state: AccountState,
    track: Track,
    now: datetime,
    visits: Sequence[StayRow],
    comes: datetime | None,
) -> Segment:
    is_now = track.stage == stage.id
    stays = [_stay(row, now) for row in reversed(visits) if row.stage == stage.id]
    was = any(stay.cycle == track.cycle for stay in stays)
    expected = _expected(book, stage, state, track)
    return Segment(
        stage.id,
        stage.label,
        stage.colour,
        "now" if is_now else "was" if was else "",
        whole_days(days_in(state, track, stage.id, now)),
        expected,
        str(stage.expected) if stage.expected and not stage.end else "",
        _limit(book, state, track, stage, expected, now),
        is_now and track.late,
        is_now and track.stuck,
        stage.end,
        stage.disabled,
        comes,
        stays,
    )


def _stay(row: StayRow, now: datetime) -> Stay:
    whole = ((row.left or now) - row.entered) // DAY
    by = row.actor or row.automation
    return Stay(row.number, row.cycle, row.entered, row.left, max(0, whole), by, row.reason)


def _expected(book: Book, stage: Stage, state: AccountState, track: Track) -> float | None:
    """In days; business days of another stage than the present one are reckoned as so many weeks of them."""
    if stage.expected is None or stage.end:
        return None
    late = late_from(book, state, track) if track.stage == stage.id else None
    if late is not None and track.counting_since is not None:
        return (late - track.counting_since) / DAY
    if stage.expected.unit is Unit.BUSINESS_DAYS:
        return stage.expected.amount * 7 / max(1, len(book.directory.calendar.week))
    return stage.expected.elapsed / DAY


def _limit(
    book: Book,
    state: AccountState,
    track: Track,
    stage: Stage,
    expected: float | None,
    now: datetime,
) -> float | None:
    """Where time alone will move the account, else a third beyond what is expected; never before the present."""
    days = days_in(state, track, stage.id, now) or 0.0
    moves = _moved_after(book, state, track) if track.stage == stage.id else None
    limit = moves / DAY if moves is not None else expected * BEYOND if expected else None
    return max(limit, days) if limit is not None else None


def _moved_after(book: Book, state: AccountState, track: Track) -> timedelta | None:
    """How long after the stage's clock began its first `after` line will move the account."""
    lines = index_of(book).automations
    for due in all_dues(book, state):
        line = lines.get(due.what)
        if line is None or line.lifecycle != track.lifecycle or not line.stage or line.to is None:
            continue
        if isinstance(line.trigger, After) and track.counting_since is not None:
            return due.natural - track.counting_since
    return None
