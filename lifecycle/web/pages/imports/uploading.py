"""An upload: which files are taken, and how one is kept."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final
from uuid import uuid4

from fastapi import UploadFile

from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.store.import_tables import ImportRow, ImportStatus
from lifecycle.store.sheet_imports import PIECE, keep_import

from ...door import Door

TAKEN: Final = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm")
ENCODINGS: Final = {"utf-8": "UTF-8", "windows-1252": "Windows (Excel's plain CSV)"}
LONGEST_NAME: Final = 120


@dataclass(frozen=True, slots=True)
class Options:
    """How the sheet is meant."""

    sheet: str = ""
    encoding: str = "utf-8"
    reason: str = ""
    create: bool = False
    anyway: bool = False


async def keep(door: Door, file: UploadFile | None, options: Options, actor: str) -> str:
    """Keep the file with what is wanted of it; its id. Raises `Refusal` for what is no sheet."""
    if file is None or not file.filename:
        raise Refusal("no_file", "No file was chosen.", "Choose a CSV file or a workbook.", "file")
    name = name_of(file.filename)
    if options.encoding not in ENCODINGS:
        remedy = did_you_mean(options.encoding, ENCODINGS)
        raise Refusal("unknown_encoding", f"There is no {options.encoding!r}.", remedy, "encoding")
    now = door.now()
    row = ImportRow(
        id=uuid4().hex,
        at=now,
        actor=actor,
        file=name,
        size=file.size or 0,
        sheet=options.sheet.strip(),
        encoding=options.encoding,
        reason=" ".join(options.reason.split()),
        creates=options.create,
        anyway=options.anyway,
        status=ImportStatus.CHECKING,
        seen_at=now,
    )
    await keep_import(door.store, row, _pieces(file))
    return row.id


def name_of(given: str) -> str:
    """The name without folders or signs that are none. Raises `Refusal` for another kind of file."""
    name = re.split(r"[/\\]", given)[-1]
    name = "".join(char for char in name if char.isprintable() and char not in '<>:"|?*').strip()
    path = PurePath(name)
    if path.suffix.lower() not in TAKEN or not path.stem.strip("."):
        said = f"{name or 'The file'} is neither a CSV file nor an Excel workbook."
        raise Refusal("bad_file", said, "Save it as .csv or .xlsx.", "file")
    return f"{path.stem[:LONGEST_NAME]}{path.suffix}"


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(PIECE):
        yield piece
