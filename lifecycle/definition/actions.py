"""Actions: what a line does when it is set off."""

from __future__ import annotations

import re
from collections.abc import Callable

from lifecycle.core.conditions import NONE
from lifecycle.core.model import (
    Action,
    Email,
    FieldDef,
    FromEvent,
    OpenCta,
    SetFields,
    SetStage,
    Webhook,
)
from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.core.values import Kind, Value, read_value

from .known import Datum, a_kind, require
from .nodes import Scalar
from .records import Record, entries, open_record, read_text
from .sentences import comparable
from .site import Site
from .templates import check_variables
from .vocabulary import ACTIONS

Event = dict[str, Datum] | None
_PARTS = {
    "to": ("email", "webhook"),
    "kind": ("cta",),
    "owner": ("cta",),
    "priority": ("cta",),
    "due": ("cta",),
    "playbook": ("cta",),
    "on leaving": ("cta",),
    "data": ("webhook",),
}


def read_actions(record: Record, site: Site, event: Event) -> tuple[Action, ...]:
    """The action of a line, or those under its `do`."""
    if "do" not in record:
        one = _action(record, site, event)
        return (one,) if one else ()
    for key in record.found:
        if key in ACTIONS:
            message = f"The action `{key}` stands beside `do`."
            site.report.error(record.mark(key), "two_actions", message, "Move it under `do`.")
    found = [
        _action(open_record(node, "action", site.report), site, event)
        for node in record.items("do")
    ]
    return tuple(action for action in found if action is not None)


def _action(record: Record, site: Site, event: Event) -> Action | None:
    found = [key for key in record.found if key in ACTIONS]
    if not found:
        message = "The line does nothing."
        remedy = f"Add one of {', '.join(ACTIONS)}, or several under `do:`."
        if "to" in record:
            remedy = "Moves stand in `start`, `move`, `from …`; `set stage:` is the action."
        site.report.error(record.at, "no_action", message, remedy)
        return None
    for other in found[1:]:
        message = f"One action a line; this one has `{found[0]}` already."
        site.report.error(record.mark(other), "two_actions", message, "Put several under `do:`.")
    _stray(record, found, site)
    return _READERS[found[0]](record, site, event)


def _stray(record: Record, found: list[str], site: Site) -> None:
    for key, owners in _PARTS.items():
        if key in record and not set(owners) & set(found):
            message = f"`{key}` belongs to {' or '.join(f'`{one}`' for one in owners)}."
            site.report.error(record.mark(key), "stray_key", message, "Remove it.")


def _email(record: Record, site: Site, event: Event) -> Action | None:
    name, known = record.name("email"), site.known
    if name and known.templates is not None:
        found = require(name, "template", known.templates, site.report)
        if found:
            check_variables(name, known, event, site.report)
    people = record.names("to")
    if "to" not in record:
        message = "The mail has no recipient."
        remedy = f"Add `to:` with one of {', '.join(sorted(known.roles | known.teams))}."
        site.report.error(record.mark("email"), "missing_key", message, remedy)
    to = [require(one, "role or team", known.roles | known.teams, site.report) for one in people]
    return Email(name.text, tuple(one for one in to if one)) if name else None


def _cta(record: Record, site: Site, event: Event) -> Action | None:
    title, owner, playbook = record.text("cta"), record.name("owner"), record.name("playbook")
    people = site.known.roles | site.known.teams
    if owner is None and "csm" not in people:
        message = "The CTA has no owner, and there is no role `csm` to fall back on."
        site.report.error(record.mark("cta"), "missing_key", message, "Add `owner:`.")
    leaving = record.choice("on leaving")
    if leaving == "close" and not site.in_stage:
        message = "`on leaving` needs a stage to leave."
        site.report.error(record.mark("on leaving"), "stray_key", message, "Remove it.")
    return OpenCta(
        title or "",
        record.id("kind") or "task",
        (require(owner, "role or team", people, site.report) if owner else None) or "csm",
        record.choice("priority") or "normal",
        record.duration("due"),
        require(playbook, "playbook", site.known.playbooks, site.report) if playbook else None,
        leaving == "close",
    )


