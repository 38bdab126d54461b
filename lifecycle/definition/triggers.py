"""Triggers: what sets a line off."""

from __future__ import annotations

from collections.abc import Callable

from lifecycle.core.conditions import InSegment
from lifecycle.core.model import (
    After,
    AsSoonAs,
    At,
    Entered,
    EventMatch,
    FieldChanged,
    Left,
    OnAll,
    OnEntry,
    OnEvent,
    Place,
    Trigger,
)
from lifecycle.core.values import Kind

from . import amounts
from .conditions import read_condition
from .known import Datum, a_kind, require
from .nodes import Items, Node, Scalar, Table
from .records import Record, open_record, read_items, read_text
from .sentences import in_segment
from .site import Site
from .vocabulary import TRIGGERS


def read_trigger(record: Record, site: Site) -> Trigger | None:
    """The trigger of a line; None when something about it was reported."""
    found = [key for key in record.found if key in TRIGGERS]
    for other in found[1:]:
        message = f"A line has one trigger; this one has `{found[0]}` already."
        site.report.error(record.mark(other), "two_triggers", message, "Write a second line.")
    _companions(record, site)
    if not found:
        return _without(record, site)
    return _READERS[found[0]](record, site)


def _companions(record: Record, site: Site) -> None:
    for key, trigger in (("from", "entered"), ("towards", "left")):
        if key in record and trigger not in record:
            message = f"`{key}` stands beside `{trigger}`."
            site.report.error(
                record.mark(key), "stray_key", message, f"Add `{trigger}:` or remove it."
            )


def _without(record: Record, site: Site) -> Trigger | None:
    if site.place is Place.DO:
        return OnEntry()
    message = f"A line in {site.here()} needs a trigger."
    site.report.error(record.at, "no_trigger", message, f"Add one of {', '.join(TRIGGERS)}.")
    return None


# ── events


def _when(record: Record, site: Site) -> Trigger | None:
    node = record.node("when")
    if isinstance(node, Table) and node.get("event") is None:
        return _when_table(open_record(node, "when", site.report), site)
    if node is None or isinstance(node, Items):
        message = "Several events need `any of` or `all of`."
        remedy = "Write `when: {any of: […]}`."
        site.report.error(record.mark("when"), "wrong_type", message, remedy)
        return None
    match = _match(node, site)
    return OnEvent((match,)) if match else None


def _when_table(record: Record, site: Site) -> Trigger | None:
    lists = [key for key in ("any of", "all of") if key in record]
    if len(lists) != 1:
        message = "`when` has either `any of` or `all of`."
        site.report.error(record.at, "two_triggers" if lists else "no_trigger", message)
        return None
    matches = _matches(record, lists[0], site)
    if lists[0] == "any of":
        for key in ("same", "within"):
            if key in record:
                message = f"`{key}` belongs to `all of`."
                site.report.error(record.mark(key), "stray_key", message, "Remove it.")
        return OnEvent(matches) if matches else None
    return _all(record, matches, site)


def _all(record: Record, matches: tuple[EventMatch, ...], site: Site) -> Trigger | None:
    same, within = record.name("same"), record.parsed("within", amounts.elapsed, "a duration")
    if "within" not in record and not site.in_stage:
        message = "`all of` needs `within` here: how long the first fact waits for the last."
        site.report.error(record.at, "no_within", message, "Add `within: 90 days`.")
    if len(matches) == 1 and len(record.items("all of")) == 1:
        site.report.error(record.mark("all of"), "one_of_all", "`all of` needs two events or more.")
    for match in matches if same else ():
        data = site.known.event_data(match.event) or {}
        if same and same.text not in data:
            message = f"`{match.event}` carries no `{same.text}`."
            site.report.error(
                same.at, "unknown_event_field", message, "Name what all of them carry."
            )
    return OnAll(matches, same.text if same else None, within) if matches else None


def _matches(record: Record, key: str, site: Site) -> tuple[EventMatch, ...]:
    node = record.node(key)
    found: dict[str, EventMatch] = {}
    for item in read_items(node, site.report) if node is not None else ():
        match = _match(item, site)
        if match is None:
            continue
        if match.event in found:
            message = f"`{match.event}` stands in the list twice."
            site.report.error(item.at, "duplicate_event", message, "Keep one; join the conditions.")
        found[match.event] = match
    return tuple(found.values())


