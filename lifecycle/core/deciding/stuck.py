"""What a stuck stage sets off where its lifecycle has no line for `stage.stuck`: a plain CTA (R19)."""

from __future__ import annotations

from ..model import Automation, OnEntry, OpenCta, Place
from .turn import Turn

STUCK_CTA = "stage_is_stuck"
"""The name of the automation that stands in."""


def is_heard(turn: Turn, lifecycle: str) -> bool:
    """Whether a line of the lifecycle uses `stage.stuck` here. One that only shadows changes nothing (N11)."""
    hearers = turn.index.hearers.get(("event", "stage.stuck"))
    if hearers is None:
        return False
    stage = turn.stage_key(lifecycle)
    here = [
        *hearers.moves.get(lifecycle, {}).get(stage, ()),
        *hearers.dos.get(lifecycle, {}).get(stage, ()),
    ]
    also = [line for line in (*hearers.others, *hearers.sets) if line.lifecycle == lifecycle]
    return any(not line.shadow for line in (*here, *also))


def stuck_line(turn: Turn, lifecycle_id: str) -> Automation | None:
    """The line that opens the plain CTA in the present stage."""
    lifecycle = turn.book.lifecycles.get(lifecycle_id)
    stage = lifecycle.stage(turn.track(lifecycle_id).stage) if lifecycle else None
    if stage is None:
        return None
    action = OpenCta(f"Stuck in {stage.label}", kind="risk", close_on_leaving=True)
    return Automation(STUCK_CTA, lifecycle_id, Place.DO, OnEntry(), stage.id, actions=(action,))
