"""A mapping, as read: which files, which columns, and what their rows say happened."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from lifecycle.core.conditions import Condition, Facts
from lifecycle.core.refusal import Refusal
from lifecycle.core.state import AccountState
from lifecycle.core.values import Kind, Value, read_value

from . import forms

Cells = dict[str, Value]
"""A row: what stands under each column. Empty cells hold None."""


@dataclass(frozen=True, slots=True)
class FromColumn:
    """What stands in a column, perhaps replaced, perhaps written in another way.

    `currency` names the column with the currency of an amount in minor units.
    """

    column: str
    replace: dict[str, str] = field(default_factory=dict)
    format: str = ""
    zone: str = ""
    currency: str = ""

    def read(self, cells: Cells) -> Value:
        """The value of a row; None for an empty cell. Raises `Refusal` for one that is not written so."""
        value = cells.get(self.column)
        if self.replace and value is not None:
            value = self.replace.get(str(value), value) or None
        if value is None or not (self.format or self.zone):
            return value
        if self.format == forms.MINOR_UNITS:
            return forms.amount(value, cells.get(self.currency))
        if self.format == forms.SALESFORCE_ID:
            return forms.salesforce_id(value)
        return forms.moment(str(value), self.format, self.zone)

    def columns(self) -> tuple[str, ...]:
        """The columns it reads."""
        return (self.column,)


@dataclass(frozen=True, slots=True)
class Template:
    """A text with columns in it. `parts` alternate: text, column, text, …, text."""

    parts: tuple[str | FromColumn, ...]

    def read(self, cells: Cells) -> Value:
        """The text; None when one of its columns is empty."""
        read = [part if isinstance(part, str) else part.read(cells) for part in self.parts]
        if None not in read:
            return "".join(map(str, read))
        return None

    def columns(self) -> tuple[str, ...]:
        """The columns it reads."""
        return tuple(part.column for part in self.parts if not isinstance(part, str))


@dataclass(frozen=True, slots=True)
class Constant:
    """The same value for every row."""

    value: str

    def read(self, _cells: Cells) -> Value:
        """The value."""
        return self.value

    def columns(self) -> tuple[str, ...]:
        """None."""
        return ()


Cell = FromColumn | Template | Constant


@dataclass(frozen=True, slots=True)
class Question:
    """A condition on a row; `asks` says how the columns it speaks of are read."""

    condition: Condition
    asks: dict[str, tuple[FromColumn, Kind]]

    def holds(self, cells: Cells, now: datetime) -> bool:
        """Whether the row is meant. Raises `Refusal` whose `where` is the column with a wrong value."""
        values = {name: _read(cell, kind, cells) for name, (cell, kind) in self.asks.items()}
        return self.condition.holds(Facts(AccountState("", fields=values), now))


def _read(cell: FromColumn, kind: Kind, cells: Cells) -> Value:
    try:
        return read_value(kind, cell.read(cells))
    except Refusal as refusal:
        raise Refusal(refusal.code, refusal.what, refusal.remedy, cell.column) from None


@dataclass(frozen=True, slots=True)
class FileSpec:
    """A file of the export and how it is written."""

    file: str
    format: str = "csv"
    delimiter: str = ","
    encoding: str = "utf-8"


@dataclass(frozen=True, slots=True)
class AccountsFile:
    """One row per account: its id and its fields (field id → cell)."""

    spec: FileSpec
    account: FromColumn
    fields: dict[str, Cell]
    only: Question | None = None


@dataclass(frozen=True, slots=True)
class PastEvent:
    """An event that a row may speak of. `type` is a constant or read from the row."""

    type: Constant | FromColumn
    id: Cell
    time: FromColumn
    data: dict[str, Cell]
    only: Question | None = None


@dataclass(frozen=True, slots=True)
class RowsFile:
    """A file whose rows are events of accounts."""

    spec: FileSpec
    account: FromColumn
    events: tuple[PastEvent, ...]


@dataclass(frozen=True, slots=True)
class Mapping:
    """A whole import. `until` is where history ends (R21), in UTC; `source` goes into every event (R20)."""

    id: str
    title: str
    source: str
    until: datetime
    accounts: AccountsFile | None
    rows: tuple[RowsFile, ...]
