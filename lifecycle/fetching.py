"""From what is published back to the files that CS ops edit: `definitions fetch`."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from lifecycle.store.definitions import held_for_all
from lifecycle.store.engine import Store
from lifecycle.store.tables import DefinitionRow, PartKind

HEAD: Final = re.compile(r"^lifecycle:\s*([a-z][a-z0-9_]*)", re.MULTILINE)


class Became(StrEnum):
    """What became of a file."""

    NEW = "new"
    WRITTEN = "written"
    SAME = "same"
    KEPT = "kept"
    LOST = "no text"


@dataclass(frozen=True, slots=True)
class Fetched:
    """A part and its file. `kept`: the file has changes of its own, which were never published."""

    part: str
    version: str
    file: str
    became: Became


async def fetch(store: Store, folder: Path, over: bool = False) -> list[Fetched]:
    """Write the newest text of every part; files with changes of their own are kept, unless `over`."""
    parts: dict[tuple[str, str], list[DefinitionRow]] = {}
    for row in await held_for_all(store):
        parts.setdefault((row.kind, row.id), []).append(row)
    return await asyncio.to_thread(_write_all, list(parts.values()), folder, over)


def _write_all(parts: list[list[DefinitionRow]], folder: Path, over: bool) -> list[Fetched]:
    folder.mkdir(parents=True, exist_ok=True)
    homes = _homes(folder)
    return [_write(rows, folder, homes, over) for rows in parts]


def _homes(folder: Path) -> dict[str, str]:
    """The file each lifecycle stands in: it need not be called by its id."""
    found = {}
    for path in sorted(folder.glob("*.y*ml")):
        if head := HEAD.search(_text(path) or ""):
            found[head[1]] = path.name
    return found


def _text(path: Path) -> str | None:
    """None for no file; what is no UTF-8 is a change of its own."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        return "\x00"


def _write(rows: list[DefinitionRow], folder: Path, homes: dict[str, str], over: bool) -> Fetched:
    newest = rows[-1]
    usual = f"{newest.id}.yaml"
    file = homes.get(newest.id, usual) if newest.kind is PartKind.LIFECYCLE else usual
    became = _became(_text(folder / file), rows, over)
    if became in (Became.NEW, Became.WRITTEN):
        (folder / file).write_text(newest.source, encoding="utf-8")
    return Fetched(newest.id, version_words(newest), file, became)


def _became(there: str | None, rows: list[DefinitionRow], over: bool) -> Became:
    newest = rows[-1]
    if not newest.source:
        return Became.LOST
    if there is None:
        return Became.NEW
    if there == newest.source:
        return Became.SAME
    is_old = any(there == row.source for row in rows)
    return Became.WRITTEN if over or is_old else Became.KEPT


def version_words(row: DefinitionRow) -> str:
    """`2`, or `2.3` for the third edition of version 2 (R14)."""
    return f"{row.version}.{row.edition}" if row.edition > 1 else str(row.version)
