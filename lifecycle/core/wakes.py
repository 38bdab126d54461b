"""`wakes_at`: the next instant at which something happens to an account if nothing else does.

Deadlines are derived from state, never stored; each has a name that `Deadline.what` carries. Every deadline,
once applied, changes the state so that it is due no more: nothing polls and nothing fires twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .conditions import Facts, Not, first_true
from .durations import add, day_instant, zone_of
from .index import OUTSIDE, Index, index_of, is_parked, stages_of
from .model import After, AsSoonAs, At, Automation, Book, Stage
from .scoring import turns_at
from .state import AccountState, Track

IMPORT_PATIENCE = timedelta(days=1)
"""An import that never said it ended is ended after this long, so that no account waits for ever (R21)."""


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """A deadline: the instant it is applied, its own instant, and its place among deadlines of one instant.

    `at` is never before the account's clock. `chained` says that the input before set it off at its instant.
    """

    at: datetime
    natural: datetime
    rank: int
    order: int
    what: str
    chained: bool = False


def wakes_at(book: Book, state: AccountState) -> datetime | None:
    """When the account must be looked at again, or None. While history is imported only the import's end counts."""
    if state.importing_since is not None:
        return state.importing_since + IMPORT_PATIENCE
    due = next_due(book, state)
    return due.at if due else None


def next_due(book: Book, state: AccountState) -> Due | None:
    """The first deadline, in the order of instant, rank (hold, CTA, action, move, late, stuck) and definition."""
    found = [due for due in (steady_due(book, state), loose_due(book, state)) if due is not None]
    return min(found, default=None)


def steady_due(book: Book, state: AccountState) -> Due | None:
    """The first of the deadlines that hang on stages, holds, CTAs and dates (fields: `Index.steady_names`)."""
    if state.clock is None:
        return None
    return min(_steady_dues(index_of(book), state, state.clock), default=None)


def loose_due(book: Book, state: AccountState, until: datetime | None = None) -> Due | None:
    """The first of the deadlines outside stages that may move with many fields: scores, and conditions asked there.

    With `until`, one that is later may be left out: what comes long after the next input need not be reckoned.

    Apart, because usage is reported often, and reckoning the others anew is the dearest part of a fold.
    """
    if state.clock is None:
        return None
    return min(_loose_dues(index_of(book), state, state.clock, until), default=None)


def all_dues(book: Book, state: AccountState) -> list[Due]:
    """Every armed deadline, first one first (N4: what happens next and when)."""
    if state.clock is None:
        return []
    index = index_of(book)
    return sorted(
        (*_steady_dues(index, state, state.clock), *_loose_dues(index, state, state.clock))
    )


def _due(
    clock: datetime,
    natural: datetime,
    rank: int,
    order: int,
    what: str,
    entered: datetime | None = None,
) -> Due:
    """What was due on entering its stage already was set off by the input that entered it (R13)."""
    chained = natural < clock or (entered is not None and natural <= entered)
    return Due(max(natural, clock), natural, rank, order, what, chained)


def _steady_dues(index: Index, state: AccountState, clock: datetime) -> Iterator[Due]:
    if state.hold is not None:
        yield _due(clock, state.hold.until, 0, 0, "hold")
    for cta in state.ctas.values():
        if cta.due is not None and not cta.overdue:
            due = max(cta.due, cta.snoozed_until or cta.due)
            yield _due(clock, due, 1, 0, f"cta:{cta.id}")
    if not state.is_cancelled:
        yield from _sleeping_dues(index, state, clock)


def _loose_dues(
    index: Index, state: AccountState, clock: datetime, until: datetime | None = None
) -> Iterator[Due]:
    if index.scored_by_time:
        yield from _score_dues(index, state, clock, until)
    if not state.is_cancelled:
        for line in index.watches_outside:
            yield from _watch_due(index, state, line, clock, state.true, until)
        yield from _waiting_dues(index, state, state.waiting, clock)


def _score_dues(
    index: Index, state: AccountState, clock: datetime, until: datetime | None
) -> Iterator[Due]:
    """When time alone changes a score: before the lines of that instant, which may ask for it."""
    facts = Facts(state, clock, segments=index.book.segments)
    for order, (card, timed) in enumerate(index.scored_by_time):
        if (at := turns_at(card, facts, timed, until)) is not None:
            yield _due(clock, at, 1, order, f"score:{card.id}")


def _sleeping_dues(index: Index, state: AccountState, clock: datetime) -> Iterator[Due]:
    """The deadlines that sleep while the account is cancelled (R25)."""
    for track in state.tracks.values():
        if track.stage is not None:
            yield from _track_dues(index, state, track, clock)
    for line in index.timed_outside:
        yield from _date_due(index, state, line, clock)


def _track_dues(index: Index, state: AccountState, track: Track, clock: datetime) -> Iterator[Due]:
    lifecycle = index.book.lifecycles.get(track.lifecycle)
    stage = lifecycle.stage(track.stage) if lifecycle else None
    if stage is None:
        return
    if not stage.end:
        yield from _overstays(index, state, track, stage, clock)
    for line in index.timed.get((track.lifecycle, stage.id), ()):
        if line.key not in track.done and line.key not in track.waiting:
            yield from _time_due(index, state, track, line, clock)
    for line in index.watches.get((track.lifecycle, stage.id), ()):
        if line.key not in track.done:
            yield from _watch_due(index, state, line, clock, track.true)
    yield from _waiting_dues(index, state, track.waiting, clock)


