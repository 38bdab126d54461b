"""Writing the visits of a batch: moves begin and end them, undo marks them, a new version renames their stages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import case, select, update
from sqlalchemy.engine import Connection

from .projection import StagesRenamed, VisitBegun, VisitMarked, VisitStep, VisitsUndone
from .state_rows import Row
from .statements import VISIT, VISIT_END, VISIT_INSERT


def write_visits(connection: Connection, account: str, steps: Sequence[VisitStep]) -> None:
    """The steps in order. Visits are inserted together, up to a step that reaches into the table."""
    writer = _Writer(connection, account)
    for step in steps:
        if isinstance(step, VisitBegun):
            writer.begin(step)
        elif isinstance(step, VisitMarked):
            writer.change_open(step.lifecycle, step.values)
        elif isinstance(step, VisitsUndone):
            writer.undo(step)
        else:
            writer.rename(step)
    writer.insert()


class _Writer:
    """`begun` are visits of this batch that are not in the table yet."""

    def __init__(self, connection: Connection, account: str) -> None:
        self.connection = connection
        self.account = account
        self.begun: list[Row] = []

    def insert(self) -> None:
        if self.begun:
            self.connection.execute(VISIT_INSERT, self.begun)
            self.begun = []

    def begin(self, step: VisitBegun) -> None:
        """The visit before ends with this one."""
        end = {"left_at": step.row["entered_at"], "to_stage": step.row["stage"]}
        if step.follows:
            self.change_open(step.row["lifecycle"], end)
        self.begun.append(step.row)

    def change_open(self, lifecycle: str, values: Row) -> None:
        """The open visit: one of this batch, or of the table."""
        before = next((row for row in reversed(self.begun) if row["lifecycle"] == lifecycle), None)
        if before is not None:
            before.update(values)
        else:
            there = {"of": self.account, "through": lifecycle}
            self.connection.execute(VISIT_END, {**there, **values})

    def undo(self, undone: VisitsUndone) -> None:
        """Mark them, and open the one before again (R13)."""
        self.insert()
        mine = self._mine(undone.lifecycle).where(VISIT.c.withdrawn_at.is_(None))
        since = mine.where(VISIT.c.revision >= undone.revision)
        self.connection.execute(since.values(withdrawn_at=undone.at))
        standing = select(VISIT.c.revision, VISIT.c.position).where(
            VISIT.c.account == self.account,
            VISIT.c.lifecycle == undone.lifecycle,
            VISIT.c.withdrawn_at.is_(None),
        )
        last = standing.order_by(VISIT.c.revision.desc(), VISIT.c.position.desc()).limit(1)
        found = self.connection.execute(last).one_or_none()
        if found is not None:
            there = mine.where(
                VISIT.c.revision == found.revision, VISIT.c.position == found.position
            )
            self.connection.execute(there.values(_reopened(undone)))

    def rename(self, renamed: StagesRenamed) -> None:
        """Every stay of the account, undone ones too, under the ids that run (R24)."""
        self.insert()
        columns = (VISIT.c.stage, VISIT.c.from_stage, VISIT.c.to_stage)
        values = {
            column.name: case(renamed.names, value=column, else_=column) for column in columns
        }
        self.connection.execute(self._mine(renamed.lifecycle).values(values))

    def _mine(self, lifecycle: str) -> Any:
        return update(VISIT).where(VISIT.c.account == self.account, VISIT.c.lifecycle == lifecycle)


def _reopened(undone: VisitsUndone) -> Row:
    """What is open again has not been left, and became late or stuck only if it had before."""
    values: Row = {"left_at": None, "to_stage": None}
    values |= {} if undone.late else {"late_at": None}
    return values | ({} if undone.stuck else {"stuck_at": None})
