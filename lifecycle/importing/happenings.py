"""What a mapping says happened: the entries of `events` and `fields`, checked against the book.

Shared by the mappings of exports and those of webhooks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lifecycle.core.conditions import NONE
from lifecycle.core.deciding.commands import check_set_stage, read_field
from lifecycle.core.deciding.events import event_type
from lifecycle.core.inputs import SetStage
from lifecycle.core.model import ENGINE_EVENTS, PAST_MOVE, Book, EventType
from lifecycle.core.refusal import Refusal
from lifecycle.core.state import AccountState
from lifecycle.core.values import Kind, read_value
from lifecycle.definition.nodes import Node, Scalar, Table
from lifecycle.definition.problems import Report
from lifecycle.definition.records import Record, open_record

from .columns import Columns
from .mapping import Cell, Constant, FromColumn, PastEvent


@dataclass(frozen=True, slots=True)
class Desk:
    """What the mapping is read against."""

    book: Book
    folder: Path
    now: datetime
    report: Report


# ── fields


def read_fields(record: Record, columns: Columns, desk: Desk) -> dict[str, Cell]:
    """What stands under `fields`: our field by the cell it is read from."""
    fields = {}
    for key, value in record.entries("fields"):
        cell = columns.cell(value)
        if cell is not None and _field_fits(key, value, cell, desk):
            fields[key.text] = cell
    return fields


def _field_fits(key: Scalar, value: Node, cell: Cell, desk: Desk) -> bool:
    known = desk.book.account.fields
    spec = known.get(key.text)
    if spec is None:
        desk.report.unknown(key.at, "field", key.text, known)
    elif spec.written_by:
        message = f"Only the {spec.written_by} writes `{key.text}`."
        desk.report.error(key.at, "not_writable", message, "Leave it out.")
    elif isinstance(cell, Constant):
        try:
            read_field(spec, key.text, cell.value, desk.book)
        except Refusal as refusal:
            desk.report.error(value.at, refusal.code, refusal.what, refusal.remedy)
    return spec is not None


# ── events


def read_event(node: Node, columns: Columns, desk: Desk) -> PastEvent | None:
    """An entry of `events`; None when something in it was reported."""
    record = open_record(node, "past event", desk.report)
    kind = _type(record, columns, desk)
    scalar = record.name("id")
    made = columns.template(scalar) if scalar is not None else None
    if isinstance(made, Constant) and scalar is not None:
        message = "The id is the same in every row."
        remedy = "Put the column into it that tells rows apart: `{order}/paid`."
        desk.report.error(scalar.at, "same_id", message, remedy)
    where = record.node("time")
    time = columns.from_column(where) if where is not None else None
    data = _data(record, columns, _types(kind, desk), desk)
    _check_past_move(record, data, desk)
    only = columns.question(record)
    if kind is None or made is None or time is None:
        return None
    return PastEvent(kind, made, time, data, only)


def _type(record: Record, columns: Columns, desk: Desk) -> Constant | FromColumn | None:
    """The event type: a name, or a column that holds it (whose replacements are checked)."""
    node = record.node("event")
    if isinstance(node, Table):
        found = columns.from_column(node)
        table = node.get("replace")
        for _, value in table.pairs if isinstance(table, Table) else ():
            if isinstance(value, Scalar):
                _check_type(value, desk)
        return found
    scalar = record.name("event")
    if scalar is None or not _check_type(scalar, desk):
        return None
    return Constant(scalar.text.strip())


def _check_type(scalar: Scalar, desk: Desk) -> bool:
    name, known = scalar.text.strip(), {*desk.book.events, PAST_MOVE}
    if name in ENGINE_EVENTS:
        message = f"Only the engine raises `{name}`."
        desk.report.error(scalar.at, "engine_event", message, "Import the fact it stands for.")
    elif name not in known:
        desk.report.unknown(scalar.at, "event", name, known)
    return name in known


def _types(kind: Constant | FromColumn | None, desk: Desk) -> Iterable[EventType]:
    """The types a past event may have."""
    if isinstance(kind, Constant):
        return [event_type(desk.book, kind.value, historic=True)]
    past_move = event_type(desk.book, PAST_MOVE, historic=True)
    return [*desk.book.events.values(), past_move] if kind is not None else []


def _data(
    record: Record, columns: Columns, types: Iterable[EventType], desk: Desk
) -> dict[str, Cell]:
    declared: dict[str, Kind] = {}
    for one in types:
        declared.update(one.data)
    found = {}
    for key, node in record.entries("data"):
        cell = columns.cell(node)
        if declared and key.text not in declared:
            desk.report.unknown(key.at, "event data", key.text, declared)
        elif cell is not None:
            _check_constant(cell, declared.get(key.text), node, desk)
            found[key.text] = cell
    return found


def _check_past_move(record: Record, data: dict[str, Cell], desk: Desk) -> None:
    """A stage that is the same in every row is checked once, here (T27)."""
    lifecycle, stage = data.get("lifecycle"), data.get("stage")
    if not (isinstance(lifecycle, Constant) and isinstance(stage, Constant)):
        return
    to = None if stage.value == NONE else stage.value
    try:
        command = SetStage(desk.now, "import", "import", lifecycle.value, to)
        check_set_stage(desk.book, AccountState(""), command)
    except Refusal as refusal:
        desk.report.error(record.mark("data"), refusal.code, refusal.what, refusal.remedy)


def _check_constant(cell: Cell, kind: Kind | None, node: Node, desk: Desk) -> None:
    if kind is None or not isinstance(cell, Constant):
        return
    try:
        read_value(kind, cell.value)
    except Refusal as refusal:
        desk.report.error(node.at, refusal.code, refusal.what, refusal.remedy)
