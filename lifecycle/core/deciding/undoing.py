"""Undo: taking one input back with all it caused, as if it had not happened (N1, R13)."""

from __future__ import annotations

from dataclasses import replace

from .. import changes as c
from ..index import CTAS, Index
from ..inputs import Undo
from ..model import Book
from ..refusal import Refusal
from ..scorecard import SCORECARD
from ..state import AccountState, Unit
from .entering import label
from .stuck import STUCK_CTA
from .turn import Turn


def find_unit(book: Book, state: AccountState, command: Undo) -> Unit:
    """The unit to be undone: always the newest. Raises `Refusal` when there is none or it cannot be undone."""
    if not state.units:
        raise _nothing_to_undo(state)
    unit = state.units[-1]
    if command.unit is not None and command.unit != unit.revision:
        said = f"Revision {command.unit} is not the newest change; that is {unit.revision} ({unit.summary})."
        raise Refusal("not_newest", said, "Undo the newest first.", "unit")
    if unit.adopted != state.adopted:
        said = f"{unit.summary} cannot be undone: another version of a lifecycle was adopted since."
        raise Refusal("adopted_since", said, "Set the stage by hand instead.")
    for lifecycle_id, image in unit.tracks.items():
        lifecycle = book.lifecycles.get(lifecycle_id)
        if lifecycle is None or (image.stage is not None and lifecycle.stage(image.stage) is None):
            said = f"{unit.summary} cannot be undone: the stage {image.stage!r} is gone."
            raise Refusal("stage_gone", said, "Set the stage by hand instead.")
    return unit


def _nothing_to_undo(state: AccountState) -> Refusal:
    if state.erased_at is None:
        remedy = "Only the last ten changes can be undone."
        return Refusal("nothing_to_undo", "There is nothing to undo.", remedy)
    said = f"There is nothing to undo since a person was erased on {state.erased_at:%d %B %Y}."
    return Refusal("erased_since", said, "Set the stage or the field by hand instead.")


def undo(turn: Turn, command: Undo) -> None:
    """Take the newest unit back; what stands on later values is named in a note."""
    unit = with_ctas_of_visit(turn, find_unit(turn.book, turn.state, command), turn.index)
    kept = [name for name, value in unit.after.items() if turn.state.fields.get(name) != value]
    turn.emit(c.Undone(unit, turn.at, command.actor, command.reason, kept))
    for name in kept:
        spec = turn.book.account.fields.get(name)
        if spec is not None and spec.written_by == SCORECARD:
            continue  # no person's later value: it is reckoned anew
        turn.note("kept", f"{name} was changed since and keeps its later value.")
    for lifecycle_id, image in unit.tracks.items():
        lifecycle = turn.lifecycle(lifecycle_id)
        turn.note("restored", f"{lifecycle.title} is back at {label(lifecycle, image.stage)}.")
    turn.dirty.update((*unit.tracks, *unit.fields, CTAS))


def with_ctas_of_visit(turn: Turn, unit: Unit, index: Index) -> Unit:
    """Whatever stage lines (`index` knows them) opened later in the visits that are undone is withdrawn with them."""
    opened = [
        cta.id
        for cta in turn.state.ctas.values()
        if cta.lifecycle in unit.tracks
        and cta.visit > unit.tracks[cta.lifecycle].last_visit
        and _is_of_stage(index, cta.automation)
    ]
    return replace(unit, ctas_opened=list(dict.fromkeys([*unit.ctas_opened, *opened])))


def _is_of_stage(index: Index, automation: str) -> bool:
    line = index.automations.get(automation)
    return bool(line.stage) if line else automation.endswith(f".{STUCK_CTA}")
