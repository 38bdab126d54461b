"""Rows written as CSV or JSON lines, one by one."""

from __future__ import annotations

import csv
import json
from collections.abc import AsyncIterator, Callable
from enum import StrEnum
from io import StringIO
from pathlib import Path
from typing import Any, Final, TextIO

from lifecycle.failure import Failure

from .cells import json_cell, written
from .exports import Cells, Export

Done = Callable[[int], None]
TOLD_EVERY: Final = 100
PART: Final = 32_000
"""Characters that are handed on at once."""


class Format(StrEnum):
    """How an export is written."""

    CSV = "csv"
    LINES = "jsonl"


class BadFile(Failure):
    """A file that no export can be written to."""

    exit_code = 2


def format_of(path: Path) -> Format:
    """By the file's ending. Raises `BadFile` for one that says nothing."""
    endings = {".csv": Format.CSV, ".jsonl": Format.LINES, ".ndjson": Format.LINES}
    found = endings.get(path.suffix.lower())
    if found is None:
        raise BadFile(f"{path} does not end in .csv or .jsonl.\nSay which it is: --format csv.")
    return found


async def write(export: Export, file: TextIO, kind: Format, done: Done) -> int:
    """All rows; answers how many."""
    put = _csv(export.header, file) if kind is Format.CSV else _lines(export.header, file)
    number = 0
    async for row in export.rows:
        put(row)
        number += 1
        if number % TOLD_EVERY == 0:
            done(TOLD_EVERY)
    done(number % TOLD_EVERY)
    return number


async def streamed(export: Export, kind: Format) -> AsyncIterator[str]:
    """The same as text, some rows at a time: memory stays small, whatever there is."""
    buffer = StringIO(newline="")
    put = _csv(export.header, buffer) if kind is Format.CSV else _lines(export.header, buffer)
    async for row in export.rows:
        put(row)
        if buffer.tell() > PART:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _csv(header: list[str], file: TextIO) -> Callable[[Cells], Any]:
    writer = csv.writer(file)
    writer.writerow(header)
    return lambda row: writer.writerow([written(cell) for cell in row])


def _lines(header: list[str], file: TextIO) -> Callable[[Cells], Any]:
    def put(row: Cells) -> None:
        found = {name: json_cell(cell) for name, cell in zip(header, row, strict=True)}
        file.write(json.dumps(found, ensure_ascii=False) + "\n")

    return put
