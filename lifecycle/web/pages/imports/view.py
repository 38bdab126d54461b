"""An import as its pages show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lifecycle.store.import_tables import ImportRow, ImportStatus
from lifecycle.store.sheet_imports import AT_WORK, is_lost
from lifecycle.telling.bringing import Tally, tally_words
from lifecycle.telling.phrases import count


@dataclass(frozen=True, slots=True)
class Shown:
    """A sheet, how far it is, and what can be done with it."""

    row: ImportRow
    now: datetime

    @property
    def path(self) -> str:
        """Its page."""
        return f"/imports/{self.row.id}"

    @property
    def lost(self) -> bool:
        """Whether whoever worked on it is gone."""
        return is_lost(self.row, self.now)

    @property
    def working(self) -> bool:
        """Whether somebody is at it."""
        return self.row.status in AT_WORK and not self.lost

    @property
    def tally(self) -> Tally:
        """What came of it so far."""
        return Tally(**self.row.tally)

    @property
    def is_ready(self) -> bool:
        """Whether it can be applied."""
        return self.row.status is ImportStatus.CHECKED and self.row.kept

    @property
    def again(self) -> str:
        """The step that can be begun again: `check`, `apply`, or empty."""
        if not self.row.kept or not (self.lost or self.row.status is ImportStatus.FAILED):
            return ""
        return "apply" if self.was_sending else "check"

    @property
    def was_sending(self) -> bool:
        """Whether it broke off while it was applied."""
        return self.row.status is ImportStatus.SENDING or self.row.step == "recorded"

    @property
    def state(self) -> tuple[str, str]:
        """In a word, and the kind of its tag."""
        if self.lost:
            return "Interrupted", "late"
        return {
            ImportStatus.CHECKING: ("Checking", "info"),
            ImportStatus.CHECKED: ("Not applied yet", ""),
            ImportStatus.SENDING: ("Applying", "info"),
            ImportStatus.DONE: ("Applied", "ok"),
            ImportStatus.FAILED: ("Failed", "stuck"),
        }[self.row.status]

    @property
    def said(self) -> str:
        """What it changed, or would."""
        return tally_words(self.tally, self.row.status is not ImportStatus.DONE)

    @property
    def refused(self) -> str:
        """`3 rows are refused`."""
        number = self.tally.refused
        if self.row.status is ImportStatus.DONE:
            return count(number, "row was refused", "rows were refused")
        return count(number, "row is refused", "rows are refused")

    @property
    def progress(self) -> str:
        """`1,200 of 4,000 rows checked`."""
        row = self.row
        noun = "rows" if row.step == "checked" else "commands"
        of = f" of {row.total:,}" if row.total else ""
        return (
            f"{min(row.done, row.total or row.done):,}{of} {noun} {row.step}" if row.step else "…"
        )

    @property
    def lines(self) -> list[tuple[Any, Any, str, Any, Any]]:
        """The first changes cell by cell: line, account (both once an account), column, before, after."""
        found: list[tuple[Any, Any, str, Any, Any]] = []
        for one in self.row.changes:
            cells = [(name, cell["now"], cell["then"]) for name, cell in one["columns"].items()]
            if one["starts"]:
                cells.insert(0, ("", "not there", "started"))
            for number, cell in enumerate(cells):
                place = (one["line"], one["account"]) if number == 0 else ("", "")
                found.append((*place, *cell))
        return found
