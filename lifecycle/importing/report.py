"""The report of an import: each row that was refused or says nothing, with its place and the reason (R16)."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TextIO

from lifecycle.failure import Failure

HEADER: Final = ("file", "line", "column", "value", "reason", "outcome")
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class Outcome(StrEnum):
    """A refused row is not applied and makes the exit status 1; the other kind is fine as it is."""

    REFUSED = "refused"
    NOTHING = "nothing to apply"


@dataclass(frozen=True, slots=True)
class Remark:
    """What is to be said of a row. `summary` is the reason without the row's own values, `code` for programs."""

    file: str
    line: int
    column: str
    value: str
    reason: str
    summary: str
    outcome: Outcome = Outcome.REFUSED
    code: str = ""


@dataclass(slots=True)
class RowReport:
    """Counts remarks, keeps the first of them, and writes each to a CSV file, when there is one.

    The file is made with the first remark, so that an import without any leaves none behind.
    """

    path: Path | None = None
    rows: Counter[Outcome] = field(default_factory=Counter)
    reasons: dict[Outcome, Counter[str]] = field(
        default_factory=lambda: {one: Counter() for one in Outcome}
    )
    first: list[Remark] = field(default_factory=list)
    keep: int = 20
    _file: TextIO | None = None
    _writer: Any = None

    def add(self, remarks: list[Remark]) -> None:
        """Note what is wrong with one row; there is at least one remark."""
        outcome = remarks[0].outcome
        self.rows[outcome] += 1
        self.reasons[outcome].update({remark.summary for remark in remarks})
        for remark in remarks:
            if remark.outcome is Outcome.REFUSED and len(self.first) < self.keep:
                self.first.append(remark)
            self._write(remark)

    def clear_away(self) -> None:
        """Remove what an earlier import left under the same name: it would be mistaken for this one's."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Finish the file."""
        if self._file is not None:
            self._file.close()

    @property
    def written(self) -> Path | None:
        """The file, if there was anything to write."""
        return self.path if self._file is not None else None

    def _write(self, remark: Remark) -> None:
        if self.path is None:
            return
        if self._file is None:
            self._file = _opened(self.path)
            self._writer = csv.writer(self._file)
            self._writer.writerow(HEADER)
        row = (remark.file, remark.line, remark.column, remark.value, remark.reason, remark.outcome)
        self._writer.writerow([_harmless(str(cell)) for cell in row])


def _opened(path: Path) -> TextIO:
    try:
        return path.open("w", encoding="utf-8", errors="replace", newline="")
    except OSError as error:
        message = (
            f"The report {path} cannot be written: {error.strerror}. Name another with --report."
        )
        raise Failure(message) from None


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet will not take for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
