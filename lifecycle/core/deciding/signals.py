"""Signals: an event, an entry, a leaving or a changed field, and the lines that hear it, in the order of R23."""

from __future__ import annotations

from collections.abc import Sequence

from ..conditions import NONE
from ..index import Hearers
from ..model import Automation, Entered, Left, OnAll, OnEvent
from .actions import perform
from .joins import is_complete, note_fact, use_facts
from .moves import Outcome, first_that_applies
from .turn import DEEPEST, Happening, Turn
from .watch import settle, watch


def run_event(turn: Turn, happening: Happening) -> None:
    """One event, whole: `set` lines, each lifecycle's move with what it sets off, the other lines (R23)."""
    hearers = turn.index.hearers.get(happening.signal)
    if hearers is not None:
        _hear(turn, happening, hearers, settle_moves=True)
    drain(turn)


def drain(turn: Turn) -> None:
    """Everything that has been set off, until nothing is left."""
    rounds = 0
    while turn.queue or turn.dirty:
        if turn.queue:
            _run(turn, turn.queue.popleft())
        elif rounds < DEEPEST:
            rounds += 1
            watch(turn)
        else:
            turn.note(
                "cascade_stopped",
                f"Conditions turned each other more than {DEEPEST} times; stopped.",
            )
            settle(turn)


def _run(turn: Turn, happening: Happening) -> None:
    outer, turn.event, turn.depth = turn.event, happening.event, happening.depth
    key, turn.event_key = turn.event_key, ""
    if happening.signal[0] == "entered":
        _enter_lines(turn, happening)
    hearers = turn.index.hearers.get(happening.signal)
    if hearers is not None:
        _hear(turn, happening, hearers, settle_moves=False)
    turn.event, turn.event_key, turn.depth = outer, key, 0


def _enter_lines(turn: Turn, happening: Happening) -> None:
    """A line of a stage without a trigger runs on entering, whatever caused the entry."""
    _, lifecycle, stage = happening.signal
    for line in turn.index.entry.get((lifecycle, stage), ()):
        if turn.stage_key(lifecycle) == stage:
            perform(turn, line)


def _hear(turn: Turn, happening: Happening, hearers: Hearers, settle_moves: bool) -> None:
    found = {lifecycle: turn.stage_key(lifecycle) for lifecycle in hearers.dos}
    if happening.only is None:
        for line in hearers.joins:
            note_fact(turn, line, happening)
    _perform_heard(turn, happening, hearers.sets)
    for lifecycle in sorted(hearers.moves):
        _move(turn, happening, hearers.moves[lifecycle].get(turn.stage_key(lifecycle), ()))
        if settle_moves:
            drain(turn)
    if settle_moves:
        drain(turn)
    for lifecycle in sorted(hearers.dos):
        _perform_heard(turn, happening, hearers.dos[lifecycle].get(found[lifecycle], ()))
    _perform_heard(turn, happening, hearers.others)


def _move(turn: Turn, happening: Happening, lines: Sequence[Automation]) -> None:
    heard = [line for line in _searched(happening, lines) if _hears(turn, happening, line)]
    if not heard:
        return
    outcome = first_that_applies(turn, heard)
    if outcome is not Outcome.STAYED:
        for line in heard:
            use_facts(turn, line)


def _searched(happening: Happening, lines: Sequence[Automation]) -> Sequence[Automation]:
    """A held event resumes the search at the line where the hold ended it (R3, R18); no shadow ends one (N11)."""
    only = happening.only
    if only is None:
        return lines
    ended = (i for i, line in enumerate(lines) if line.key in only and not line.shadow)
    first = next(ended, len(lines))
    return [*(line for line in lines[:first] if line.key in only), *lines[first:]]


def _perform_heard(turn: Turn, happening: Happening, lines: Sequence[Automation]) -> None:
    for line in lines:
        wanted = happening.only is None or line.key in happening.only
        if wanted and _hears(turn, happening, line):
            perform(turn, line)
            if not turn.is_held(line.key):
                use_facts(turn, line)


def _hears(turn: Turn, happening: Happening, line: Automation) -> bool:
    """Whether this very signal is meant: scope, `from:`, `towards:`, an event's own condition, a join's facts."""
    if happening.scope not in (None, line.lifecycle):
        return False
    trigger = line.trigger
    if isinstance(trigger, Entered):
        return trigger.left in (None, happening.left or NONE)
    if isinstance(trigger, Left):
        return trigger.towards in (None, happening.entered or NONE)
    if isinstance(trigger, OnAll):
        return _was_held(happening, line) or is_complete(turn, line)
    return not isinstance(trigger, OnEvent) or _matches(turn, happening, line, trigger)


def _was_held(happening: Happening, line: Automation) -> bool:
    """A join that was complete when the hold stopped it is not asked for its facts again."""
    return happening.only is not None and line.key in happening.only


def _matches(turn: Turn, happening: Happening, line: Automation, trigger: OnEvent) -> bool:
    for match in trigger.any_of:
        if match.event != happening.signal[1]:
            continue
        if match.when is None or match.when.holds(turn.facts()):
            return True
        turn.note("guard", f"The condition of {line.key} does not hold.", line.key, match.when)
    return False
