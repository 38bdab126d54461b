"""`verify --against`: the CRM's sheet beside what is stored and what runs, and the one or the other put right (N10)."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import typer

from lifecycle.core.refusal import Refusal
from lifecycle.files.reading import lines_in
from lifecycle.importing.report import Outcome
from lifecycle.telling.phrases import MISSING, count
from lifecycle.verifying.crm import Against, against, write_ours
from lifecycle.verifying.difference import Difference

from .desk import Desk
from .progress import progress, step
from .screen import columns

SHOWN: Final = 20


class CrmSide:
    """One sheet of the CRM's."""

    def __init__(self, desk: Desk, file: Path, workflows: bool) -> None:
        self.desk, self.file, self.workflows = desk, file, workflows
        self.found: Against | None = None
        self.change_set = ""
        self.told: Path | None = None

    @property
    def _found(self) -> Against:
        assert self.found is not None
        return self.found

    async def compare(self, named: Sequence[str] | None) -> list[Difference]:
        """Where it differs, of the accounts named, else all."""
        desk = self.desk
        client = await desk.client() if self.workflows else None
        with progress(not desk.look.as_json) as bar:
            done = step(bar, "Comparing with the CRM", lines_in(self.file), "rows")
            self.found = await against(
                await desk.store(), client, self.file, desk.actor, desk.now, done
            )
        if named is not None:
            self.found.only(named)
        return self.found.differences

    # ── who is right

    def tell(self, file: Path | None) -> None:
        """We are: a sheet of what the CRM is to be told."""
        self.told = file or self.file.with_suffix(".ours.csv")
        write_ours(self.told, self._found.values)

    def confirm(self, yes: bool) -> None:
        """What would be set, first; a person at a terminal is asked, a program says --yes."""
        changes = self._found.bringing.plan.changes
        if yes or not changes:
            return
        number = sum(len(one.differences) for one in changes)
        said = f"{count(number, 'value')} of {count(len(changes), 'account')}"
        if not self.desk.look.as_json:
            self.show()
        if self.desk.look.as_json or not sys.stdin.isatty():
            said += " would be set to what the CRM says. Nothing was written."
            raise Refusal("not_confirmed", said, "Give --yes to set them.")
        typer.confirm(f"Set {said} to what the CRM says?", abort=True)

    async def bring_in(self) -> bool:
        """The CRM is: its values become ours, as one change-set. Whether anything was changed."""
        bringing = self._found.bringing
        if not bringing.plan.changes:
            return False
        with progress(not self.desk.look.as_json) as bar:
            done = step(bar, "Changing", bringing.plan.commands, "commands")
            await bringing.send(await self.desk.changes(), done, self._begun)
        return True

    async def _begun(self, change_set: str) -> None:
        self.change_set = change_set

    @property
    def left(self) -> list[Difference]:
        """Rows that could not be compared, or that the accounts did not take."""
        return self._found.remarks

    # ── the answer

    def show(self) -> None:
        """The three sides of each cell, and what was done."""
        screen, values = self.desk.screen, self._found.values
        if values:
            sides = ("CRM", "Database", *(("Workflow",) if self.workflows else ()))
            table = columns("Account", "Column", *sides, keep=["Account"])
            for one in values[:SHOWN]:
                runs = (one.workflow or MISSING,) if self.workflows else ()
                table.add_row(one.account, one.column, one.crm, one.database or MISSING, *runs)
            screen.heading("CRM and database")
            screen.table(table)
            if (more := len(values) - SHOWN) > 0:
                screen.indented(f"and {count(more, 'cell')} more")
        if refused := self._found.bringing.report.rows[Outcome.REFUSED]:
            screen.say(f"{count(refused, 'row')} cannot be compared.")
        if self.change_set:
            undo = f"lifecycle admin changes undo {self.change_set}"
            screen.say(f"The CRM's values are ours now. To take that back: {undo}")
        if self.told is not None:
            screen.say(f"What the CRM is to be told: {self.told}")

    def data(self) -> dict[str, Any]:
        """For programs."""
        return {
            "file": str(self.file),
            "values": self._found.values,
            "change_set": self.change_set,
            "told": str(self.told) if self.told else None,
        }
