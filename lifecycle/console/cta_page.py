"""The page of one CTA: why it was opened, for whom, its tasks, and what happened to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from rich.text import Text

from lifecycle.store.tables import CtaStatus
from lifecycle.telling.accounts import Found
from lifecycle.telling.cta_story import CtaPage, cta_page
from lifecycle.telling.ctas import CtaView
from lifecycle.telling.effects import person
from lifecycle.telling.phrases import MISSING, count, distance

from .cta_text import due_text
from .desk import Desk
from .screen import columns


async def show_cta(desk: Desk, found: Found, cta: CtaView) -> None:
    """The page, or its data."""
    page = await cta_page(await desk.store(), found, cta, desk.zone)
    if desk.look.as_json:
        desk.screen.data(page)
    else:
        _show(desk, found, page)


# ── for people


def _show(desk: Desk, found: Found, page: CtaPage) -> None:
    cta, screen = page.cta, desk.screen
    screen.say(Text(cta.title, style="bold").append(f" ({cta.number})", style="dim not bold"))
    account = cta.name if cta.name == cta.account else f"{cta.name} ({cta.account})"
    screen.flowing([account, f"kind {cta.kind}", f"{cta.priority} priority", _status(cta)], "dim")
    screen.say()
    table = columns("Name", "Value", keep=["Name"], header=False)
    for name, value in _facts(desk, found, page):
        table.add_row(Text(name, style="dim"), value)
    screen.table(table)
    if cta.tasks:
        screen.heading(f"{page.playbook_title}: {cta.progress} tasks done")
        if page.goal:
            screen.indented(page.goal, style="dim")
        show_tasks(desk, cta, found.now)
    screen.heading("What happened")
    table = columns("When", "What", "By", keep=["When"], header=False)
    for one in page.history:
        table.add_row(desk.moment(one.at), one.said, Text(one.by, style="dim"))
    screen.table(table)


def _status(cta: CtaView) -> str:
    if cta.status is CtaStatus.CLOSED:
        return f"closed: {cta.outcome}"
    if cta.status is CtaStatus.WITHDRAWN:
        return "withdrawn: what opened it was undone"
    return "snoozed" if cta.snoozed_until else "overdue" if cta.overdue else "open"


def _facts(desk: Desk, found: Found, page: CtaPage) -> Iterator[tuple[str, str | Text]]:
    cta = page.cta
    role = person(cta.owner, found.book)
    yield "For", cta.owner_name if cta.owner_name == role else f"{cta.owner_name} ({role})"
    if cta.due is not None:
        said = due_text(desk, cta, found.now).plain if cta.status is CtaStatus.OPEN else ""
        yield "Due", f"{desk.moment(cta.due)}{f' ({said})' if said else ''}"
    yield "Opened", f"{desk.moment(cta.opened_at)} ({distance(cta.opened_at, found.now)})"
    yield "Why", page.why
    lifecycle = found.book.lifecycles.get(cta.lifecycle)
    if lifecycle is not None and page.stage is not None:
        stage = lifecycle.stage(page.stage)
        closes = "; closes when it is left" if page.close_on_leaving else ""
        yield "Stage", f"{lifecycle.title}: {stage.label if stage else page.stage}{closes}"
    if cta.closed_at is not None:
        by = f" by {cta.closed_by}" if cta.closed_by else ""
        yield "Closed", f"{desk.moment(cta.closed_at)}{by}: {cta.outcome}"


def show_tasks(desk: Desk, cta: CtaView, now: datetime) -> None:
    """The tasks as a table; who did them, or when they are due."""
    if not cta.tasks:
        desk.screen.indented("It has no tasks: it carries no playbook.")
        return
    table = columns("No.", "Task", "For", "Due", "Done", right=["No."], keep=["Due"])
    for task in cta.tasks:
        title = Text(task.title).append(" (optional)" if task.optional else "", style="dim")
        done = f"{desk.moment(task.done_at)}, {task.done_by}" if task.done else MISSING
        late = task.due is not None and task.due < now and not task.done
        due = Text(desk.moment(task.due), style="red" if late and not cta.closed_at else "")
        table.add_row(str(task.number), title, task.owner_name, due, done)
    desk.screen.table(table)
    left = sum(not task.done and not task.optional for task in cta.tasks)
    said = f"{count(left, 'required task')} left." if left else "All required tasks are done."
    desk.screen.indented(said, style="dim")
