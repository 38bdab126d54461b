"""Setting a field, and what hangs on it: `changed:` lines, and reactivation when a cancelled account returns (R25)."""

from __future__ import annotations

from .. import changes as c
from ..values import Value
from .turn import Happening, Turn


def set_field(turn: Turn, name: str, value: Value, automation: str = "") -> bool:
    """Set a field when its value differs; the value from before is remembered for undo."""
    before = turn.state.fields.get(name)
    if is_there(turn, name, value):
        return False
    turn.before.setdefault(name, before)
    turn.setters[name] = automation
    turn.emit(c.FieldSet(name, value, before, automation))
    turn.dirty.add(name)
    if ("changed", name) in turn.index.hearers:
        turn.happen(Happening(("changed", name), turn.depth + 1))
    if name == "status" and before == "cancelled":
        _reactivate(turn)
    return True


def is_there(turn: Turn, name: str, value: Value) -> bool:
    """Whether the field has that very value."""
    before = turn.state.fields.get(name)
    return before == value and type(before) is type(value)


def _reactivate(turn: Turn) -> None:
    """Every track that is in no end stage starts a new cycle in its stage now (R25).

    It is a new visit, so that time counts anew, but nobody entered the stage: its entry lines do not run.
    Every condition is asked: some may have turned while they slept.
    """
    turn.dirty.update(turn.book.lifecycles)
    for lifecycle_id, track in turn.state.tracks.items():
        stage = turn.lifecycle(lifecycle_id).stage(track.stage)
        if stage is None or stage.end or lifecycle_id in turn.moved:
            continue
        turn.keep_image(lifecycle_id)
        turn.emit(
            c.StageEntered(
                lifecycle_id,
                stage.id,
                stage.id,
                turn.at,
                track.last_visit + 1,
                track.cycle + 1,
                turn.lifecycle(lifecycle_id).version,
                "reactivation",
                restart=True,
                historic=turn.historic,
            )
        )
