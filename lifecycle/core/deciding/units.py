"""Units of undo: one input with all it caused in every lifecycle (R13)."""

from __future__ import annotations

from .. import changes as c
from ..inputs import Adopt, CreateAccount, Erase, Input, Undo
from ..state import Unit
from .entering import label
from .turn import Turn


def can_be_undone(turn: Turn, item: Input) -> bool:
    """Inputs that moved a stage, and what a person changed. Not an account's creation, a version, an undo
    or an erasure.

    A chained deadline adds whatever it caused to the unit of the input that set it off.
    """
    if isinstance(item, CreateAccount | Adopt | Undo | Erase):
        return False
    if turn.images or (turn.by_person and (turn.before or turn.closed or turn.opened)):
        return True
    caused = turn.opened or turn.effects or turn.before or turn.closed
    return bool(caused) and any(unit.revision == turn.root for unit in turn.state.units)


def unit_of(turn: Turn) -> Unit:
    """The unit this turn makes or, as a chained deadline, adds to."""
    turned, waited = _turned(turn)
    made = Unit(
        turn.root,
        turn.at,
        _summary(turn),
        turn.images,
        turn.before,
        {name: turn.state.fields.get(name) for name in turn.before},
        turn.spent,
        {
            lifecycle: sum(move.left != move.entered for move in _entries(turn, lifecycle))
            for lifecycle in turn.images
        },
        {
            lifecycle: sum(move.ends for move in _entries(turn, lifecycle))
            for lifecycle in turn.images
        },
        turn.effects,
        turn.opened,
        turn.closed,
        turn.state.adopted,
        turned,
        {line: was for line, was in waited.items() if line in turned},
        {name: setter for name, setter in turn.setters.items() if setter},
    )
    earlier = next((unit for unit in turn.state.units if unit.revision == turn.root), None)
    return _joined(earlier, made) if earlier else made


def _joined(earlier: Unit, later: Unit) -> Unit:
    """One unit of two: the images of the earlier, the outcome of the later."""
    lifecycles = {**earlier.spent, **later.spent}
    return Unit(
        earlier.revision,
        earlier.at,
        f"{earlier.summary}; {later.summary}",
        {**later.tracks, **earlier.tracks},
        {**later.fields, **earlier.fields},
        {**earlier.after, **later.after},
        {key: [*earlier.spent.get(key, []), *later.spent.get(key, [])] for key in lifecycles},
        _added(earlier.moves, later.moves),
        _added(earlier.archived, later.archived),
        [*earlier.effects, *later.effects],
        [*earlier.ctas_opened, *later.ctas_opened],
        [
            *earlier.ctas_closed,
            *(cta for cta in later.ctas_closed if cta.id not in earlier.ctas_opened),
        ],
        earlier.adopted,
        {**later.turned, **earlier.turned},
        {**later.waited, **earlier.waited},
        {**earlier.setters, **later.setters},
    )


def _turned(turn: Turn) -> tuple[dict[str, bool], dict[str, bool]]:
    """What lines outside stages had seen and waited for before this turn: who undoes an entry has not entered."""
    turned: dict[str, bool] = {}
    waited: dict[str, bool] = {}
    for change in turn.changes:
        if isinstance(change, c.TurnedTrue) and not change.lifecycle:
            turned.setdefault(change.automation, not change.holds)
        elif isinstance(change, c.LineWaits | c.LineRests) and not change.lifecycle:
            waited.setdefault(change.automation, isinstance(change, c.LineRests))
    return turned, waited


def _entries(turn: Turn, lifecycle_id: str) -> list[c.StageEntered]:
    return [
        change
        for change in turn.changes
        if isinstance(change, c.StageEntered) and change.lifecycle == lifecycle_id
    ]


def _added(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return {key: one.get(key, 0) + other.get(key, 0) for key in {**one, **other}}


def _summary(turn: Turn) -> str:
    moves = [change for change in turn.changes if isinstance(change, c.StageEntered)]
    said = [_said(turn, change) for change in moves if change.left != change.entered]
    names = [change.name for change in turn.changes if isinstance(change, c.FieldSet)]
    if not said and names:
        said = [f"set {', '.join(names)}"]
    return "; ".join(said) or _lesser(turn)


def _lesser(turn: Turn) -> str:
    """What is said of an input that moved no stage and set no field."""
    if turn.closed:
        return "closed a CTA"
    return "opened a CTA" if turn.opened else "sent a message"


def _said(turn: Turn, change: c.StageEntered) -> str:
    lifecycle = turn.lifecycle(change.lifecycle)
    return (
        f"{lifecycle.title}: {label(lifecycle, change.left)} → {label(lifecycle, change.entered)}"
    )
