"""A lifecycle file: its stages in order, and its lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lifecycle.core.conditions import NONE
from lifecycle.core.model import COLOURS, Lifecycle, Place, Stage
from lifecycle.core.refusal import did_you_mean

from .known import Known, require
from .lines import Line, read_line
from .nodes import Items, Node, Scalar, Table, walk
from .problems import Mark, Report
from .records import Record, open_record, read_id, read_text
from .site import Site


@dataclass(slots=True)
class Found:
    """A lifecycle as read, with where it, its stages and its lines stand.

    `in_doubt` are stages whose ways in or out cannot be judged, as a line there could not be read.
    """

    lifecycle: Lifecycle
    at: Mark
    stages: dict[str, Mark] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    in_doubt: set[str] = field(default_factory=set)


def outline(node: Node, known: Known) -> None:
    """Adds the names a lifecycle defines to what is known, without judging anything."""
    name = node.get("lifecycle") if isinstance(node, Table) else None
    if not isinstance(node, Table) or not isinstance(name, Scalar) or name.text in known.stages:
        return
    stages = node.get("stages")
    pairs = stages.pairs if isinstance(stages, Table) else ()
    known.stages[name.text] = tuple(key.text for key, _ in pairs)
    for part in walk(node):
        if isinstance(part, Table) and part.get("cta") is not None:
            kind = part.get("kind")
            known.cta_kinds |= {kind.text} if isinstance(kind, Scalar) else set()


def read_lifecycle(node: Node, known: Known, report: Report) -> Found | None:
    """The lifecycle of a file; None when it has no id."""
    record = open_record(node, "lifecycle", report)
    name = record.id("lifecycle")
    if name is None:
        return None
    opened = [
        (key, open_record(value, "stage", report))
        for key, value in record.entries("stages")
        if read_id(key, report)
    ]
    _check_stages(record, opened, report)
    stages = tuple(_stage(key.text, one) for key, one in opened)
    doubt = {key.text for key, one in opened if not one.found}
    read = list(_lines(record, opened, name, known, doubt))
    lines = list(_unique(read, report))
    doubt |= {stage for line in read if line not in lines for stage in _ends_of(line)}
    head = _head(name, record, known, stages, lines)
    marks = {key.text: key.at for key, _ in opened}
    return Found(head, record.mark("lifecycle"), marks, lines, doubt)


def _head(
    name: str, record: Record, known: Known, stages: tuple[Stage, ...], lines: list[Line]
) -> Lifecycle:
    flow, owner = record.name("flow"), record.name("owner")
    return Lifecycle(
        name,
        record.text("title") or name,
        record.whole("version") or 1,
        stages,
        tuple(line.automation for line in lines),
        record.text("description") or "",
        record.choice("kind") or "status",
        require(flow, "lifecycle", known.stages, record.report) if flow else None,
        require(owner, "team", known.teams, record.report) if owner else None,
        _migration(name, record, known),
    )


def _migration(name: str, record: Record, known: Known) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    stages = (*known.stages.get(name, ()), NONE)
    for key, node in record.entries("migration"):
        target = read_text(node, record.report, "a stage")
        if read_id(key, record.report) is None or target is None:
            continue
        if target not in stages:
            message = f"`{name}` has no stage `{target}`."
            record.report.error(node.at, "unknown_stage", message, did_you_mean(target, stages))
        found[key.text] = None if target == NONE else target
    return found


# ── stages


def _check_stages(record: Record, opened: list[tuple[Scalar, Record]], report: Report) -> None:
    node = record.node("stages")
    if isinstance(node, Table) and not node.pairs:
        report.error(node.at, "empty_list", "The lifecycle has no stages.", "Add one.")
    for key, _ in opened:
        if key.text == NONE.lower():
            message = "`none` would be mistaken for `None`, in no stage."
            report.error(key.at, "reserved", message, "Choose another id.")


def _stage(name: str, record: Record) -> Stage:
    end, churn = record.switch("end"), record.switch("churn")
    expected, stuck = record.duration("expected"), record.duration("stuck after")
    if churn and not end:
        message = "Only an end stage may say `churn`."
        record.report.error(record.mark("churn"), "churn_without_end", message, "Add `end: true`.")
    for key in ("expected", "stuck after"):
        if end and key in record:
            message = f"Nobody is late in an end stage; `{key}` has no effect."
            record.report.warning(record.mark(key), "limit_on_end", message, "Remove it.")
    return Stage(
        name,
        record.text("label") or name,
        _colour(record),
        record.text("description") or "",
        expected,
        stuck,
        end,
        churn,
        record.switch("disabled"),
        record.switch("by hand"),
    )


def _colour(record: Record) -> str:
    node, text = record.node("colour"), record.text("colour")
    if node is None or text is None:
        return "grey"
    if text not in COLOURS:
        record.report.unknown(node.at, "colour", text, COLOURS)
    return text


# ── lines


def _lines(
    record: Record,
    opened: list[tuple[Scalar, Record]],
    name: str,
    known: Known,
    doubt: set[str],
) -> Iterator[Line]:
    report = record.report
    yield from _list(record, Site(name, Place.START, None, known, report), doubt)
    for key, stage in opened:
        for place in (Place.DO, Place.MOVE):
            yield from _list(stage, Site(name, place, key.text, known, report), doubt)
    for place in (Place.ANY_STAGE, Place.ANYWHERE, Place.ALSO):
        yield from _list(record, Site(name, place, None, known, report), doubt)


def _list(record: Record, site: Site, doubt: set[str]) -> Iterator[Line]:
    node = record.node(site.place.value)
    if node is not None and not isinstance(node, Items):
        doubt |= set(site.known.stages[site.lifecycle])
    for item in record.items(site.place.value):
        line = read_line(item, site)
        if line is not None:
            yield line
        elif site.place is not Place.ALSO:
            doubt |= _doubted(item, site)


def _doubted(line: Node, site: Site) -> set[str]:
    """The stages that a line which could not be read may leave or lead to."""
    stages = site.known.stages[site.lifecycle]
    goal = line.get("to") if isinstance(line, Table) else None
    if not isinstance(goal, Scalar) or goal.text not in stages or not site.in_stage:
        return set(stages)
    return {goal.text, *([site.stage] if site.stage else [])}


def _ends_of(line: Line) -> Iterator[str]:
    yield from (end for end in (line.automation.stage, line.automation.to) if end is not None)


def _unique(lines: list[Line], report: Report) -> Iterator[Line]:
    """The lines whose names differ; a double is reported at its second place."""
    seen: dict[str, Line] = {}
    for line in lines:
        name = line.automation.name
        first = seen.setdefault(name, line)
        if first is line:
            yield line
        elif line.named and first.named:
            message = f"The name `{name}` is taken; first in line {first.at.line}."
            report.error(line.at, "duplicate_name", message, "Rename one.")
        else:
            message = f"Two lines would be called `{name}`; the first is in line {first.at.line}."
            report.error(line.at, "name_clash", message, "Give both a `name:`.")
