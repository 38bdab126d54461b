"""Excel sheets, read as if they were CSV: each cell as the text an export would have written."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

from lifecycle.core.refusal import did_you_mean
from lifecycle.importing.mapping import Cells
from lifecycle.importing.sheets import BadRow, BadSheet, Row, named

MAX_UNPACKED: Final = 500_000_000
"""Bytes that a workbook may have when unpacked: a small file can be made to fill the memory."""
_FORMULA: Final = "f"
_ERROR: Final = "e"


class ExcelSheet:
    """One sheet of a workbook: the one named, else the one that was open. Raises `BadSheet`."""

    def __init__(self, path: Path, sheet: str | None = None) -> None:
        self.path = path
        self.wanted = sheet
        _check_size(path)
        with self._opened(values=True) as found:
            first = next(found.iter_rows(max_row=1), ())
            self.columns = named(path, [_shown(cell) for cell in first])

    def rows(self) -> Iterator[Row | BadRow]:
        """Every row that says something, with its number in the sheet."""
        with self._opened(values=True) as values, self._opened(values=False) as written:
            both = zip_longest(values.iter_rows(min_row=2), written.iter_rows(min_row=2))
            for line, (cells, sources) in enumerate(both, 2):
                if any(cell.value is not None for cell in (*(cells or ()), *(sources or ()))):
                    yield self._row(line, cells or (), sources or ())

    def _row(self, line: int, cells: tuple[Any, ...], sources: tuple[Any, ...]) -> Row | BadRow:
        found: Cells = {}
        for name, cell, source in zip_longest(self.columns, cells, sources):
            if (reason := _unusable(cell, source)) and name:
                return BadRow(line, f"The cell of {name!r} {reason}", str(cell.value or ""))
            text = _shown(cell).strip() or None
            found[name or ""] = text if name else text or found.get("")
        return Row(line, found)

    @contextmanager
    def _opened(self, values: bool) -> Iterator[Any]:
        """The sheet with the values of its formulas, or with the formulas themselves."""
        from openpyxl import load_workbook

        try:
            book = load_workbook(self.path, read_only=True, data_only=values)
        except OSError as error:
            raise BadSheet(f"{self.path} cannot be read: {error.strerror or error}.") from None
        except Exception as error:  # whatever a broken archive makes its reader stumble over
            raise BadSheet(f"{self.path} is no Excel workbook (.xlsx): {error}.") from None
        try:
            yield self._sheet(book)
        finally:
            book.close()

    def _sheet(self, book: Any) -> Any:
        if self.wanted is None:
            return book.worksheets[0] if book.active is None else book.active
        if self.wanted not in book.sheetnames:
            near = did_you_mean(self.wanted, book.sheetnames)
            raise BadSheet(f"{self.path} has no sheet {self.wanted!r}.\n{near}")
        return book[self.wanted]


def _check_size(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(part.file_size for part in archive.infolist())
    except OSError as error:
        raise BadSheet(f"{path} cannot be read: {error.strerror or error}.") from None
    except zipfile.BadZipFile:
        raise BadSheet(
            f"{path} is no Excel workbook (.xlsx).\nSave it as .xlsx, or as CSV UTF-8."
        ) from None
    if size > MAX_UNPACKED:
        raise BadSheet(f"{path} has {size:,} bytes unpacked; at most {MAX_UNPACKED:,} are read.")


def _unusable(cell: Any, source: Any) -> str:
    """What is wrong with a cell that Excel could not calculate, or never has."""
    if cell is not None and cell.value is not None:
        return "holds an error of Excel." if cell.data_type == _ERROR else ""
    if source is not None and source.value is not None and source.data_type == _FORMULA:
        return "holds a formula without a value: open the file in Excel and save it."
    return ""


def _shown(cell: Any) -> str:
    """A cell as a text: dates as 2026-01-31, yes and no as words, numbers as they look in Excel."""
    value = None if cell is None else cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    # Excel itself keeps fifteen digits: 0.1 + 0.2 is 0.3 there.
    return format(value, ".15g") if isinstance(value, float) else str(value)
