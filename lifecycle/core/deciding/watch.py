"""Conditions under watch: `as soon as` lines, and due lines that wait for their guard, a hold or a stage."""

from __future__ import annotations

from collections.abc import Iterator

from .. import changes as c
from ..conditions import Condition
from ..index import OUTSIDE, stages_of
from ..model import AsSoonAs, Automation
from ..state import Track
from .actions import perform
from .moves import rest, try_line
from .turn import Turn


def watch(turn: Turn) -> None:
    """Ask the conditions that depend on what changed; fire those that turned true, and waiting lines that may go."""
    names, turn.dirty = turn.dirty, set()
    if turn.state.is_cancelled:
        return
    for line in _watched(turn, names):
        ask(turn, line)
    for line in list(waiting_lines(turn)):
        if may_go(turn, line):
            fire(turn, line)


def _watched(turn: Turn, names: set[str]) -> Iterator[Automation]:
    for lifecycle, track in list(turn.state.tracks.items()):
        for line in turn.index.watches.get((lifecycle, track.stage or OUTSIDE), ()):
            if lifecycle in names or not names.isdisjoint(turn.index.depends[line.key]):
                yield line
    for line in turn.index.watches_outside:
        if line.lifecycle in names or not names.isdisjoint(turn.index.depends[line.key]):
            yield line


def ask(turn: Turn, line: Automation) -> None:
    """An `as soon as` line fires when its condition turns true; turning false makes it ready again."""
    memory = turn.track(line.lifecycle) if line.stage else turn.state
    if isinstance(memory, Track) and (memory.stage != line.stage or line.key in memory.done):
        return
    holds, was = _applies(turn, line) and condition_of(line).holds(turn.facts()), line.key in memory.true
    if holds and not was:
        turn.emit(c.TurnedTrue(line.key, True, turn.visit_of(line)))
        turn.note("because", f"The condition of {line.key} turned true.", line.key, condition_of(line))
        fire(turn, line)
    elif was and not holds:
        turn.emit(c.TurnedTrue(line.key, False, turn.visit_of(line)))
        rest(turn, line)


def condition_of(line: Automation) -> Condition:
    """The condition of an `as soon as` line."""
    assert isinstance(line.trigger, AsSoonAs)
    return line.trigger.condition


def _applies(turn: Turn, line: Automation) -> bool:
    """A moving line outside stages is asked only where it could move the account."""
    if line.to is None or line.stage:
        return True
    return turn.stage_key(line.lifecycle) in stages_of(turn.lifecycle(line.lifecycle), line)


def fire(turn: Turn, line: Automation) -> None:
    """Run a line of time or condition that is due."""
    if line.to is not None:
        try_line(turn, line)
    else:
        perform(turn, line)


def waiting_lines(turn: Turn) -> Iterator[Automation]:
    """All lines that are due and wait, in the order of the definitions."""
    keys = [key for track in turn.state.tracks.values() for key in track.waiting] + turn.state.waiting
    known = [turn.index.automations[key] for key in keys if key in turn.index.automations]
    return iter(sorted(known, key=lambda line: turn.index.order[line.key]))


def may_go(turn: Turn, line: Automation) -> bool:
    """Whether nothing stands in the way of a waiting line any more: no hold, no disabled stage, no guard."""
    if turn.state.hold is not None or is_parked(turn, line) or line.lifecycle in turn.moved:
        return False
    return line.guard is None or line.guard.holds(turn.facts())


def is_parked(turn: Turn, line: Automation) -> bool:
    """Whether the line leads into a disabled stage (R15)."""
    stage = turn.lifecycle(line.lifecycle).stage(line.to) if line.to else None
    return stage is not None and stage.disabled
