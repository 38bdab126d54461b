"""Moves: from the search for the first line that applies to everything a change of stage entails."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from .. import changes as c
from ..conditions import Condition
from ..model import After, AsSoonAs, At, Automation, OnAll, OnEvent, Place
from .entering import Cause, label, move
from .parking import tell_owner
from .shadowing import had_turn, shadow_move, take_turn
from .turn import Turn


class Outcome(Enum):
    """What became of a line: it moved the account, was refused (the search goes on) or stays (it ends)."""

    MOVED = "moved"
    REFUSED = "refused"
    STAYED = "stayed"


def hangs_on_event(line: Automation) -> bool:
    """Whether the line is set off by an event, which is kept when a hold stops it (R18)."""
    return isinstance(line.trigger, OnEvent | OnAll)


def stays_due(line: Automation) -> bool:
    """Whether the line, once due, stays due until it is let through: lines of time and of condition (R15)."""
    return isinstance(line.trigger, After | At | AsSoonAs)


def first_that_applies(turn: Turn, lines: Sequence[Automation]) -> Outcome:
    """Try the lines in order until one moves the account or ends the search (R3, R23)."""
    for line in lines:
        outcome = try_line(turn, line)
        if outcome is not Outcome.REFUSED:
            return outcome
    return Outcome.REFUSED


def try_line(turn: Turn, line: Automation) -> Outcome:
    """Ask one moving line that has been set off."""
    if not guard_agrees(turn, line, line.guard):
        if stays_due(line):
            stay(turn, line, "guard")
        else:
            rest(turn, line)
        return Outcome.REFUSED
    if blocked := refusal_of_move(
        turn, line.lifecycle, line.to, line.key, line.place is Place.MOVE
    ):
        turn.note(*blocked, automation=line.key)
        _spend(turn, line)
        return Outcome.REFUSED
    if not within_limit(turn, line):
        _spend(turn, line)
        return Outcome.REFUSED
    if line.shadow:
        _shadow(turn, line)
        return Outcome.REFUSED
    return _stays(turn, line) or _move(turn, line)


def _shadow(turn: Turn, line: Automation) -> None:
    """Held and parked as a live line is; the search goes on in any case (N11)."""
    if _stays(turn, line) is None:
        rest(turn, line)
        take_limit(turn, line)
        shadow_move(turn, line, line.lifecycle, line.to)


def guard_agrees(turn: Turn, line: Automation, guard: Condition | None) -> bool:
    """Ask a guard; a refusal is noted with the deciding values (N3)."""
    if guard is None:
        return True
    if guard.holds(turn.facts()):
        turn.note("because", f"The condition of {line.key} holds.", line.key, guard)
        return True
    turn.note("guard", f"The condition of {line.key} does not hold.", line.key, guard)
    return False


def within_limit(turn: Turn, line: Automation) -> bool:
    """`at most`: whether the automation may act again (R22)."""
    if line.at_most is None:
        return True
    if line.at_most.every is None:
        used = had_turn(turn, line, line.lifecycle, line.key)
    else:
        last = turn.state.marks.get(line.key)
        used = last is not None and turn.at < last + line.at_most.every.elapsed
    if used:
        turn.note("at_most", f"{line.key} has acted already within its limit.", line.key)
    return not used


def take_limit(turn: Turn, line: Automation) -> None:
    """Remember that an automation with `at most` acted."""
    if line.at_most is None:
        return
    if line.at_most.every is None:
        take_turn(turn, line, line.lifecycle, line.key)
    else:
        turn.emit(c.Marked(line.key, turn.at))


def refusal_of_move(
    turn: Turn, lifecycle_id: str, to: str | None, key: str, names_stage: bool = False
) -> tuple[str, str] | None:
    """Why automation may not make this move: it is there already, or it would move back (R3)."""
    lifecycle, stage = turn.lifecycle(lifecycle_id), turn.track(lifecycle_id).stage
    if to is not None and lifecycle.stage(to) is None:
        return (
            "unknown_stage",
            f"{lifecycle.title} has no stage {to} in the version this account runs.",
        )
    if stage == to:
        return "already_there", f"{lifecycle.title} is already at {label(lifecycle, to)}."
    if names_stage or stage is None:
        return None
    present = lifecycle.stage(stage)
    if present is not None and present.end:
        return "end_stage", f"{key} does not leave the end stage {present.label}."
    if to is not None and lifecycle.position(to) < lifecycle.position(stage):
        return (
            "would_move_back",
            f"{key} would move back from {label(lifecycle, stage)} to {label(lifecycle, to)}.",
        )
    return None


def _spend(turn: Turn, line: Automation) -> None:
    """A line that was refused is due no longer; in a stage it had its turn, a date's was taken when it fell due."""
    rest(turn, line)
    if isinstance(line.trigger, After | AsSoonAs) and line.stage:
        turn.emit(c.TurnTaken(line.key, line.lifecycle))


