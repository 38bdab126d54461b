"""From a hook's YAML to a `Hook`: every problem at once, each at its place."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Final

from lifecycle.core.model import Book
from lifecycle.core.values import Kind
from lifecycle.definition.nodes import Items, Node, Scalar, Table, parse
from lifecycle.definition.problems import Mark, Report
from lifecycle.definition.records import Record, open_record, read_id, read_items, read_text
from lifecycle.failure import Failure
from lifecycle.importing.columns import Columns, kind_in
from lifecycle.importing.happenings import Desk, read_event, read_fields
from lifecycle.importing.mapping import FromColumn
from lifecycle.importing.reader import BadMapping

from .mapping import Entry, Hook, Known, Lesson, Whose
from .message import OF_MESSAGE

OURS: Final = {
    "salesforce": ("id", "type", "time", "record", "change"),
}
ALWAYS: Final = ("id", "type", "time")
_PATH: Final = re.compile(r"[^\s.]+(\.[^\s.]+)*")


def read_text_of(path: Path) -> str:
    """The text of a file. Raises `Failure`."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        said = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror
        raise Failure(f"The hook {path} cannot be read: {said}.") from None


def read_hook(path: Path, book: Book, now: datetime) -> Hook:
    """The hook in a file, checked against the book. Raises `BadMapping` with all problems, and `Failure`."""
    text = read_text_of(path)
    report = Report({path.name: text})
    node = parse(path.name, text, report)
    if node is None and not report.problems():
        report.error(Mark(path.name), "empty_file", "The hook is empty.", "See docs/webhooks.md.")
    found = _hook(node, path.stem, Desk(book, path.parent, now, report)) if node else None
    if found is None or report.problems():
        raise BadMapping(report.problems())
    return found


def format_in(path: Path) -> str:
    """The format a hook names, whatever else is wrong with it; empty when that cannot be told."""
    node = parse(path.name, read_text_of(path), Report({}))
    found = node.get("format") if isinstance(node, Table) else None
    return found.text.strip() if isinstance(found, Scalar) else ""


def _hook(node: Node, stem: str, desk: Desk) -> Hook:
    record = open_record(node, "hook", desk.report)
    name, form = record.id("hook") or "", record.choice("format") or ""
    if name and name != stem:
        message = (
            f"The file is called {stem}, the hook `{name}`: a hook is found by its file's name."
        )
        desk.report.error(record.mark("hook"), "other_name", message, f"Write `hook: {stem}`.")
    columns, paths = _columns(record, form, desk)
    lessons = [_lesson(item, columns) for item in record.items("learn")]
    taught = {one.of for one in lessons if one is not None}
    whose = _whose(record, columns, taught)
    entries = [_entry(item, columns, taught, whose, desk) for item in record.items("messages")]
    return Hook(
        name,
        record.text("title") or name,
        form,
        record.text("source") or name,
        paths,
        tuple(one for one in lessons if one is not None),
        tuple(entries),
    )


# ── columns


def _columns(record: Record, form: str, desk: Desk) -> tuple[Columns, dict[str, tuple[str, ...]]]:
    """What the hook reads of a message: names of its own, and those that every message has."""
    ours = tuple(f"{OF_MESSAGE}.{name}" for name in OURS.get(form, ALWAYS))
    given = list(record.entries("columns"))
    names = tuple(key.text for key, _ in given)
    columns = Columns("The message", (*ours, *names), desk.report)
    paths: dict[str, tuple[str, ...]] = {}
    for key, node in given:
        if read_id(key, desk.report) is not None:
            paths[key.text] = _paths(key.text, node, columns, ours)
    return columns, paths


def _paths(name: str, node: Node, columns: Columns, ours: tuple[str, ...]) -> tuple[str, ...]:
    """Where a column stands; how it is read goes into `columns.named`."""
    if isinstance(node, Table):
        record = open_record(node, "message column", columns.report)
        found, kind = columns.read_as(FromColumn(name), record), kind_in(record)
        columns.named[name] = (found, kind)
        scalars = record.names("column")
    else:
        columns.named[name] = (FromColumn(name), Kind.TEXT)
        items = read_items(node, columns.report) if isinstance(node, Items) else (node,)
        scalars = [item for item in items if isinstance(item, Scalar)]
    return tuple(path for scalar in scalars if (path := _path(scalar, columns, ours)))


def _path(scalar: Scalar, columns: Columns, ours: tuple[str, ...]) -> str:
    text = read_text(scalar, columns.report, "a path in the message") or ""
    if text.startswith(f"{OF_MESSAGE}.") and text not in ours:
        columns.report.unknown(scalar.at, "column", text, ours)
    elif text and not _PATH.fullmatch(text):
        message = f"`{text}` is no path."
        columns.report.error(scalar.at, "bad_path", message, "Write it like `data.object.id`.")
    return text


# ── whose


def _lesson(node: Node, columns: Columns) -> Lesson | None:
    record = open_record(node, "lesson", columns.report)
    of, id_, account = record.id("of"), _column(record, "id", columns), None
    if (inner := record.node("account")) is not None:
        account = columns.from_column(inner)
    only = columns.question(record)
    return Lesson(of, id_, account, only) if of and id_ and account else None


def _column(record: Record, key: str, columns: Columns) -> FromColumn | None:
    node = record.node(key)
    return columns.from_column(node) if node is not None else None


def _whose(record: Record, columns: Columns, taught: set[str]) -> Whose:
    node = record.node("account")
    if node is None:
        return ()
    items = read_items(node, columns.report) if isinstance(node, Items) else (node,)
    ways = [_way(item, columns, taught) for item in items]
    return tuple(way for way in ways if way is not None)


def _way(node: Node, columns: Columns, taught: set[str]) -> FromColumn | Known | None:
    if not isinstance(node, Table) or node.get("of") is None:
        return columns.from_column(node)
    record = open_record(node, "known account", columns.report)
    of, id_ = record.name("of"), _column(record, "id", columns)
    if of is not None and of.text.strip() not in taught:
        columns.report.unknown(of.at, "lesson", of.text.strip(), taught)
    return Known(of.text.strip(), id_) if of is not None and id_ is not None else None


# ── what a message says


def _entry(node: Node, columns: Columns, taught: set[str], whose: Whose, desk: Desk) -> Entry:
    record = open_record(node, "message", desk.report)
    events = [read_event(item, columns, desk) for item in record.items("events")]
    fields, ignore = read_fields(record, columns, desk), record.text("ignore") or ""
    entry = Entry(
        _whose(record, columns, taught) or whose,
        tuple(event for event in events if event is not None),
        tuple(fields.items()),
        record.switch("starts account"),
        ignore,
        columns.question(record),
    )
    _check(record, entry, desk.report)
    return entry


def _check(record: Record, entry: Entry, report: Report) -> None:
    says = "events" in record or "fields" in record
    if says == bool(entry.ignore) and isinstance(record.at, Mark):
        message = "An entry has `events`, `fields` or both; or it says why the message is ignored."
        report.error(record.at, "says_nothing", message, 'Add `ignore: "…"`, or what happened.')
    if says and not entry.whose and "account" not in record:
        message = "It is not said whose the message is."
        report.error(record.at, "missing_key", message, "Add `account` here, or above for all.")
    if entry.starts and not entry.fields:
        message = "`starts account` goes with `fields`."
        report.error(record.mark("starts account"), "bad_entry", message, "Add them.")
