"""What a batch does to the CTAs of an account: rows as they are after it, and those that undo touched (G11, R13)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from lifecycle.core import changes as c
from lifecycle.core.state import Cta

from .state_rows import Row
from .tables import CtaStatus


@dataclass(slots=True)
class CtaRows:
    """Rows of `cta` and `cta_task` by their keys. `withdrawn` and `reopened` are updates of rows that are there."""

    account: str
    now: datetime
    rows: dict[str, Row] = field(default_factory=dict)
    withdrawn: list[Row] = field(default_factory=list)
    reopened: list[Row] = field(default_factory=list)
    tasks: dict[tuple[str, str], Row] = field(default_factory=dict)
    tasks_kept: dict[str, list[str]] = field(default_factory=dict)

    def opened(self, cta: Cta, revision: int) -> None:
        """A new one."""
        self._put(cta)["revision"] = revision

    def closed(self, cta: Cta, change: c.CtaClosed) -> None:
        """By a person, or by leaving its stage."""
        row = self._put(cta)
        row |= {"status": CtaStatus.CLOSED, "outcome": change.outcome}
        row |= {"closed_at": change.at, "closed_by": change.actor}

    def changed(self, cta: Cta, **values: object) -> None:
        """An open one got other values."""
        self._put(cta).update(values)

    def task_done(self, change: c.TaskDone) -> None:
        """A task was ticked off."""
        self.tasks[change.cta, change.task] = {
            "account": self.account,
            "cta": change.cta,
            "task": change.task,
            "done_at": change.at,
            "done_by": change.actor,
        }
        if change.cta in self.tasks_kept:
            self.tasks_kept[change.cta].append(change.task)

    def undone(self, change: c.Undone) -> None:
        """Those that were opened are withdrawn, those that were closed are open again."""
        for opened in change.unit.ctas_opened:
            self.withdrawn.append({"of_cta": opened, "at": change.at, "by": change.actor})
        for cta in change.unit.ctas_closed:
            self._put(cta)
            self.reopened.append(
                {"of_cta": cta.id, "reopened_from": change.unit.at, "reopened_at": change.at}
            )
            self.tasks_kept[cta.id] = list(cta.tasks)

    def _put(self, cta: Cta) -> Row:
        """The row of an open CTA. What it keeps when it is overwritten is told to `put`."""
        before = self.rows.get(cta.id, {})
        row = self.rows[cta.id] = {
            "account": self.account,
            "id": cta.id,
            "status": CtaStatus.OPEN,
            **{name: getattr(cta, name) for name in _COLUMNS},
            "outcome": None,
            "closed_at": None,
            "closed_by": None,
            "recorded_at": before.get("recorded_at", self.now),
            "revision": before.get("revision", 0),
        }
        return row


KEPT = ("revision", "recorded_at")
"""Columns that stay as they were when a row is overwritten."""
_COLUMNS = (
    "title",
    "kind",
    "owner",
    "priority",
    "lifecycle",
    "automation",
    "visit",
    "playbook",
    "opened_at",
    "due",
    "overdue",
    "snoozed_until",
    "opened_by",
)
