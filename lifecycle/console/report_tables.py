"""A report as people and programs get it: a table with numbers and small bars, CSV, or JSON."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from rich.text import Text

from lifecycle.core.refusal import Refusal
from lifecycle.importing.report import FORMULA
from lifecycle.telling.data import plain
from lifecycle.telling.phrases import MISSING, count

from .desk import Desk
from .screen import columns

Row = TypeVar("Row")
BAR: Final = 16
EIGHTHS: Final = " ▏▎▍▌▋▊▉"


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """A column. `name` stands in CSV and JSON with `value`; `title` heads it on a screen.

    `shown` is the value as people read it: the default shows numbers with thousands and a dash for none. A column
    without a title is for programs only, one without a name for a screen only. `bar` is 0 to 1, drawn behind
    the number; `wide` ones need room.
    """

    name: str
    title: str
    value: Callable[[Row], Any]
    shown: Callable[[Row], str | Text] | None = None
    right: bool = False
    bar: Callable[[Row], float] | None = None
    wide: bool = False

    def cell(self, row: Row) -> str | Text:
        """What stands on a screen."""
        shown = self.shown(row) if self.shown else _shown(self.value(row))
        if self.bar is None:
            return shown
        return Text(f"{shown}  ").append(bar(self.bar(row)), style="cyan")


@dataclass(frozen=True, slots=True)
class Across(Generic[Row]):
    """For a screen: one line per `line`, with a number for each `column` across it, in the order they come."""

    title: str
    line: Callable[[Row], str]
    column: Callable[[Row], str]
    cell: Callable[[Row], str | Text]


@dataclass(slots=True)
class Report(Generic[Row]):
    """Rows under columns. `facts` are what was asked (dates, moment, segment), for people and programs.

    With `heading`, rows that follow each other under one heading are one table. `notes` stand below.
    """

    name: str
    title: str
    columns: Sequence[Column[Row]]
    rows: Sequence[Row]
    facts: Mapping[str, Any] = field(default_factory=dict)
    said: str = ""
    heading: Callable[[Row], str] | None = None
    notes: list[str] = field(default_factory=list)
    empty: str = "Nothing to report."
    across: Across[Row] | None = None

    @property
    def named(self) -> list[Column[Row]]:
        """The columns that programs get."""
        return [one for one in self.columns if one.name]


def answer(desk: Desk, report: Report[Any], to: Path | None = None) -> None:
    """Give a report as it is wanted: CSV to a file (`-`: to the standard output), JSON, or tables."""
    if to is not None:
        _write(desk, report, to)
    elif desk.look.as_json:
        desk.screen.data(data_of(report))
    else:
        show(desk, report)


def bar(share: float, width: int = BAR) -> str:
    """A bar of eighths of a cell."""
    eighths = round(max(0.0, min(share, 1.0)) * width * 8)
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (EIGHTHS[rest] if rest else "")


def percent(share: float | None) -> str:
    """`12 %`, `<1 %`; a dash of nothing."""
    if share is None:
        return MISSING
    return "<1 %" if 0 < share < 0.01 else f"{100 * share:.0f} %"


def number_words(value: float | None) -> str:
    """`1,200`, `12.5`; a dash for no value."""
    return MISSING if value is None else f"{value:,.1f}".removesuffix(".0")


# ── for programs


def data_of(report: Report[Any]) -> dict[str, Any]:
    """The report with what was asked; a row has the names of the columns."""
    rows = [{one.name: one.value(row) for one in report.named} for row in report.rows]
    return {"report": report.name, **report.facts, "rows": rows, "notes": report.notes}


def _write(desk: Desk, report: Report[Any], to: Path) -> None:
    with csv_file(desk, to, [one.name for one in report.named]) as write:
        write([one.value(row) for one in report.named] for row in report.rows)


Rows = Iterable[Sequence[Any]]


@contextmanager
def csv_file(desk: Desk, to: Path, header: Sequence[str]) -> Iterator[Callable[[Rows], None]]:
    """Rows given to what it yields are written as CSV; a file is told of. Raises `Refusal` for one that cannot be."""
    try:
        with nullcontext(sys.stdout) if str(to) == "-" else to.open("w", newline="") as file:
            writer, written = csv.writer(file, lineterminator="\n"), 0
            writer.writerow(header)

            def write(rows: Rows) -> None:
                nonlocal written
                for row in rows:
                    writer.writerow([_csv_cell(plain(value)) for value in row])
                    written += 1

            yield write
    except OSError as error:
        said = f"{to} cannot be written: {error.strerror or error}."
        raise Refusal("not_writable", said, "Name another file with --csv.") from None
    if str(to) != "-":
        desk.screen.say(f"{count(written, 'row')} written to {to}.")


def _csv_cell(value: Any) -> Any:
    """A spreadsheet takes a text that begins like a formula for one. What has parts of its own is JSON."""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


# ── for people


def show(desk: Desk, report: Report[Any]) -> None:
    """Headline, tables, notes."""
    desk.screen.say(Text(report.title, style="bold"))
    if report.said:
        desk.screen.say(Text(report.said, style="dim"))
    if not report.rows:
        desk.screen.say(report.empty)
    for heading, rows in groupby(report.rows, report.heading or (lambda _: "")):
        if heading:
            desk.screen.heading(heading)
        else:
            desk.screen.say()
        if report.across:
            _crossed(desk, report.across, list(rows))
        else:
            _table(desk, report, list(rows))
    if report.notes:
        desk.screen.say()
    for note in report.notes:
        desk.screen.say(Text(note, style="dim"))


def _table(desk: Desk, report: Report[Any], rows: list[Any]) -> None:
    shown = [one for one in report.columns if one.title and (desk.screen.is_wide or not one.wide)]
    numbers = [one.title for one in shown if one.right and one.bar is None]
    table = columns(*(one.title for one in shown), right=numbers)
    cells = [[one.cell(row) for one in shown] for row in rows]
    for at, one in enumerate(shown):
        if one.right and one.bar is not None:
            _align(cells, at)
    for line in cells:
        table.add_row(*line)
    desk.screen.table(table, by=0)


def _crossed(desk: Desk, across: Across[Any], rows: list[Any]) -> None:
    names = list(dict.fromkeys(across.column(row) for row in rows))
    # A heading of two words on two lines: it is wider than its numbers.
    titles = [name.replace(" ", "\n", 1) for name in names]
    table = columns(across.title, *titles, right=titles, keep=[across.title])
    for line, cells in groupby(rows, across.line):
        found = {across.column(row): across.cell(row) for row in cells}
        table.add_row(line, *(found.get(name, MISSING) for name in names))
    desk.screen.table(table, by=0)


def _align(cells: list[list[str | Text]], at: int) -> None:
    """Numbers to the right, their bars from one line on."""
    texts = [Text.assemble(line[at]) for line in cells]
    widest = max(text.plain.index("  ") for text in texts)
    for line, text in zip(cells, texts, strict=True):
        line[at] = Text(" " * (widest - text.plain.index("  "))) + text


def _shown(value: Any) -> str:
    if value is None or isinstance(value, int | float):
        return number_words(value)
    return str(value)
