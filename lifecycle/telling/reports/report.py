"""A report: rows under columns, with what was asked and what is to be said of them; told by every door alike."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Any, Generic, TypeVar

from lifecycle.importing.report import FORMULA

from ..data import plain
from ..phrases import MISSING

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Coloured:
    """A stage or a band in words. `colour` is a name as definitions have them, empty for none or one of the past."""

    text: str
    colour: str = ""
    ends: bool = False

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Quiet:
    """Words that stand back behind others."""

    text: str

    def __str__(self) -> str:
        return self.text


Words = str | Coloured | Quiet


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """A column. `name` stands in CSV and JSON with `value`; `title` heads it for people.

    `shown` is the value as people read it: the default shows numbers with thousands and a dash for none. A column
    without a title is for programs only, one without a name for people only. `bar` is 0 to 1, drawn behind
    the number; `wide` ones need room.
    """

    name: str
    title: str
    value: Callable[[Row], Any]
    shown: Callable[[Row], Words] | None = None
    right: bool = False
    bar: Callable[[Row], float] | None = None
    wide: bool = False

    def words(self, row: Row) -> Words:
        """What stands before people."""
        return self.shown(row) if self.shown else value_words(self.value(row))


@dataclass(frozen=True, slots=True)
class Across(Generic[Row]):
    """For people: one line per `line`, with a number for each `column` across it, in the order they come."""

    title: str
    line: Callable[[Row], str]
    column: Callable[[Row], str]
    cell: Callable[[Row], str]


@dataclass(slots=True)
class Report(Generic[Row]):
    """Rows under columns. `facts` are what was asked (dates, moment, segment), for people and programs.

    With `heading`, rows that follow each other under one heading are one table. `notes` stand below. Where a
    limit left rows out, `total` says how many there are, or `after` behind which account the next ones come.
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
    total: int | None = None
    after: str | None = None

    @property
    def named(self) -> list[Column[Row]]:
        """The columns that programs get."""
        return [one for one in self.columns if one.name]

    @property
    def header(self) -> list[str]:
        """The names of the columns that programs get."""
        return [one.name for one in self.named]

    @property
    def cells(self) -> Iterable[list[Any]]:
        """The rows for programs, under `header`."""
        return ([one.value(row) for one in self.named] for row in self.rows)


def data_of(report: Report[Any]) -> dict[str, Any]:
    """The report with what was asked; a row has the names of the columns."""
    rows = [dict(zip(report.header, cells, strict=True)) for cells in report.cells]
    left_out = {"total": report.total, "after": report.after}
    more = {name: value for name, value in left_out.items() if value is not None}
    return {"report": report.name, **report.facts, "rows": rows, **more, "notes": report.notes}


def csv_line(cells: Iterable[Any]) -> str:
    """One line of CSV with its end, of values as programs get them."""
    line = StringIO()
    csv.writer(line, lineterminator="\n").writerow([csv_cell(plain(one)) for one in cells])
    return line.getvalue()


def csv_cell(value: Any) -> Any:
    """A spreadsheet takes a text that begins like a formula for one. What has parts of its own is JSON."""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def percent(share: float | None) -> str:
    """`12 %`, `<1 %`; a dash of nothing."""
    if share is None:
        return MISSING
    return "<1 %" if 0 < share < 0.01 else f"{100 * share:.0f} %"


def number_words(value: float | None) -> str:
    """`1,200`, `12.5`; a dash for no value."""
    return MISSING if value is None else f"{value:,.1f}".removesuffix(".0")


def value_words(value: Any) -> str:
    """A value as people read it where nothing else is said."""
    if value is None or isinstance(value, int | float):
        return number_words(value)
    return str(value)
