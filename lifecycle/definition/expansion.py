"""Segments in a condition written out, for checks that must see every sentence."""

from __future__ import annotations

from collections.abc import Mapping

from lifecycle.core.conditions import All, AnyOf, Condition, InSegment, Not
from lifecycle.core.model import Segment


def expanded(condition: Condition, segments: Mapping[str, Segment]) -> Condition:
    """The condition without `in segment`: each becomes what the segment asks. No segment may ask itself.

    One that is not among the segments stays as it is.
    """
    match condition:
        case All(parts):
            return All(tuple(expanded(part, segments) for part in parts))
        case AnyOf(parts):
            return AnyOf(tuple(expanded(part, segments) for part in parts))
        case Not(part):
            return Not(expanded(part, segments))
        case InSegment(name) if name in segments:
            return expanded(segments[name].where, segments)
    return condition
