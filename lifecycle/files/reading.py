"""Opening a sheet of accounts, and its rows one by one: whose each is, and what its cells say (R16)."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal
from lifecycle.importing.mapping import FileSpec
from lifecycle.importing.report import Remark
from lifecycle.importing.rows import account_id
from lifecycle.importing.sheets import BadRow, BadSheet, Row, Sheet

from .cells import cell_text
from .columns import ACCOUNT, Account, Column, read_columns
from .excel import ExcelSheet
from .wanted import Asked

EXCEL: Final = (".xlsx", ".xlsm")
DELIMITERS: Final = ",;\t"
_MARKS: Final = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}

_SUMMARIES: Final = {
    "twice": "given twice",
    "no_account": "missing",
    "nameless": "a cell without a column",
}

AnySheet = Sheet | ExcelSheet


def open_sheet(path: Path, sheet: str | None = None, encoding: str = "utf-8") -> AnySheet:
    """A CSV file or an Excel workbook, by its ending. Raises `BadSheet`."""
    if path.suffix.lower() in EXCEL:
        return ExcelSheet(path, sheet)
    if sheet is not None:
        raise BadSheet(f"{path} is no workbook: only those have sheets.")
    encoding = _encoding(path) or encoding
    spec = FileSpec(path.name, encoding=encoding, delimiter=_delimiter(path, encoding))
    found = Sheet(path.parent, spec)
    if any("\ud800" <= letter <= "\udfff" for name in found.columns for letter in name):
        raise BadSheet(
            f"{path}: line 1 is not written in {encoding}.\n"
            "Save it as CSV UTF-8, or name its encoding: --encoding windows-1252."
        )
    return found


def _encoding(path: Path) -> str | None:
    """What the file says of itself: Excel's "Unicode text" begins with a mark."""
    return _MARKS.get(_beginning(path)[:2])


def _delimiter(path: Path, encoding: str) -> str:
    """What the first line is divided by: the one that gives most columns, an account's among them."""
    try:
        text = _beginning(path).decode(encoding, "replace").lstrip("\ufeff")
    except LookupError:
        return ","  # told when the file is opened
    line = text.splitlines()[0] if text.strip() else ""

    def weight(delimiter: str) -> tuple[bool, int]:
        cells = next(csv.reader([line], delimiter=delimiter), [])
        return ACCOUNT in (cell.strip() for cell in cells), len(cells)

    return max(DELIMITERS, key=weight)


def _beginning(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(64_000)
    except OSError as error:
        raise BadSheet(f"{path} cannot be read: {error.strerror or error}.") from None


def lines_in(path: Path) -> int | None:
    """About how many rows a CSV file has, for a progress bar; a text may go over several lines."""
    if path.suffix.lower() in EXCEL:
        return None
    with suppress(OSError), path.open("rb") as file:
        return sum(part.count(b"\n") for part in iter(lambda: file.read(1 << 20), b""))
    return None


class Reader:
    """Reads the rows of a sheet. Raises `BadColumns` when it cannot be read at all."""

    def __init__(self, sheet: AnySheet, book: Book) -> None:
        self.sheet = sheet
        self.file = sheet.path.name
        self.columns: list[Column] = read_columns(str(sheet.path), sheet.columns, book)
        self.header = next(one.header for one in self.columns if isinstance(one, Account))
        self.first: dict[str, int] = {}

    def rows(self, done: Callable[[int], None]) -> Iterator[Asked | Remark]:
        """Every row in order, or why it cannot be read."""
        for row in self.sheet.rows():
            done(1)
            try:
                yield self._row(row)
            except Refusal as refusal:
                yield self._refused(row, refusal)

    def _row(self, row: Row | BadRow) -> Asked:
        if isinstance(row, BadRow):
            raise Refusal("bad_row", row.reason)
        if row.cells.get(""):
            said = f"{row.cells['']!r} stands in a column without a name."
            raise Refusal("nameless", said, "Name the column, or empty it.")
        cells = {name: str(cell) for name, cell in row.cells.items() if cell is not None and name}
        if self.header not in cells:
            raise Refusal("no_account", "The row names no account.", where=self.header)
        account = account_id(cell_text(cells[self.header]))
        if account in self.first:
            said = f"The account stands in line {self.first[account]} already."
            raise Refusal("twice", said, where=self.header)
        self.first[account] = row.line
        return Asked(row.line, account, cells)

    def _refused(self, row: Row | BadRow, refusal: Refusal) -> Remark:
        if isinstance(row, BadRow):
            return Remark(self.file, row.line, "", row.excerpt, row.reason, "unreadable row")
        value = str(row.cells.get(self.header) or "")
        summary = f"{self.header}: {_SUMMARIES.get(refusal.code, 'no id')}"
        return Remark(self.file, row.line, self.header, value, str(refusal), summary)
