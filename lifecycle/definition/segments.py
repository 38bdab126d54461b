"""segments.yaml: saved segments (T16)."""

from __future__ import annotations

from collections.abc import Mapping

from lifecycle.core.conditions import InSegment, leaves
from lifecycle.core.model import Segment

from .circles import circles, drawn
from .conditions import read_condition
from .known import Known
from .mentions import mention
from .nodes import Node
from .problems import Report
from .records import Record, open_record, read_id


def read_segments(record: Record, known: Known) -> dict[str, Segment]:
    """Every segment that can be read and does not ask itself, in the order written."""
    report = record.report
    found: dict[str, Segment] = {}
    asked: dict[str, Node] = {}
    for key, node in record.entries("segments"):
        inner = open_record(node, "segment", report)
        segment = _segment(key.text, inner, known)
        if read_id(key, report) is not None and segment is not None:
            found[key.text], asked[key.text] = segment, inner.found["where"][1]
    endless = _endless(found, asked, report)
    return {name: segment for name, segment in found.items() if name not in endless}


def _segment(name: str, record: Record, known: Known) -> Segment | None:
    title, said = record.text("title") or name, record.text("description") or ""
    node = record.node("where")
    where = read_condition(node, known.scope(), record.report) if node is not None else None
    return Segment(name, title, where, said) if where is not None else None


def _endless(
    found: Mapping[str, Segment], asked: Mapping[str, Node], report: Report
) -> frozenset[str]:
    """The segments that ask each other in a circle, reported at the sentence that begins it."""
    graph = {
        name: [leaf.segment for leaf in leaves(one.where) if isinstance(leaf, InSegment)]
        for name, one in found.items()
    }
    endless: set[str] = set()
    for circle in circles(graph):
        endless |= set(circle)
        first, following = circle[0], circle[1 % len(circle)]
        which = "The segment asks itself" if len(circle) == 1 else "These segments ask each other"
        message = f"{which}: {drawn(circle)}."
        remedy = "Write out what one of them means."
        report.error(mention(asked[first], following), "segment_circle", message, remedy)
    return frozenset(endless)
