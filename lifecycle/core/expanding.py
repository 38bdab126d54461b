"""A condition without segments in it: each `in segment` is replaced by what the segment says now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .conditions import All, AnyOf, Condition, InSegment, Not
from .model import Segment


def expanded(condition: Condition, segments: Mapping[str, Segment]) -> Condition:
    """The same meaning, however the segments are changed later. A segment nobody knows holds for nobody."""
    if isinstance(condition, All | AnyOf):
        return replace(condition, of=tuple(expanded(part, segments) for part in condition.of))
    if isinstance(condition, Not):
        return Not(expanded(condition.of, segments))
    if isinstance(condition, InSegment):
        found = segments.get(condition.segment)
        return expanded(found.where, segments) if found else AnyOf(())
    return condition