def _webhook(record: Record, site: Site, event: Event) -> Action | None:
    name, names = record.id("webhook"), record.names("to")
    if len(names) != 1:
        message = "A webhook goes to one target."
        remedy = f"Add `to:` with one of {', '.join(sorted(site.known.targets))}."
        site.report.error(record.mark("to"), "missing_key", message, remedy)
        return None
    target = require(names[0], "target", site.known.targets, site.report)
    data: dict[str, FromEvent | Value] = {}
    for key, node in record.entries("data"):
        text = read_text(node, site.report, "a value")
        if text is not None and isinstance(node, Scalar):
            data[key.text] = _free_value(node, event, site)
    return Webhook(name, target, data) if name and target else None


def _free_value(node: Scalar, event: Event, site: Site) -> FromEvent | Value:
    """A value whose kind nobody declared: what it looks like."""
    text = node.text.strip()
    if node.plain and text.startswith("event."):
        _event_datum(node, event, site)
        return FromEvent(text.removeprefix("event."))
    if not node.plain:
        return node.text
    if re.fullmatch(r"-?(0|[1-9]\d{0,14})", text):
        return int(text)
    if re.fullmatch(r"-?\d{1,12}\.\d{1,9}", text):
        return float(text)
    words: dict[str, Value] = {"yes": True, "true": True, "no": False, "false": False, NONE: None}
    return words.get(text, node.text)


def _set_stage(record: Record, site: Site, event: Event) -> Action | None:
    name = record.name("set stage")
    found = site.any_stage(name, none=True) if name else None
    if found is None or name is None:
        return None
    lifecycle, stage = found
    return SetStage(lifecycle, None if stage == NONE else stage)


# ── set


def _set(record: Record, site: Site, event: Event) -> Action | None:
    node = record.node("set")
    values: dict[str, FromEvent | Value] = {}
    for key, value in entries(node, site.report) if node is not None else ():
        name = require(key, "field", site.known.fields, site.report)
        field = site.known.fields.get(name) if name else None
        if field is None or read_text(value, site.report, "a value") is None:
            continue
        _writable(key, field, site)
        if isinstance(value, Scalar):
            values[field.id] = _field_value(value, field, event, site)
    if node is not None and not getattr(node, "pairs", True):
        site.report.error(node.at, "empty_list", "`set` names no field.", "Fill it, or remove it.")
    return SetFields(values) if values else None


def _writable(key: Scalar, field: FieldDef, site: Site) -> None:
    if field.written_by is not None:
        message = f"`{field.id}` is written by {field.written_by} only."
        site.report.error(key.at, "written_by", message, "Set another field.")


def _field_value(node: Scalar, field: FieldDef, event: Event, site: Site) -> FromEvent | Value:
    text = node.text.strip()
    if node.plain and text.startswith("event."):
        datum = _event_datum(node, event, site)
        if datum is not None and not _assignable(datum.kind, field.kind):
            message = f"`{text}` is {a_kind(datum.kind)}; `{field.id}` is {a_kind(field.kind)}."
            site.report.error(node.at, "type_mismatch", message)
        return FromEvent(text.removeprefix("event."))
    if node.plain and text == NONE:
        return None
    try:
        return _bounded(read_value(field.kind, text, field.options), field)
    except Refusal as refusal:
        site.report.error(node.at, refusal.code, refusal.what, refusal.remedy)
        return None


def _bounded(value: Value, field: FieldDef) -> Value:
    low, high = field.minimum, field.maximum
    if isinstance(value, int) and low is not None and high is not None and not low <= value <= high:
        raise Refusal("bad_value", f"{value} is outside {low} to {high}.")
    return value


def _assignable(source: Kind, target: Kind) -> bool:
    return comparable(source, target) and not (source is Kind.NUMBER and target is Kind.WHOLE)


def _event_datum(node: Scalar, event: Event, site: Site) -> Datum | None:
    name = node.text.strip().removeprefix("event.")
    if event is None:
        message = f"`event.{name}`: there is no event here."
        site.report.error(node.at, "no_event", message, "Only a line with `when` has an event.")
        return None
    if name not in event:
        message = f"The event carries no `{name}`."
        site.report.error(node.at, "unknown_event_field", message, did_you_mean(name, event))
    return event.get(name)


_READERS: dict[str, Callable[[Record, Site, Event], Action | None]] = {
    "email": _email,
    "cta": _cta,
    "set": _set,
    "webhook": _webhook,
    "set stage": _set_stage,
}
