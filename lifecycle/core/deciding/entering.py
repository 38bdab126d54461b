"""Entering a stage, and all that a change of stage entails: clocks, CTAs, churn, what hangs on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .. import changes as c
from ..conditions import NONE
from ..model import Lifecycle, Stage
from .fields import set_field
from .turn import Happening, Turn


def label(lifecycle: Lifecycle, stage_id: str | None) -> str:
    """A stage as people call it."""
    stage = lifecycle.stage(stage_id)
    return stage.label if stage else stage_id or NONE


@dataclass(frozen=True, slots=True)
class Cause:
    """Who or what moves the account: `kind` is automation, person or migration (changes.StageEntered)."""

    kind: str
    automation: str = ""
    reason: str = ""


def move(turn: Turn, lifecycle_id: str, to: str | None, cause: Cause) -> None:
    """Change the stage; a version that waits for this move is adopted with it (R24).

    The migration may show that the account is there already; then nothing is reset (R3).
    """
    left = turn.lifecycle(lifecycle_id).stage(turn.track(lifecycle_id).stage)
    if lifecycle_id in turn.state.pending and lifecycle_id in turn.book.pending:
        to = _adopt_pending(turn, lifecycle_id, to)
        left = turn.lifecycle(lifecycle_id).stage(turn.track(lifecycle_id).stage) or left
    if to is not None and turn.track(lifecycle_id).stage == to:
        lifecycle = turn.lifecycle(lifecycle_id)
        said = f"{lifecycle.title} {lifecycle.version} was adopted; it is already at {label(lifecycle, to)}."
        turn.note("already_there", said, cause.automation)
    else:
        enter(turn, lifecycle_id, left, to, cause)


def enter(turn: Turn, lifecycle_id: str, left: Stage | None, to: str | None, cause: Cause) -> None:
    """Leave one stage and enter another, with all that this entails."""
    lifecycle, visit_left = turn.lifecycle(lifecycle_id), turn.track(lifecycle_id).visit
    target = lifecycle.stage(to)
    turn.keep_image(lifecycle_id)
    turn.emit(_entered(turn, lifecycle, left, target, cause))
    turn.moved.add(lifecycle_id)
    turn.dirty.add(lifecycle_id)
    _close_ctas(turn, lifecycle_id, visit_left)
    _announce(turn, lifecycle_id, left.id if left else None, to)
    _churn(turn, left, target, cause.automation)


def _entered(
    turn: Turn, lifecycle: Lifecycle, left: Stage | None, to: Stage | None, cause: Cause
) -> c.StageEntered:
    track = turn.track(lifecycle.id)
    from_end, to_end = bool(left and left.end), bool(to and to.end)
    restart = to is not None and (left is None or (from_end and not to_end))
    back = not restart and to is not None and left is not None and _earlier(lifecycle, to, left)
    return c.StageEntered(
        lifecycle.id,
        left.id if left else None,
        to.id if to else None,
        turn.at,
        track.last_visit + 1 if to else 0,
        track.cycle + 1 if restart else track.cycle,
        lifecycle.version,
        cause.kind,
        cause.automation,
        turn.actor,
        cause.reason,
        restart,
        back and not to_end,
        to_end and not from_end,
        from_end,
        to_end,
        turn.historic,
    )


def _earlier(lifecycle: Lifecycle, one: Stage, other: Stage) -> bool:
    return lifecycle.position(one.id) < lifecycle.position(other.id)


def _close_ctas(turn: Turn, lifecycle_id: str, visit: int) -> None:
    """Leaving a stage closes the CTAs that belong to it, when the definition says so."""
    for cta in list(turn.state.ctas.values()):
        if cta.close_on_leaving and cta.lifecycle == lifecycle_id and cta.visit == visit:
            turn.close_cta(cta, "stage left")


def _announce(turn: Turn, lifecycle_id: str, left: str | None, entered: str | None) -> None:
    for word, stage in (("left", left), ("entered", entered)):
        if stage is not None:
            signal = (word, lifecycle_id, stage)
            turn.happen(Happening(signal, turn.depth + 1, left=left, entered=entered))


def _churn(turn: Turn, left: Stage | None, entered: Stage | None, automation: str) -> None:
    """Type, status and stage are three things; only `churn: true` ties them (R8)."""
    if entered is not None and entered.churn:
        _set_known(turn, {"type": "Churn", "status": "cancelled"}, automation)
    elif left is not None and left.churn:
        _set_known(turn, {"status": "active", "type": "Customer"}, automation)


def _set_known(turn: Turn, values: dict[str, str], automation: str) -> None:
    for name, value in values.items():
        if name in turn.book.account.fields:
            set_field(turn, name, value, automation)


def _adopt_pending(turn: Turn, lifecycle_id: str, to: str | None) -> str | None:
    """Adopt the version that waits for this move; returns the target as the new version names it (R24).

    A present stage that the new version lacks is left by this very move: the account is not sent through None.
    """
    turn.run_under(turn.book.adopting(lifecycle_id))
    lifecycle, present = turn.lifecycle(lifecycle_id), turn.track(lifecycle_id).stage
    mapping = {
        old: new for old, new in lifecycle.migration.items() if new is not None or old != present
    }
    turn.emit(c.Adopted(lifecycle_id, lifecycle.version, mapping=mapping, by_move=True))
    turn.dirty.add(lifecycle_id)
    return lifecycle.migration.get(to, to) if to is not None else None


def adopt_version(
    turn: Turn, lifecycle_id: str, mapping: Mapping[str, str | None], anew: Sequence[str] = ()
) -> None:
    """Run the book's version of a lifecycle from here on; the present stage takes its new name (R24)."""
    lifecycle, track = turn.lifecycle(lifecycle_id), turn.track(lifecycle_id)
    if track.stage is not None and mapping.get(track.stage, track.stage) is None:
        gone = lifecycle.stage(track.stage) or Stage(
            track.stage, track.stage, end=track.ended_at is not None
        )
        enter(turn, lifecycle_id, gone, None, Cause("migration"))
        turn.moved.discard(lifecycle_id)
    adopted = c.Adopted(lifecycle_id, lifecycle.version, mapping=dict(mapping), anew=list(anew))
    turn.emit(adopted)
    turn.dirty.add(lifecycle_id)
