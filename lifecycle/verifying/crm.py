"""What a CRM's sheet says against what is stored and what runs (N10).

The sheet is read as an import reads it: columns are fields and lifecycles, an empty cell says nothing, `None` clears.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from lifecycle.client import Lifecycles
from lifecycle.core.codec import from_data
from lifecycle.core.state import AccountState
from lifecycle.files.bringing import Bringing, Sheet
from lifecycle.files.cells import written
from lifecycle.files.columns import Column
from lifecycle.files.sending import Done
from lifecycle.files.standing import cell_of
from lifecycle.importing.report import RowReport
from lifecycle.store.engine import Store

from .difference import MISSING, Difference, Kind, told
from .drift import running

REMARKS: Final = 1_000
"""Rows kept that cannot be compared."""
CREATE: Final = "Say --create to start it."
"""Said to those who bring a sheet in; comparing starts nothing."""


@dataclass(frozen=True, slots=True)
class CrmValue:
    """One cell that differs. `workflow` is what runs, None where it was not asked."""

    account: str
    column: str
    crm: str
    database: str
    revision: int
    workflow: str | None = None

    @property
    def difference(self) -> Difference:
        """As one of many."""
        place = Kind.CRM, self.account, self.revision, "crm", "", self.column
        return Difference(*place, told(self.database or None), told(self.crm))


@dataclass(slots=True)
class Against:
    """A sheet that was compared. `bringing` brings it in, where the CRM is right."""

    bringing: Bringing
    values: list[CrmValue]

    def only(self, accounts: Sequence[str]) -> None:
        """Forget all but these, and rows of which it is not known whose they are."""
        wanted, plan, report = set(accounts), self.bringing.plan, self.bringing.report
        report.first = [one for one in report.first if one.value in wanted]
        plan.changes = [one for one in plan.changes if one.asked.account in wanted]
        self.values = [one for one in self.values if one.account in wanted]

    @property
    def differences(self) -> list[Difference]:
        """The cells that differ, and the rows that cannot be compared."""
        return [*(value.difference for value in self.values), *self.remarks]

    @property
    def remarks(self) -> list[Difference]:
        """The rows that cannot be compared, or that were not taken."""
        return [
            Difference(
                *(Kind.CRM, one.value, None, "crm", f"line {one.line}", one.column),
                MISSING,
                told(one.reason.removesuffix(CREATE).rstrip()),
            )
            for one in self.bringing.report.first
        ]


async def against(
    store: Store, client: Lifecycles | None, file: Path, actor: str, now: datetime, done: Done
) -> Against:
    """Compare a sheet. `client` None asks no workflows. Raises `BadSheet`, `BadColumns`, and as `running` does."""
    sheet = Sheet(file, actor, f"The CRM's value: {file.name}")
    bringing = Bringing(store, sheet, RowReport(keep=REMARKS), now)
    await bringing.check(done)
    values: list[CrmValue] = []
    for change in bringing.plan.changes:
        account = change.asked.account
        runs = await _running(client, account) if client is not None else None
        for one in change.differences:
            sides = one.column.header, one.after, one.before, change.revision
            values.append(CrmValue(account, *sides, _cell(one.column, runs, now)))
    return Against(bringing, values)


async def _running(client: Lifecycles, account: str) -> AccountState:
    found = await running(client, account)
    state: AccountState = from_data(AccountState, found.state or {"account": account})
    return state


def _cell(column: Column, runs: AccountState | None, now: datetime) -> str | None:
    return None if runs is None else written(cell_of(column, runs, now))


def write_ours(file: Path, values: Sequence[CrmValue]) -> int:
    """What the CRM should be told: a row an account, a column for each that differs anywhere; answers with the rows."""
    names = list(dict.fromkeys(one.column for one in values))
    rows: dict[str, dict[str, str]] = {}
    for one in values:
        rows.setdefault(one.account, {"account": one.account})[one.column] = one.database
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, ["account", *names], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows.values())
    return len(rows)
