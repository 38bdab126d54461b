"""events.yaml: what services may report."""

from __future__ import annotations

import re

from lifecycle.core.model import ENGINE_EVENTS, EVENT_HEADER, PAST_MOVE, EventType
from lifecycle.core.values import Kind

from .account import read_kind
from .known import require
from .nodes import Scalar
from .problems import Report
from .records import Record, open_record, read_id

_EVENT = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")


def read_events(record: Record) -> dict[str, EventType]:
    """Every event type that can be read, by id."""
    found = {}
    for key, node in record.entries("events"):
        event = _event(key.text, open_record(node, "event", record.report))
        if _name_is_good(key, record.report):
            found[key.text] = event
    return found


def _name_is_good(key: Scalar, report: Report) -> bool:
    if key.text in ENGINE_EVENTS:
        message = f"The engine raises `{key.text}` itself."
        report.error(
            key.at, "engine_event", message, "Remove it; lines may wait for it all the same."
        )
    elif key.text == PAST_MOVE:
        message = f"`{key.text}` is what an import calls a move that a person made in the past."
        report.error(key.at, "engine_event", message, "Choose another name.")
    elif len(key.text) > 60 or not _EVENT.fullmatch(key.text):
        message = f"`{key.text}` is no event type."
        report.error(key.at, "bad_id", message, "Write it like `opportunity.closed_won`.")
    else:
        return True
    return False


def _event(name: str, record: Record) -> EventType:
    creates, latest = record.switch("creates account"), record.choice("keep") == "latest"
    data = _data(record)
    label, personal = record.text("label") or "", _personal(record, data)
    return EventType(name, data, creates, latest, label, personal)


def _personal(record: Record, data: dict[str, Kind]) -> tuple[str, ...]:
    """What the event carries of a person; every name must stand in its data."""
    named = [require(name, "data", data, record.report) for name in record.names("personal")]
    return tuple(dict.fromkeys(name for name in named if name is not None))


def _data(record: Record) -> dict[str, Kind]:
    found = {}
    for key, node in record.entries("data"):
        kind = read_kind(node, record.report)
        if key.text in EVENT_HEADER:
            message = f"Every event has `event.{key.text}` already."
            record.report.error(key.at, "header_field", message, "Choose another name.")
        elif read_id(key, record.report) and kind is not None:
            found[key.text] = kind
    return found