def _overstays(
    index: Index, state: AccountState, track: Track, stage: Stage, clock: datetime
) -> Iterator[Due]:
    """Late and stuck measure the days in the stage in this cycle; a hold does not shift them (R10, R19)."""
    if track.counting_since is None:
        return
    zone, calendar = zone_of(state.fields.get("time_zone")), index.book.directory.calendar
    if stage.expected is not None and not track.late:
        at = add(track.counting_since, stage.expected, calendar, zone)
        yield _due(clock, at, 4, 0, f"late:{track.lifecycle}", track.entered_at)
    if stage.stuck_after is not None and not track.stuck:
        at = add(track.counting_since, stage.stuck_after, calendar, zone)
        yield _due(clock, at, 5, 0, f"stuck:{track.lifecycle}", track.entered_at)


def _rank(line: Automation) -> int:
    return 2 if line.to is None else 3


def _time_due(
    index: Index, state: AccountState, track: Track, line: Automation, clock: datetime
) -> Iterator[Due]:
    if isinstance(line.trigger, At):
        yield from _date_due(index, state, line, clock)
    elif isinstance(line.trigger, After) and track.entered_at is not None:
        zone = zone_of(state.fields.get("time_zone"))
        at = add(track.entered_at, line.trigger.duration, index.book.directory.calendar, zone)
        shift = timedelta(seconds=track.held_seconds) + _holding(state, track.entered_at)
        yield _due(
            clock, at + shift, _rank(line), index.order[line.key], line.key, track.entered_at
        )


def _holding(state: AccountState, entered: datetime) -> timedelta:
    """How much the present hold will have shifted an `after` of this visit at its end (R19)."""
    if state.hold is None:
        return timedelta()
    return max(state.hold.until - max(state.hold.since, entered), timedelta())


def date_value(state: AccountState, line: Automation) -> date | None:
    """The date an `at` line counts from, if the account has it."""
    assert isinstance(line.trigger, At)
    value = state.fields.get(line.trigger.field)
    return value if isinstance(value, date) else None


def _date_due(
    index: Index, state: AccountState, line: Automation, clock: datetime
) -> Iterator[Due]:
    """Once per value of the date; where a moving line cannot apply now it is not armed."""
    day, at = date_value(state, line), date_instant(index, state, line)
    if day is None or at is None or state.dates.get(line.key) == day.isoformat():
        return
    if not line.stage and (line.key in state.waiting or not applies(index, state, line)):
        return
    track = state.tracks.get(line.lifecycle)
    entered = track.entered_at if track and line.stage else None
    yield _due(clock, at, _rank(line), index.order[line.key], line.key, entered)


def date_instant(index: Index, state: AccountState, line: Automation) -> datetime | None:
    """When an `at` line falls due by the date the account has now."""
    day = date_value(state, line)
    if day is None or not isinstance(line.trigger, At):
        return None
    calendar, zone = index.book.directory.calendar, zone_of(state.fields.get("time_zone"))
    return day_instant(day, line.trigger.offset, calendar, zone)


def applies(index: Index, state: AccountState, line: Automation) -> bool:
    """A moving line outside stages is asked only where it could move the account."""
    if line.to is None or line.stage:
        return True
    track = state.tracks.get(line.lifecycle)
    stage = (track.stage if track else None) or OUTSIDE
    return stage in stages_of(index.book.lifecycles[line.lifecycle], line)


def _watch_due(
    index: Index,
    state: AccountState,
    line: Automation,
    clock: datetime,
    true: list[str],
    until: datetime | None = None,
) -> Iterator[Due]:
    """When a condition turns by time alone: true, to fire; or false, to be ready again."""
    assert isinstance(line.trigger, AsSoonAs)
    condition, is_asked = (
        line.trigger.condition,
        line.trigger.turns_false or applies(index, state, line),
    )
    timed = index.timed_leaves.get(line.key)
    if not timed or not is_asked:
        return
    turned = line.key in true
    facts = Facts(state, clock, segments=index.book.segments)
    at = first_true(Not(condition) if turned else condition, facts, timed, until)
    if at is not None:
        yield _due(
            clock, at, _rank(line), index.order[line.key], f"{'false:' if turned else ''}{line.key}"
        )


def _waiting_dues(
    index: Index, state: AccountState, waiting: list[str], clock: datetime
) -> Iterator[Due]:
    """Waiting lines that only a guard holds back; a hold's end and a stage's re-enabling ask the others."""
    if state.hold is not None:
        return
    facts = Facts(state, clock, segments=index.book.segments)
    for key in waiting:
        line = index.automations.get(key)
        if line is None or is_parked(index.book, line) or not applies(index, state, line):
            continue
        at = first_true(line.guard, facts) if line.guard is not None else clock
        if at is not None:
            yield Due(max(at, clock), at, _rank(line), index.order[key], key, at <= clock)
