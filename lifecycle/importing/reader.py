"""From a mapping's YAML to a `Mapping`: every problem at once, each at its place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lifecycle.core.conditions import NONE
from lifecycle.core.deciding.commands import check_set_stage, read_field
from lifecycle.core.deciding.events import event_type
from lifecycle.core.inputs import SetStage
from lifecycle.core.model import ENGINE_EVENTS, PAST_MOVE, Book, EventType
from lifecycle.core.refusal import Refusal
from lifecycle.core.state import AccountState
from lifecycle.core.values import Kind, read_instant, read_value
from lifecycle.definition.nodes import Node, Scalar, Table, parse
from lifecycle.definition.problems import Mark, Problem, Report, render
from lifecycle.definition.records import Record, open_record
from lifecycle.failure import Failure

from .columns import Columns
from .mapping import (
    AccountsFile,
    Cell,
    Constant,
    FileSpec,
    FromColumn,
    Mapping,
    PastEvent,
    RowsFile,
)
from .sheets import BadSheet, Sheet

JSON_LINES = (".jsonl", ".ndjson")


class BadMapping(Failure):
    """A mapping that cannot be used: its message names every problem and its place."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(render(problems).rstrip())
        self.problems = problems


@dataclass(frozen=True, slots=True)
class _Desk:
    """What the mapping is read against."""

    book: Book
    folder: Path
    now: datetime
    report: Report


def read_mapping(path: Path, folder: Path, book: Book, now: datetime) -> Mapping:
    """The mapping in a file, for the export in `folder`, checked against the book and the files' columns.

    Raises `BadMapping` with all problems, and `Failure` when the file itself cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        said = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror
        raise Failure(f"The mapping {path} cannot be read: {said}.") from None
    report = Report({path.name: text})
    node = parse(path.name, text, report)
    if node is None and not report.problems():
        report.error(
            Mark(path.name), "empty_file", "The mapping is empty.", "See docs/importing.md."
        )
    found = _mapping(node, _Desk(book, folder, now, report)) if node is not None else None
    if found is None or report.problems():
        raise BadMapping(report.problems())
    return found


def _mapping(node: Node, desk: _Desk) -> Mapping:
    record = open_record(node, "mapping", desk.report)
    name = record.id("import") or ""
    accounts = record.node("accounts")
    until = _until(record, desk)
    found = _accounts(accounts, desk) if accounts is not None else None
    rows = tuple(_rows(item, desk) for item in record.items("rows"))
    if accounts is None and "rows" not in record and isinstance(node, Table):
        message = "The mapping names no file."
        desk.report.error(node.at, "missing_key", message, "Add `accounts`, `rows` or both.")
    title, source = record.text("title") or name, record.text("source") or name
    return Mapping(name, title, source, until, found, rows)


def _until(record: Record, desk: _Desk) -> datetime:
    text = record.text("history until") or "now"
    if text == "now":
        return desk.now
    at = record.mark("history until")
    try:
        until = read_instant(text)
    except Refusal as refusal:
        desk.report.error(at, "bad_time", refusal.what, "Write `now`, or a time like 2026-01-31.")
        return desk.now
    if until > desk.now:
        desk.report.error(at, "future", f"{text} is not past.", "Write `now`, or an earlier time.")
    return until.astimezone(UTC)


# ── files


def _file(record: Record, desk: _Desk) -> tuple[FileSpec, Columns, FromColumn]:
    """What all files have: how to read them, their columns, and the column of the account."""
    name = record.text("file") or ""
    delimiter = record.text("delimiter") or ","
    delimiter = "\t" if delimiter == "tab" else delimiter
    if len(delimiter) != 1:
        message = f"`{delimiter}` is not one character."
        desk.report.error(record.mark("delimiter"), "bad_delimiter", message, "Write `;` or `tab`.")
        delimiter = ","
    form = record.choice("format") or ("json lines" if name.endswith(JSON_LINES) else "csv")
    spec = FileSpec(name, form, delimiter, record.text("encoding") or "utf-8")
    columns = Columns(name, _there(spec, record, desk), desk.report)
    columns.describe(record)
    node = record.node("account")
    account = columns.from_column(node) if node is not None else None
    return spec, columns, account or FromColumn("")


def _there(spec: FileSpec, record: Record, desk: _Desk) -> tuple[str, ...] | None:
    if not spec.file:
        return None
    if not (desk.folder / spec.file).is_file():
        there = sorted(path.name for path in desk.folder.glob("*") if path.is_file())
        message = f"There is no file {spec.file} in {desk.folder}."
        found = f" There: {', '.join(there[:12])}." if there else ""
        node = record.node("file")
        at = node.at if node is not None else record.at
        desk.report.error(at, "no_file", message, f"Name its folder with --folder.{found}")
        return None
    try:
        return Sheet(desk.folder, spec).columns
    except BadSheet as error:
        desk.report.error(record.mark("file"), "bad_file", str(error))
        return None


def _accounts(node: Node, desk: _Desk) -> AccountsFile:
    record = open_record(node, "file of accounts", desk.report)
    spec, columns, account = _file(record, desk)
    fields = {}
    for key, value in record.entries("fields"):
        cell = columns.cell(value)
        if cell is not None and _field_fits(key, value, cell, desk):
            fields[key.text] = cell
    return AccountsFile(spec, account, fields, columns.question(record))


def _field_fits(key: Scalar, value: Node, cell: Cell, desk: _Desk) -> bool:
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


def _rows(node: Node, desk: _Desk) -> RowsFile:
    record = open_record(node, "file of rows", desk.report)
    spec, columns, account = _file(record, desk)
    events = [_event(item, columns, desk) for item in record.items("events")]
    return RowsFile(spec, account, tuple(event for event in events if event is not None))


# ── events


def _event(node: Node, columns: Columns, desk: _Desk) -> PastEvent | None:
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


def _type(record: Record, columns: Columns, desk: _Desk) -> Constant | FromColumn | None:
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


def _check_type(scalar: Scalar, desk: _Desk) -> bool:
    name, known = scalar.text.strip(), {*desk.book.events, PAST_MOVE}
    if name in ENGINE_EVENTS:
        message = f"Only the engine raises `{name}`."
        desk.report.error(scalar.at, "engine_event", message, "Import the fact it stands for.")
    elif name not in known:
        desk.report.unknown(scalar.at, "event", name, known)
    return name in known


def _types(kind: Constant | FromColumn | None, desk: _Desk) -> Iterable[EventType]:
    """The types a past event may have."""
    if isinstance(kind, Constant):
        return [event_type(desk.book, kind.value, historic=True)]
    past_move = event_type(desk.book, PAST_MOVE, historic=True)
    return [*desk.book.events.values(), past_move] if kind is not None else []


def _data(
    record: Record, columns: Columns, types: Iterable[EventType], desk: _Desk
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


def _check_past_move(record: Record, data: dict[str, Cell], desk: _Desk) -> None:
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


def _check_constant(cell: Cell, kind: Kind | None, node: Node, desk: _Desk) -> None:
    if kind is None or not isinstance(cell, Constant):
        return
    try:
        read_value(kind, cell.value)
    except Refusal as refusal:
        desk.report.error(node.at, refusal.code, refusal.what, refusal.remedy)
