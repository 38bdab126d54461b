"""Conditions under watch: `as soon as` lines, and due lines that wait for their guard, a hold or a stage."""

from __future__ import annotations

from collections.abc import Iterator

from .. import changes as c
from ..index import OUTSIDE, SCORES, is_parked, targets_of
from ..model import AsSoonAs, At, Automation
from ..state import Track
from ..wakes import applies, date_instant, date_value
from .actions import perform
from .moves import rest, stays_due, try_line
from .scores import rescore
from .stuck import STUCK_CTA, stuck_line
from .turn import Turn


def watch(turn: Turn) -> None:
    """Ask the conditions that depend on what changed; fire those that turned true, and waiting lines that may go."""
    names, turn.dirty = turn.dirty, set()
    rescore(turn, names)
    if not turn.state.is_cancelled:
        for line in _watched(turn, names):
            ask(turn, line)
    for line in waiting_lines(turn):
        if turn.state.is_cancelled and stays_due(line):
            continue
        if _lapsed(turn, line):
            rest(turn, line)
        elif may_go(turn, line):
            fire(turn, line)


def _lapsed(turn: Turn, line: Automation) -> bool:
    """A date that was moved ahead or cleared is due no more; the new one arms the line again."""
    if not isinstance(line.trigger, At):
        return False
    at = date_instant(turn.index, turn.state, line)
    return at is None or at > turn.at


def _watched(turn: Turn, names: set[str]) -> Iterator[Automation]:
    index = turn.index
    for lifecycle, track in list(turn.state.tracks.items()):
        for line in index.watches.get((lifecycle, track.stage or OUTSIDE), ()):
            if lifecycle in names or not names.isdisjoint(index.depends[line.key]):
                yield line
    for line in index.watches_outside:
        if line.lifecycle in names or not names.isdisjoint(index.depends[line.key]):
            yield line


def ask(turn: Turn, line: Automation) -> None:
    """An `as soon as` line fires when its condition turns true; turning false makes it ready again.

    `leaves segment` is the other way round.
    """
    if _turns(turn, line):
        trigger = as_soon_as(line)
        word = "false" if trigger.turns_false else "true"
        said = f"The condition of {line.key} turned {word}."
        turn.note("because", said, line.key, trigger.condition)
        fire(turn, line)


def _turns(turn: Turn, line: Automation) -> bool:
    """Take note of whether the condition holds; answers whether the line is to fire."""
    memory = turn.track(line.lifecycle) if line.stage else turn.state
    if isinstance(memory, Track) and (memory.stage != line.stage or line.key in memory.done):
        return False
    trigger, may_move = as_soon_as(line), applies(turn.index, turn.state, line)
    holds = (may_move or trigger.turns_false) and trigger.condition.holds(turn.facts())
    if holds == (line.key in memory.true):
        return False
    turn.emit(c.TurnedTrue(line.key, holds, turn.visit_of(line)))
    if holds == trigger.turns_false or not may_move:
        rest(turn, line)
        return False
    return True


def settle(turn: Turn) -> None:
    """A cascade was stopped: scores are made true and conditions taken note of, and nothing is set off any more.

    Whatever stayed wrong would be due again at this very instant, without end. A card may ask another's field.
    """
    for _ in turn.index.scorecards:
        rescore(turn, {SCORES})
    if not turn.state.is_cancelled:
        for line in _watched(turn, set(turn.book.lifecycles)):
            _turns(turn, line)
    turn.queue.clear()
    turn.dirty.clear()


def as_soon_as(line: Automation) -> AsSoonAs:
    """The trigger of an `as soon as` line."""
    assert isinstance(line.trigger, AsSoonAs)
    return line.trigger


def fire(turn: Turn, line: Automation) -> None:
    """Run a line that is due."""
    if isinstance(line.trigger, At):
        spend_date(turn, line)
    if line.to is not None:
        try_line(turn, line)
    else:
        perform(turn, line)


def spend_date(turn: Turn, line: Automation) -> None:
    """An `at` line fires once per value of its date."""
    day = date_value(turn.state, line)
    if day is not None and turn.state.dates.get(line.key) != day.isoformat():
        turn.emit(c.TurnTaken(line.key, "", day.isoformat()))


def waiting_lines(turn: Turn) -> list[Automation]:
    """All lines that are due and wait, in the order of the definitions."""
    keys = [
        key for track in turn.state.tracks.values() for key in track.waiting
    ] + turn.state.waiting
    order = turn.index.order
    known = [line for key in keys if (line := _line_of(turn, key)) is not None]
    return sorted(known, key=lambda line: order.get(line.key, len(order)))


def _line_of(turn: Turn, key: str) -> Automation | None:
    lifecycle, _, name = key.partition(".")
    return stuck_line(turn, lifecycle) if name == STUCK_CTA else turn.index.automations.get(key)


def may_go(turn: Turn, line: Automation) -> bool:
    """Whether nothing stands in the way of a waiting line any more: no hold, no disabled stage, no guard."""
    if (
        turn.state.hold is not None
        or is_parked(turn.book, line)
        or not applies(turn.index, turn.state, line)
    ):
        return False
    if any(lifecycle in turn.moved for lifecycle, _ in targets_of(line)):
        return False
    return line.guard is None or line.guard.holds(turn.facts())
