"""Why a condition holds or does not: each sentence with the values that decided (N3)."""

from __future__ import annotations

from .conditions import (
    NONE,
    Changed,
    Compare,
    Completed,
    Condition,
    Const,
    EventField,
    Facts,
    HasOpenCta,
    InSegment,
    InStage,
    Leaf,
    Operand,
    leaves,
)


def explain(condition: Condition | None, facts: Facts) -> list[tuple[str, bool, str]]:
    """Each sentence, whether it held, and the value that decided (N3)."""
    asked = leaves(condition, facts.segments)
    return [(leaf.said, leaf.holds(facts), _deciding(leaf, facts)) for leaf in asked]


def _deciding(leaf: Leaf, facts: Facts) -> str:
    if isinstance(leaf, InStage):
        return _deciding_stage(leaf, facts)
    if isinstance(leaf, Changed | Completed):
        return _deciding_move(leaf, facts)
    if isinstance(leaf, InSegment):
        return f"segment {leaf.segment}"
    if isinstance(leaf, HasOpenCta):
        return f"open CTAs = {len(facts.state.ctas)}"
    operands = [leaf.left, leaf.right] if isinstance(leaf, Compare) else [leaf.left]
    return ", ".join(
        _shown(operand, facts) for operand in operands if not isinstance(operand, Const)
    )


def _deciding_stage(leaf: InStage, facts: Facts) -> str:
    track = facts.track(leaf.lifecycle)
    if track is None or track.stage is None:
        return f"{leaf.lifecycle} = {NONE}"
    shown = f"{leaf.lifecycle} = {track.stage}"
    if track.counting_since is None or not (leaf.more_than or leaf.less_than):
        return shown
    days = (facts.now - track.counting_since).days
    return f"{shown} for {days} {'day' if days == 1 else 'days'}"


def _deciding_move(leaf: Changed | Completed, facts: Facts) -> str:
    """The latest move (to an end, for `completed`) is what a window was held against."""
    track = facts.state.tracks.get(leaf.lifecycle)
    moves = [
        move for move in (track.moves if track else ()) if move.ends or isinstance(leaf, Changed)
    ]
    if not moves:
        return f"{leaf.lifecycle}: no move"
    last = moves[-1]
    return f"{leaf.lifecycle}: {last.left or NONE} → {last.entered or NONE} on {last.at.date().isoformat()}"


def _shown(operand: Operand, facts: Facts) -> str:
    name = (
        f"event.{operand.name}"
        if isinstance(operand, EventField)
        else getattr(operand, "name", "value")
    )
    return f"{name} = {operand.read(facts)}"