def _stays(turn: Turn, line: Automation) -> Outcome | None:
    """Held, parked or out of turn: the search ends, and a line of time or condition stays due."""
    if turn.state.hold is not None:
        hold_back(turn, line)
    elif found := obstacle(turn, line.lifecycle, line.to):
        keep_back(turn, line, *found)
    else:
        return None
    return Outcome.STAYED


def obstacle(turn: Turn, lifecycle_id: str, to: str | None) -> tuple[str, str] | None:
    """What stands in the way of a move for now: a disabled stage (R15), or that it was moved already (R23)."""
    target = turn.lifecycle(lifecycle_id).stage(to)
    if target is not None and target.disabled:
        return "parked", f"the stage {target.label} is disabled"
    if lifecycle_id in turn.moved:
        return "moved_already", f"this input has moved {lifecycle_id} once"
    return None


def hold_back(turn: Turn, line: Automation) -> None:
    """On hold: an event is kept to be tried once more, any other line stays due (R18)."""
    turn.note("held", f"{line.key} did not run: automation is on hold.", line.key)
    if hangs_on_event(line):
        turn.hold_event(line.key)
    else:
        stay(turn, line, "held")


def keep_back(turn: Turn, line: Automation, why: str, text: str) -> None:
    """Parked or out of turn: a line of time or condition stays due, an event's does not fire later (R15)."""
    turn.note(why, f"{line.key} did not run: {text}.", line.key)
    if why == "parked" and not line.shadow:
        tell_owner(turn, line)
    if stays_due(line):
        stay(turn, line, why)


def stay(turn: Turn, line: Automation, why: str) -> None:
    """A due line stays due."""
    waiting = turn.track(line.lifecycle).waiting if line.stage else turn.state.waiting
    if line.key not in waiting:
        turn.emit(c.LineWaits(line.key, why, turn.visit_of(line)))


def rest(turn: Turn, line: Automation) -> None:
    """A due line is due no longer."""
    waiting = turn.track(line.lifecycle).waiting if line.stage else turn.state.waiting
    if line.key in waiting:
        turn.emit(c.LineRests(line.key, turn.visit_of(line)))


def _move(turn: Turn, line: Automation) -> Outcome:
    rest(turn, line)
    take_limit(turn, line)
    turn.spent.setdefault(line.lifecycle, []).append(line.key)
    move(turn, line.lifecycle, line.to, Cause("automation", line.key))
    return Outcome.MOVED


def set_stage_by_automation(
    turn: Turn, line: Automation, lifecycle_id: str, to: str | None
) -> None:
    """`set stage:` as an action (V13), under the same rules as a `from …` line."""
    if blocked := refusal_of_move(turn, lifecycle_id, to, line.key):
        turn.note(*blocked, automation=line.key)
    elif found := obstacle(turn, lifecycle_id, to):
        turn.note(found[0], f"{line.key} did not run: {found[1]}.", line.key)
    elif line.shadow:
        shadow_move(turn, line, lifecycle_id, to)
    else:
        turn.spent.setdefault(lifecycle_id, []).append(line.key)
        move(turn, lifecycle_id, to, Cause("automation", line.key))
