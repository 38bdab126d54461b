"""What a deadline does when it is applied."""

from __future__ import annotations

from .. import changes as c
from ..model import After, AsSoonAs, At, Automation, OnEntry, OpenCta, Place
from ..state import HeldEvent
from ..wakes import date_value
from .actions import perform
from .moves import rest, try_line
from .signals import drain, run_event
from .turn import DEEPEST, Happening, Turn, cta_data
from .watch import ask, fire

STUCK_CTA = "stage_is_stuck"
"""The automation that stands in where a lifecycle has no line for `stage.stuck`."""


def run_deadline(turn: Turn, what: str) -> None:
    """Apply the deadline of that name (`wakes.py`), with all it sets off."""
    word, _, name = what.partition(":")
    if word == "hold":
        end_hold(turn)
    elif word == "cta":
        _cta_overdue(turn, name)
    elif word == "late":
        turn.emit(c.BecameLate(name))
        _overstayed(turn, "stage.late", name)
    elif word == "stuck":
        _stuck(turn, name)
    else:
        _line(turn, name or what)
    drain(turn)


# ── lines of time and condition


def _line(turn: Turn, key: str) -> None:
    line = turn.index.automations[key]
    waited = key in (turn.track(line.lifecycle).waiting if line.stage else turn.state.waiting)
    if turn.state.chain > DEEPEST:
        _stop(turn, line)
    elif waited:
        fire(turn, line)
        _take_turn_unless_waiting(turn, line)
    elif isinstance(line.trigger, AsSoonAs):
        ask(turn, line)
    else:
        _timed(turn, line)


def _stop(turn: Turn, line: Automation) -> None:
    """Too many deadlines set one another off at one instant: this one is spent for the visit (R23)."""
    turn.note("cascade_stopped", f"More than {DEEPEST} deadlines followed at one instant; {line.key} stopped.", line.key)
    rest(turn, line)
    turn.emit(c.TurnTaken(line.key, line.lifecycle, _date(turn, line)))


def _date(turn: Turn, line: Automation) -> str:
    day = date_value(turn.state, line) if isinstance(line.trigger, At) else None
    return day.isoformat() if day else ""


def _timed(turn: Turn, line: Automation) -> None:
    """`after` has one turn a visit, `at` one per value of its date; a moving line that is let wait stays due."""
    if isinstance(line.trigger, At):
        turn.emit(c.TurnTaken(line.key, "", _date(turn, line)))
    elif line.to is None:
        turn.emit(c.TurnTaken(line.key, turn.visit_of(line)))
    visit = turn.track(line.lifecycle).visit
    (try_line if line.to is not None else perform)(turn, line)
    if isinstance(line.trigger, After) and turn.track(line.lifecycle).visit == visit:
        _take_turn_unless_waiting(turn, line)


def _take_turn_unless_waiting(turn: Turn, line: Automation) -> None:
    track = turn.track(line.lifecycle)
    if line.stage == track.stage and line.stage and line.key not in track.waiting and line.key not in track.done:
        turn.emit(c.TurnTaken(line.key, line.lifecycle))


# ── late, stuck, overdue


def _overstayed(turn: Turn, event: str, lifecycle: str) -> None:
    stage = turn.track(lifecycle).stage
    turn.raise_event(event, {"lifecycle": lifecycle, "stage": stage}, scope=lifecycle)


def _stuck(turn: Turn, lifecycle: str) -> None:
    turn.emit(c.BecameStuck(lifecycle))
    if _is_heard(turn, lifecycle):
        _overstayed(turn, "stage.stuck", lifecycle)
    else:
        perform(turn, _plain_cta(turn, lifecycle))


def _is_heard(turn: Turn, lifecycle: str) -> bool:
    """Whether a line of the lifecycle uses `stage.stuck` here; else the CSM gets a plain CTA."""
    hearers = turn.index.hearers.get(("event", "stage.stuck"))
    stage = turn.stage_key(lifecycle)
    if hearers is None:
        return False
    here = hearers.moves.get(lifecycle, {}).get(stage) or hearers.dos.get(lifecycle, {}).get(stage)
    return bool(here) or any(line.lifecycle == lifecycle for line in (*hearers.others, *hearers.sets))


def _plain_cta(turn: Turn, lifecycle_id: str) -> Automation:
    lifecycle, track = turn.lifecycle(lifecycle_id), turn.track(lifecycle_id)
    stage = lifecycle.stage(track.stage)
    assert stage is not None
    action = OpenCta(f"Stuck in {stage.label}", kind="risk", close_on_leaving=True)
    return Automation(STUCK_CTA, lifecycle_id, Place.DO, OnEntry(), stage.id, actions=(action,))


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
    turn.dirty.update((*turn.state.tracks, *turn.state.fields))
    drain(turn)


def retry(turn: Turn, event: HeldEvent) -> None:
    """Try a held event once more, for the lines that were held."""
    facts = {**event.data, "id": event.id, "source": event.source, "type": event.type, "time": event.time.date()}
    only = frozenset(event.automations)
    outer, key = turn.event, turn.event_key
    turn.event, turn.event_key = facts, event.key
    run_event(turn, Happening(("event", event.type), 0, facts, only=only))
    turn.event, turn.event_key = outer, key
