"""Days in: how long an account has been where, by lifecycle, stage and cycle (T10–T15, R9–R12, T28, R25).

Pure reads of a track; nothing here is stored. Days are floats of elapsed time and shown as whole ones
(`whole_days`). None means "no value": not in the lifecycle, or cancelled (T28), which is not zero.

The days of the stages need not add up to `days_overall`: a stage that was gone back to began again from zero
(T15), while the overall count ran on (R11).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from math import floor

from .durations import add, zone_of
from .model import Book
from .state import AccountState, Cycle, Track

DAY = timedelta(days=1)


def days_in_stage(state: AccountState, track: Track, now: datetime) -> float | None:
    """Days in the present stage in this cycle (T10); 0 on an end stage (R10)."""
    return days_in(state, track, track.stage, now) if track.stage else None


def days_in(state: AccountState, track: Track, stage: str | None, now: datetime) -> float | None:
    """Days in any stage in this cycle (T11): 0 for one not visited, and for an end stage (R10).

    On an end stage the others keep what they had when the cycle ended (T12).
    """
    if _has_no_value(state, track) or stage is None:
        return None
    if stage != track.stage:
        return track.seconds.get(stage, 0.0) / DAY.total_seconds()
    if track.ended_at is not None or track.counting_since is None:
        return 0.0
    return _days(now - track.counting_since)


def days_overall(state: AccountState, track: Track, now: datetime) -> float | None:
    """Days in the lifecycle in this cycle; frozen by its end (T12, R9)."""
    if _has_no_value(state, track) or track.cycle_started_at is None:
        return None
    return _days((track.ended_at or now) - track.cycle_started_at)


def days_since_end(state: AccountState, track: Track, now: datetime) -> float | None:
    """Days since the cycle ended (R10); None while it runs."""
    if _has_no_value(state, track) or track.ended_at is None:
        return None
    return _days(now - track.ended_at)


def days_of_cycle(cycle: Cycle, stage: str | None = None) -> float:
    """Days of an archived cycle, overall or in one stage; readable for cancelled accounts too (R9, R25)."""
    seconds = cycle.total if stage is None else cycle.seconds.get(stage, 0.0)
    return seconds / DAY.total_seconds()


def whole_days(days: float | None) -> int | None:
    """Days as shown: whole days of elapsed time (R12)."""
    return None if days is None else floor(days)


def late_from(book: Book, state: AccountState, track: Track) -> datetime | None:
    """The instant from which the account is late in its stage; None where nothing is expected (G6, R19)."""
    lifecycle = book.lifecycles.get(track.lifecycle)
    stage = lifecycle.stage(track.stage) if lifecycle else None
    if stage is None or stage.end or stage.expected is None or _has_no_value(state, track):
        return None
    if track.counting_since is None:
        return None
    zone = zone_of(state.fields.get("time_zone"))
    return add(track.counting_since, stage.expected, book.directory.calendar, zone)


def _has_no_value(state: AccountState, track: Track) -> bool:
    return state.is_cancelled or track.stage is None


def _days(elapsed: timedelta) -> float:
    return max(elapsed / DAY, 0.0)
