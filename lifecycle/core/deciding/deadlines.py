"""What a deadline does when it is applied."""

from __future__ import annotations

from .. import changes as c
from ..model import After, AsSoonAs, At, Automation
from ..state import HeldEvent
from .actions import perform
from .moves import rest, try_line
from .scores import ask_score
from .signals import drain, run_event
from .stuck import is_heard, stuck_line
from .turn import DEEPEST, Happening, Turn, cta_data
from .watch import ask, fire, spend_date


def run_deadline(turn: Turn, what: str) -> None:
    """Apply the deadline of that name (`wakes.py`), with all it sets off."""
    word, _, name = what.partition(":")
    if word == "hold":
        end_hold(turn)
    elif word == "cta":
        _cta_overdue(turn, name)
    elif word == "score":
        ask_score(turn, turn.book.scorecards[name])
    elif word == "late":
        turn.emit(c.BecameLate(name))
        _overstayed(turn, "stage.late", name)
    elif word == "stuck":
        _stuck(turn, name)
    else:
        _line(turn, what, name or what)
    drain(turn)


# ── lines of time and condition


def _line(turn: Turn, what: str, key: str) -> None:
    line = turn.index.automations[key]
    waited = key in _waiting(turn, line)
    if turn.state.chain > DEEPEST:
        _stop(turn, line, turned=what == key)
    elif isinstance(line.trigger, AsSoonAs):
        ask(turn, line)
        if waited and key in _waiting(turn, line):
            fire(turn, line)
    elif waited:
        fire(turn, line)
        _take_turn_unless_waiting(turn, line)
    else:
        _timed(turn, line)


def _waiting(turn: Turn, line: Automation) -> list[str]:
    """Where a line that is due may wait. Time may turn its condition back meanwhile: then it is due no more."""
    return turn.track(line.lifecycle).waiting if line.stage else turn.state.waiting


def _stop(turn: Turn, line: Automation, turned: bool) -> None:
    """Too many deadlines set one another off at one instant: this one is spent for the visit (R23)."""
    said = f"More than {DEEPEST} deadlines followed at one instant; {line.key} stopped."
    turn.note("cascade_stopped", said, line.key)
    rest(turn, line)
    if isinstance(line.trigger, At):
        spend_date(turn, line)
    elif line.stage:
        turn.emit(c.TurnTaken(line.key, line.lifecycle))
    else:
        turn.emit(c.TurnedTrue(line.key, turned))


def _timed(turn: Turn, line: Automation) -> None:
    """`after` has one turn a visit, `at` one per value of its date; a moving line that is let wait stays due."""
    if isinstance(line.trigger, At):
        spend_date(turn, line)
    elif line.to is None:
        turn.emit(c.TurnTaken(line.key, turn.visit_of(line)))
    visit = turn.track(line.lifecycle).visit
    (try_line if line.to is not None else perform)(turn, line)
    if turn.track(line.lifecycle).visit == visit:
        _take_turn_unless_waiting(turn, line)


def _take_turn_unless_waiting(turn: Turn, line: Automation) -> None:
    track = turn.track(line.lifecycle)
    known = line.key in track.waiting or line.key in track.done
    if isinstance(line.trigger, After) and line.stage == track.stage and not known:
        turn.emit(c.TurnTaken(line.key, line.lifecycle))


# ── late, stuck, overdue


def _overstayed(turn: Turn, event: str, lifecycle: str) -> None:
    stage = turn.track(lifecycle).stage
    turn.raise_event(event, {"lifecycle": lifecycle, "stage": stage}, scope=lifecycle)


def _stuck(turn: Turn, lifecycle: str) -> None:
    turn.emit(c.BecameStuck(lifecycle))
    line = None if is_heard(turn, lifecycle) else stuck_line(turn, lifecycle)
    _overstayed(turn, "stage.stuck", lifecycle)
    if line is not None:
        perform(turn, line)


def _cta_overdue(turn: Turn, cta_id: str) -> None:
    turn.emit(c.CtaBecameOverdue(cta_id))
    turn.raise_event("cta.overdue", cta_data(turn.state.ctas[cta_id]))


# ── the end of a hold


def end_hold(turn: Turn) -> None:
    """What came true is done; events whose line was held are tried once more, in order (R18)."""
    held = list(turn.state.held)
    turn.emit(c.HoldEnded(turn.at))
    turn.raise_event("hold.ended", {})
    for event in held:
        turn.moved.clear()
        retry(turn, event)
    turn.moved.clear()
    turn.dirty.update((*turn.book.lifecycles, *turn.state.fields))
    drain(turn)


def retry(turn: Turn, event: HeldEvent) -> None:
    """Try a held event once more, for the lines that were held."""
    facts = {
        **event.data,
        "id": event.id,
        "source": event.source,
        "type": event.type,
        "time": event.time.date(),
    }
    only = frozenset(event.automations)
    outer, key = turn.event, turn.event_key
    turn.event, turn.event_key = facts, event.key
    run_event(turn, Happening(("event", event.type), 0, facts, only=only))
    turn.event, turn.event_key = outer, key
