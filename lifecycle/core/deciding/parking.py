"""A parked automation: it leads into a disabled stage, and the definition's owner is told once (R15)."""

from __future__ import annotations

from .. import changes as c
from ..index import targets_of
from ..model import PARKED_MAIL, Automation
from .turn import Turn


def tell_owner(turn: Turn, line: Automation) -> None:
    """Make the notice due: one per automation and version, whichever account meets it first.

    The notice's id names no account, so the database keeps one of all accounts' notices.
    """
    lifecycle = turn.lifecycle(line.lifecycle)
    notice = f"parked/{line.key}/{lifecycle.version}"
    if turn.historic or not lifecycle.owner or notice in turn.state.marks:
        return
    where, stage = next(
        (lifecycle_id, to)
        for lifecycle_id, to in targets_of(line)
        if (found := turn.lifecycle(lifecycle_id).stage(to)) and found.disabled
    )
    turn.emit(c.Marked(notice, turn.at))
    turn.emit(c.MailDue(notice, line.key, where, 0, PARKED_MAIL, (lifecycle.owner,), {}, stage))
