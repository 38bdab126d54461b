"""From a mapping's YAML to a `Mapping`: every problem at once, each at its place."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal
from lifecycle.core.values import read_instant
from lifecycle.definition.nodes import Node, Table, parse
from lifecycle.definition.problems import Mark, Problem, Report, render
from lifecycle.definition.records import Record, open_record
from lifecycle.failure import Failure

from .columns import Columns
from .happenings import Desk, read_event, read_fields
from .mapping import (
    AccountsFile,
    FileSpec,
    FromColumn,
    Mapping,
    RowsFile,
)
from .sheets import BadSheet, Sheet

JSON_LINES = (".jsonl", ".ndjson")


class BadMapping(Failure):
    """A mapping that cannot be used: its message names every problem and its place."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(render(problems).rstrip())
        self.problems = problems


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
    found = _mapping(node, Desk(book, folder, now, report)) if node is not None else None
    if found is None or report.problems():
        raise BadMapping(report.problems())
    return found


def _mapping(node: Node, desk: Desk) -> Mapping:
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


def _until(record: Record, desk: Desk) -> datetime:
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


def _file(record: Record, desk: Desk) -> tuple[FileSpec, Columns, FromColumn]:
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


def _there(spec: FileSpec, record: Record, desk: Desk) -> tuple[str, ...] | None:
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


def _accounts(node: Node, desk: Desk) -> AccountsFile:
    record = open_record(node, "file of accounts", desk.report)
    spec, columns, account = _file(record, desk)
    fields = read_fields(record, columns, desk)
    return AccountsFile(spec, account, fields, columns.question(record))


def _rows(node: Node, desk: Desk) -> RowsFile:
    record = open_record(node, "file of rows", desk.report)
    spec, columns, account = _file(record, desk)
    events = [read_event(item, columns, desk) for item in record.items("events")]
    return RowsFile(spec, account, tuple(event for event in events if event is not None))