def _match(node: Node, site: Site) -> EventMatch | None:
    if isinstance(node, Table):
        if node.get("any of") or node.get("all of"):
            message = "Lists of events cannot be nested."
            site.report.error(node.at, "nested_events", message, "Write two lines instead.")
            return None
        record = open_record(node, "event match", site.report)
        name, condition = record.name("event"), record.node("if")
    else:
        read_text(node, site.report, "an event")
        name, condition = (node if isinstance(node, Scalar) and node.text else None), None
    event = require(name, "event", site.known.event_names(), site.report) if name else None
    if event is None:
        return None
    if condition is None:
        return EventMatch(event)
    scope = site.known.scope().with_event(site.known.event_data(event) or {})
    return EventMatch(event, read_condition(condition, scope, site.report))


def event_data(trigger: Trigger | None, site: Site) -> dict[str, Datum] | None:
    """What `event.…` may name: of `any of` what one of them carries, of `all of` what all carry."""
    if isinstance(trigger, OnEvent):
        carried = [site.known.event_data(match.event) or {} for match in trigger.any_of]
        return {name: datum for data in carried for name, datum in data.items()}
    if isinstance(trigger, OnAll):
        carried = [site.known.event_data(match.event) or {} for match in trigger.all_of]
        return {
            name: one for name, one in carried[0].items() if all(name in data for data in carried)
        }
    return None


# ── time, stages, fields


def _after(record: Record, site: Site) -> Trigger | None:
    if not site.in_stage:
        message = "`after` counts from entering a stage; here there is none."
        remedy = "Put the line into a stage's `move` or `do`."
        site.report.error(record.mark("after"), "after_outside_stage", message, remedy)
    found = record.duration("after")
    return After(found) if found else None


def _at(record: Record, site: Site) -> Trigger | None:
    found = record.parsed("at", amounts.offset, "a date field")
    node = record.node("at")
    if found is None or node is None:
        return None
    offset, name = found
    fields = site.known.fields
    dates = [one for one in fields if fields[one].kind is Kind.DATE]
    if name not in fields:
        site.report.unknown(node.at, "date field", name, dates)
    elif name not in dates:
        message = f"`{name}` is {a_kind(fields[name].kind)}, not a date."
        site.report.error(node.at, "type_mismatch", message, f"Dates: {', '.join(dates)}.")
    return At(name, offset) if name in dates else None


def _entered(record: Record, site: Site) -> Trigger | None:
    name = record.name("entered")
    found = site.any_stage(name) if name else None
    return Entered(*found, _beside(record, "from", found[0], site)) if found else None


def _left(record: Record, site: Site) -> Trigger | None:
    name = record.name("left")
    found = site.any_stage(name) if name else None
    return Left(*found, _beside(record, "towards", found[0], site)) if found else None


def _beside(record: Record, key: str, lifecycle: str, site: Site) -> str | None:
    name = record.name(key)
    return site.stage_of(lifecycle, name.text.strip(), name.at, none=True) if name else None


def _changed(record: Record, site: Site) -> Trigger | None:
    name = record.name("changed")
    field = require(name, "field", site.known.fields, site.report) if name else None
    return FieldChanged(field) if field else None


def _as_soon_as(record: Record, site: Site) -> Trigger | None:
    node = record.node("as soon as")
    found = read_condition(node, site.known.scope(), site.report) if node is not None else None
    return AsSoonAs(found) if found else None


def _enters(record: Record, site: Site) -> Trigger | None:
    found = _segment(record, "enters segment", site)
    return AsSoonAs(found) if found else None


def _leaves(record: Record, site: Site) -> Trigger | None:
    found = _segment(record, "leaves segment", site)
    return AsSoonAs(found, turns_false=True) if found else None


def _segment(record: Record, key: str, site: Site) -> InSegment | None:
    name = record.name(key)
    found = require(name, "segment", site.known.segment_names, site.report) if name else None
    return in_segment(found) if found else None


_READERS: dict[str, Callable[[Record, Site], Trigger | None]] = {
    "when": _when,
    "after": _after,
    "at": _at,
    "entered": _entered,
    "left": _left,
    "changed": _changed,
    "enters segment": _enters,
    "leaves segment": _leaves,
    "as soon as": _as_soon_as,
}
