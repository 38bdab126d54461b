"""A report's rows as tables of a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from lifecycle.telling.phrases import MISSING
from lifecycle.telling.reports.report import Across, Coloured, Column, Quiet, Report, Words

MOST: Final = 500
"""Rows on a page; the file has all."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell: lines of text, a stage in its colour, or quiet words; `bar` is a share or None."""

    words: Words
    right: bool = False
    bar: float | None = None
    account: str = ""

    @property
    def lines(self) -> list[str]:
        """The text line by line."""
        return str(self.words).split("\n")

    @property
    def is_coloured(self) -> bool:
        """Whether it is a stage or a band."""
        return isinstance(self.words, Coloured)

    @property
    def is_quiet(self) -> bool:
        """Whether it stands back."""
        return isinstance(self.words, Quiet)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its heading (empty for the only one), the heads of its columns with their side, its lines.

    `account` is whose it is, where each account has a table of its own.
    """

    heading: str
    heads: Sequence[tuple[str, bool]]
    lines: Sequence[Sequence[Cell]]
    account: str = ""


def sheets_of(report: Report[Any]) -> list[Sheet]:
    """The tables of a report: one, or one under each heading; of a long list its beginning."""
    heading = report.heading or (lambda _: "")
    rows = report.rows[: shown_of(report)]
    return [_sheet(report, told, list(of)) for told, of in groupby(rows, heading)]


def shown_of(report: Report[Any]) -> int:
    """How many of the rows its tables hold; those with columns across are short by themselves."""
    return len(report.rows) if report.across else min(len(report.rows), MOST)


def _sheet(report: Report[Any], heading: str, rows: list[Any]) -> Sheet:
    if report.across:
        return _crossed(report.across, heading, rows)
    shown = [one for one in report.columns if one.title]
    whose = next((one for one in report.named if one.name == "account"), None)
    lines = [[_cell(one, row, whose) for one in shown] for row in rows]
    named = any(one.name == "name" for one in shown)
    account = str(whose.value(rows[0])) if whose and not named and rows else ""
    return Sheet(heading, [(one.title, one.right) for one in shown], lines, account)


def _cell(column: Column[Any], row: Any, whose: Column[Any] | None) -> Cell:
    bar = max(0.0, min(column.bar(row), 1.0)) if column.bar else None
    account = str(whose.value(row)) if whose and column.name == "name" else ""
    return Cell(column.words(row), column.right, bar, account)


def _crossed(across: Across[Any], heading: str, rows: list[Any]) -> Sheet:
    names = list(dict.fromkeys(across.column(row) for row in rows))
    heads = [(across.title or "Day", False), *((name, True) for name in names)]
    return Sheet(heading, heads, list(_across(across, rows, names)))


def _across(across: Across[Any], rows: list[Any], names: Sequence[str]) -> Iterator[list[Cell]]:
    for line, of in groupby(rows, across.line):
        found = {across.column(row): across.cell(row) for row in of}
        yield [Cell(line), *(Cell(found.get(name, MISSING), True) for name in names)]
