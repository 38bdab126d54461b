"""A CTA as data: with its tasks, when each is due, and who it is for; rendered by `ctas`, `cta` and `show`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from lifecycle.core.durations import add, zone_of
from lifecycle.core.model import Book, TaskDef
from lifecycle.store.ctas import ListedCta
from lifecycle.store.tables import CtaStatus, TaskRow

from .owners import owner_name


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task of a CTA's playbook. `due` counts from when the CTA was opened; `owner_name` is the person."""

    number: int
    task: str
    title: str
    optional: bool
    owner: str
    owner_name: str
    due: datetime | None
    done: bool
    done_at: datetime | None = None
    done_by: str = ""


@dataclass(frozen=True, slots=True)
class CtaView:
    """A CTA. `number` is short for `cta` within the account; `owner_name` is the person, by today's fields.

    One that is put aside (`snoozed_until`) is not `overdue`. `automation` opened it, or `opened_by` did by hand.
    `visit` is the stay of `lifecycle` it belongs to.
    """

    account: str
    name: str
    number: int
    cta: str
    status: CtaStatus
    title: str
    kind: str
    priority: str
    owner: str
    owner_name: str
    opened_at: datetime
    due: datetime | None
    overdue: bool
    snoozed_until: datetime | None
    lifecycle: str
    automation: str
    opened_by: str
    visit: int
    playbook: str | None
    outcome: str | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    tasks: list[TaskView] = field(default_factory=list)

    @property
    def progress(self) -> str:
        """`2/5`; empty without a playbook."""
        return f"{sum(task.done for task in self.tasks)}/{len(self.tasks)}" if self.tasks else ""


def cta_view(listed: ListedCta, book: Book, fields: Mapping[str, object], now: datetime) -> CtaView:
    """A CTA at its account's present. `fields` are the account's, as far as roles and its zone need them."""
    row = listed.cta
    asleep = row.snoozed_until is not None and row.snoozed_until > now
    return CtaView(
        row.account,
        listed.name,
        listed.number,
        row.id,
        row.status,
        row.title,
        row.kind,
        row.priority,
        row.owner,
        owner_name(row.owner, fields, book),
        row.opened_at,
        row.due,
        row.status is CtaStatus.OPEN and not asleep and row.due is not None and row.due <= now,
        row.snoozed_until if asleep else None,
        row.lifecycle,
        row.automation,
        row.opened_by,
        row.visit,
        row.playbook,
        row.outcome,
        row.closed_at,
        row.closed_by,
        _tasks(listed, book, fields),
    )


def _tasks(listed: ListedCta, book: Book, fields: Mapping[str, object]) -> list[TaskView]:
    playbook = book.playbooks.get(listed.cta.playbook or "")
    done = {row.task: row for row in listed.tasks}
    found: list[TaskView] = []
    for number, task in enumerate(playbook.tasks if playbook else (), start=1):
        owner = task.owner or listed.cta.owner
        due = _due(task, listed.cta.opened_at, book, fields)
        name, row = owner_name(owner, fields, book), done.get(task.id)
        found.append(_task(number, task, owner, name, due, row))
    return found


def _task(
    number: int, task: TaskDef, owner: str, name: str, due: datetime | None, row: TaskRow | None
) -> TaskView:
    done_at, done_by = (row.done_at, row.done_by) if row else (None, "")
    return TaskView(
        number, task.id, task.title, task.optional, owner, name, due, bool(row), done_at, done_by
    )


def _due(
    task: TaskDef, opened: datetime, book: Book, fields: Mapping[str, object]
) -> datetime | None:
    if task.due is None:
        return None
    return add(opened, task.due, book.directory.calendar, zone_of(fields.get("time_zone")))
