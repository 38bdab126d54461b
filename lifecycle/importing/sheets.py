"""Files of rows: CSV and JSON lines, read one row at a time, each with the line it stands in."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from lifecycle.core.values import Value
from lifecycle.failure import Failure

from .mapping import Cells, FileSpec


@dataclass(frozen=True, slots=True)
class Row:
    """A row and the line it begins in."""

    line: int
    cells: Cells


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is none: what is wrong with it, and an excerpt."""

    line: int
    reason: str
    excerpt: str = ""


class BadSheet(Failure):
    """A file that cannot be read at all."""


class Sheet:
    """A file of rows. Reading the header raises `BadSheet`; a bad row is handed out as `BadRow`."""

    def __init__(self, folder: Path, spec: FileSpec) -> None:
        self.path = folder / spec.file
        self.spec = spec
        self.columns = self._header()

    def rows(self) -> Iterator[Row | BadRow]:
        """Every row, in the order of the file; empty lines are passed over."""
        with self._open() as file:
            yield from self._csv(file) if self.spec.format == "csv" else _json_rows(file)

    def bytes(self) -> int:
        """How large the file is, for a progress bar."""
        return self.path.stat().st_size

    def _open(self) -> TextIO:
        # What is not in the encoding comes through as lone surrogates, and is told row by row.
        encoding = "utf-8-sig" if self.spec.encoding.lower() == "utf-8" else self.spec.encoding
        try:
            return self.path.open(encoding=encoding, errors="surrogateescape", newline="")
        except LookupError:
            raise BadSheet(f"There is no encoding {self.spec.encoding!r}.") from None
        except OSError as error:
            raise BadSheet(f"{self.path} cannot be read: {error.strerror or error}.") from None

    def _header(self) -> tuple[str, ...]:
        with self._open() as file:
            if self.spec.format != "csv":
                return _json_columns(file)
            try:
                names: list[str] = next(self._reader(file), [])
            except csv.Error as error:
                raise BadSheet(f"{self.path}: line 1 is no CSV: {error}.") from None
        return named(self.path, names)

    def _reader(self, file: TextIO) -> Any:
        return csv.reader(file, delimiter=self.spec.delimiter, strict=True)

    def _csv(self, file: TextIO) -> Iterator[Row | BadRow]:
        reader = self._reader(file)
        next(reader)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield BadRow(line, f"The row is no CSV: {error}.")
                continue
            if any(cell.strip() for cell in cells):
                yield self._row(line, cells)

    def _row(self, line: int, cells: list[str]) -> Row | BadRow:
        if len(cells) != len(self.columns):
            cell = "cell" if len(cells) == 1 else "cells"
            said = f"The row has {len(cells)} {cell}, the header has {len(self.columns)}."
            return BadRow(line, said, _excerpt(self.spec.delimiter.join(cells)))
        if not "".join(cells).isascii() and (bad := _undecoded(cells)):
            said = f"The row is not written in {self.spec.encoding}: the letters of {bad} are lost."
            said += " Name the encoding of the file."
            return BadRow(line, said, _excerpt(self.spec.delimiter.join(cells)))
        values = [cell.strip() or None for cell in cells]
        return Row(line, dict(zip(self.columns, values, strict=True)))


def named(path: Path, names: list[str]) -> tuple[str, ...]:
    """The names of the columns. Raises `BadSheet` when there are none, or one stands twice."""
    columns = tuple(name.strip() for name in names)
    if not any(columns):
        raise BadSheet(f"{path} is empty: its first line must name the columns.")
    doubles = sorted({name for name in columns if name and columns.count(name) > 1})
    if doubles:
        raise BadSheet(f"{path}: line 1 names a column twice: {', '.join(doubles)}. Rename one.")
    return columns


def _undecoded(cells: list[str]) -> str:
    for cell in cells:
        if any("\ud800" <= char <= "\udfff" for char in cell):
            return repr(_excerpt(cell))
    return ""


def _excerpt(text: str) -> str:
    clean = text.encode("utf-8", "replace").decode()
    return clean if len(clean) <= 80 else clean[:79] + "…"


# ── JSON lines


def _json_rows(file: TextIO) -> Iterator[Row | BadRow]:
    for number, text in enumerate(file, 1):
        if not text.strip():
            continue
        try:
            found = json.loads(text)
        except ValueError as error:
            yield BadRow(number, f"The line is no JSON: {error}.", _excerpt(text.strip()))
            continue
        if isinstance(found, dict):
            yield Row(number, dict(_flat(found)))
        else:
            yield BadRow(number, "The line is no JSON object.", _excerpt(text.strip()))


def _json_columns(file: TextIO) -> tuple[str, ...]:
    """Every key of every line: JSON lines have no header."""
    seen: dict[str, None] = {}
    for row in _json_rows(file):
        if isinstance(row, Row):
            seen.update(dict.fromkeys(row.cells))
    return tuple(seen)


def _flat(found: dict[str, Any], before: str = "") -> Iterator[tuple[str, Value]]:
    """`{"owner": {"name": …}}` as `owner.name`; a list is its JSON text."""
    for key, value in found.items():
        name = f"{before}{key}".strip()
        if isinstance(value, dict):
            yield from _flat(value, f"{name}.")
        elif isinstance(value, list):
            yield name, json.dumps(value, ensure_ascii=False)
        else:
            yield name, (value.strip() or None) if isinstance(value, str) else value
