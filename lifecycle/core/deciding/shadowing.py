"""Lines in shadow: decided as any other, but what they would do at last is only recorded (N11).

They have marks of their own and disturb no live line: they end no search, take no place of a held event that a live
line waits for, and make no track.
"""

from __future__ import annotations

from .. import changes as c
from ..model import Automation
from ..state import HeldEvent
from ..values import Value
from .fields import is_there
from .turn import Turn


def shadow(
    turn: Turn, automation: str, kind: str, name: str, said: str, value: Value = None
) -> None:
    """Record what would have been done."""
    turn.emit(c.EffectShadowed(automation, f"would {said}", kind, name, value=value))


def shadow_field(turn: Turn, name: str, value: Value, automation: str) -> bool:
    """As `set_field`: answers whether the field would change."""
    if is_there(turn, name, value):
        return False
    shadow(turn, automation, "field", name, f"set {name} to {value}", value)
    return True


def shadow_move(turn: Turn, line: Automation, lifecycle: str, to: str | None) -> None:
    """Once a visit: live, the line would have left it."""
    mark = f"{line.key}#move"
    if had_turn(turn, line, lifecycle, mark):
        said = f"{line.key} would have moved {lifecycle} once in this visit."
        turn.note("once_a_visit", said, line.key)
        return
    take_turn(turn, line, lifecycle, mark)
    said = f"would move {lifecycle} to {to}"
    turn.emit(c.EffectShadowed(line.key, said, "move", lifecycle=lifecycle, stage=to))


# ── marks


def had_turn(turn: Turn, line: Automation, lifecycle: str, mark: str) -> bool:
    """Whether the mark was made in the present visit."""
    if line.shadow and lifecycle not in turn.state.tracks:
        return mark in turn.state.marks
    return mark in turn.track(lifecycle).done


def take_turn(turn: Turn, line: Automation, lifecycle: str, mark: str) -> None:
    """Make it. Where the account never was there is no visit to remember it, and a shadow begins none."""
    if line.shadow and lifecycle not in turn.state.tracks:
        turn.emit(c.Marked(mark, turn.at))
    else:
        turn.emit(c.TurnTaken(mark, lifecycle))


# ── held events


def room_for(turn: Turn, new: HeldEvent) -> tuple[int, HeldEvent]:
    """Which held event makes room for a new one: one that only shadows wait for, else the oldest.

    Of the new one itself, if only shadows wait for it and all others are waited for by live lines.
    """
    for place, held in enumerate(turn.state.held):
        if _only_shadows(turn, held):
            return place, held
    return 0, new if _only_shadows(turn, new) else turn.state.held[0]


def _only_shadows(turn: Turn, held: HeldEvent) -> bool:
    lines = [turn.index.automations.get(key) for key in held.automations]
    return all(line is not None and line.shadow for line in lines)
