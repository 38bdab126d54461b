"""Entering a stage, and all that a change of stage entails: clocks, CTAs, churn, what hangs on it."""

from __future__ import annotations

from .. import changes as c
from ..conditions import NONE
from ..model import Lifecycle, Stage
from .fields import set_field
from .turn import Happening, Turn


def label(lifecycle: Lifecycle, stage_id: str | None) -> str:
    """A stage as people call it."""
    stage = lifecycle.stage(stage_id)
    return stage.label if stage else stage_id or NONE


def enter(turn: Turn, lifecycle_id: str, to: str | None, kind: str, *, automation: str = "", reason: str = "") -> None:
    """Change the stage, with all that a change of stage entails."""
    lifecycle, track = turn.lifecycle(lifecycle_id), turn.track(lifecycle_id)
    left, target = lifecycle.stage(track.stage), lifecycle.stage(to)
    turn.keep_image(lifecycle_id)
    visit_left = track.visit
    turn.emit(_entered(turn, lifecycle, left, target, kind, automation, reason))
    turn.moved.add(lifecycle_id)
    turn.dirty.add(lifecycle_id)
    _close_ctas(turn, lifecycle_id, visit_left)
    _announce(turn, lifecycle_id, left.id if left else None, to)
    _churn(turn, left, target, automation)


def _entered(
    turn: Turn, lifecycle: Lifecycle, left: Stage | None, to: Stage | None, kind: str, automation: str, reason: str
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
        track.last_visit + 1,
        track.cycle + 1 if restart else track.cycle,
        lifecycle.version,
        kind,
        automation,
        turn.actor,
        reason,
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


def adopt_pending(turn: Turn, lifecycle_id: str, to: str | None) -> str | None:
    """Adopt the version that waits for this move; returns the target as the new version names it (R24)."""
    if lifecycle_id not in turn.state.pending or lifecycle_id not in turn.book.pending:
        return to
    turn.book = turn.book.adopting(lifecycle_id)
    migration = turn.lifecycle(lifecycle_id).migration
    adopt_version(turn, lifecycle_id)
    return migration.get(to, to) if to is not None else None


def adopt_version(turn: Turn, lifecycle_id: str) -> None:
    """Run the book's version of a lifecycle from here on; the present stage takes its new name (R24)."""
    lifecycle, track = turn.lifecycle(lifecycle_id), turn.track(lifecycle_id)
    gone = track.stage is not None and lifecycle.migration.get(track.stage, track.stage) is None
    if gone:
        enter(turn, lifecycle_id, None, "migration")
        turn.moved.discard(lifecycle_id)
    turn.emit(c.Adopted(lifecycle_id, lifecycle.version, mapping=dict(lifecycle.migration)))
    turn.dirty.add(lifecycle_id)
