"""The sentences that keep a condition from holding: not all of it, only what stands in the way."""

from __future__ import annotations

from collections.abc import Iterator

from lifecycle.core.conditions import (
    All,
    AnyOf,
    Condition,
    Facts,
    InSegment,
    Leaf,
    Not,
)
from lifecycle.core.explaining import explain

Unmet = tuple[Leaf, bool, str]
"""A sentence, whether it holds, and the values that decided."""


def unmet(condition: Condition, facts: Facts, wanted: bool = True) -> list[Unmet]:
    """The sentences because of which the condition is not as wanted; none when it is.

    What stands under a `not` stands in the way when it holds; a segment is told by its own sentences.
    """
    return list(_unmet(condition, facts, wanted))


def _unmet(condition: Condition, facts: Facts, wanted: bool) -> Iterator[Unmet]:
    if condition.holds(facts) is wanted:
        return
    match condition:
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from _unmet(part, facts, wanted)
        case Not(part):
            yield from _unmet(part, facts, not wanted)
        case InSegment(name) if name in facts.segments:
            yield from _unmet(facts.segments[name].where, facts, wanted)
        case _:
            yield from ((condition, held, values) for _, held, values in explain(condition, facts))
