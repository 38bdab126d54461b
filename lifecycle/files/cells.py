"""Cells as our files have them: written so that no spreadsheet runs them, read back as they were.

An empty cell says nothing, the word `None` clears (R16). A text that a spreadsheet would take for a formula, or
that is the word `None` itself, is written behind an apostrophe; reading takes that apostrophe away again.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Final

from lifecycle.core.conditions import NONE
from lifecycle.core.model import FieldDef
from lifecycle.core.values import Kind, Value


class Stage(Enum):
    """In no stage of a lifecycle: a value of its own, written as the word `None` (T22)."""

    NONE = NONE

    def __str__(self) -> str:
        return self.value


Cell = Value | Decimal | Stage
"""What a row of an export is made of. Decimals are amounts of money."""

_MARKED: Final = re.compile(r"'*(?:[=+\-@\t\r]|None\Z)")
"""Texts that get an apostrophe: also those that would read as if they had been given one."""


def text_cell(text: str) -> str:
    """A text as a cell."""
    return f"'{text}" if _MARKED.match(text) else text


def cell_text(cell: str) -> str:
    """The text of a cell."""
    return cell[1:] if cell.startswith("'") and _MARKED.match(cell) else cell


def field_cell(value: Value, spec: FieldDef | None = None) -> Cell:
    """A field's value as a cell: money in currency units."""
    if spec is not None and spec.kind is Kind.MONEY and type(value) is int:
        return Decimal(value).scaleb(-2)
    return value


def written(cell: Cell) -> str:
    """A cell as text: money as 1234.50, dates as 2026-01-31, yes and no as words."""
    if isinstance(cell, str):
        return text_cell(cell)
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return instant_text(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    return format(cell, "f") if isinstance(cell, Decimal) else str(cell)


def json_cell(cell: Cell) -> str | int | float | bool | None:
    """A cell as JSON: numbers are numbers, times are text, no stage is null."""
    if cell is None or isinstance(cell, Stage):
        return None
    if isinstance(cell, datetime | date):
        return written(cell)
    return float(cell) if isinstance(cell, Decimal) else cell


def instant_text(at: datetime) -> str:
    """An instant in UTC, to the second: `2026-01-31T09:00:00Z`."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
