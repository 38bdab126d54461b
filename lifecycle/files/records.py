"""Exports of what happened: visits, CTAs, the journal, and the values fields had."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, or_, select

from lifecycle.core.changes import Entry
from lifecycle.store.journal import entry_of
from lifecycle.store.moment import AsOf
from lifecycle.store.standing import ACCOUNT, CTA, FIELD_CHANGE, VISIT, open_at
from lifecycle.store.tables import CtaStatus, JournalRow, TaskRow, table_of

from .cells import Cell, Stage, field_cell
from .exports import Cells, Export
from .lives import value_of
from .scope import Scope, batches, stream

JOURNAL: Final = table_of(JournalRow)
TASK: Final = table_of(TaskRow)


def _header(table: Any, *without: str) -> list[str]:
    return [column.name for column in table.c if column.name not in without]


def _known(scope: Scope, rows: Any, at: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    """Whether a row had happened and was recorded; what was undone by then is among them."""
    moment = scope.moment
    if not isinstance(moment, AsOf):
        return []
    seen = rows.c.recorded_at <= moment.known
    told = or_(rows.c.historic, seen) if "historic" in rows.c else seen
    return [and_(at <= moment.at, told)]


def _of_accounts(scope: Scope, rows: Any, *more: Any) -> Any:
    joined = rows.join(ACCOUNT, ACCOUNT.c.id == rows.c.account)
    return select(rows, *more).select_from(joined).where(*scope.accounts)


def _undone(scope: Scope, row: Row[Any]) -> Cell:
    """When a row was undone, if that was known by then."""
    moment = scope.moment
    later = isinstance(moment, AsOf) and row.withdrawn_at and row.withdrawn_at > moment.known
    return None if later else row.withdrawn_at


# ── visits

VISITS: Final = _header(VISIT, "to_stage", "counting_since", "moved", "position")


def visits(scope: Scope) -> Export:
    """Every stay in a stage, also those that were undone (R5)."""
    order = [VISIT.c[name] for name in ("account", "lifecycle", "revision", "position")]
    known = _known(scope, VISIT, VISIT.c.entered_at)
    query = _of_accounts(scope, VISIT).where(*known).order_by(*order)

    async def rows() -> AsyncIterator[Cells]:
        async for row, left_at in _with_ends(scope, stream(scope.store, query)):
            told = {
                "stage": row.stage or Stage.NONE,
                "from_stage": row.from_stage or Stage.NONE,
                "left_at": left_at,
                "withdrawn_at": _undone(scope, row),
                **{name: _by(scope, getattr(row, name)) for name in ("late_at", "stuck_at")},
            }
            yield [told.get(name, getattr(row, name)) for name in VISITS]

    return Export(VISITS, rows(), lambda: scope.count(VISIT, *known))


def _by(scope: Scope, at: Any) -> Cell:
    """An instant, if it had come."""
    return None if at is None or (isinstance(scope.moment, AsOf) and at > scope.moment.at) else at


async def _with_ends(
    scope: Scope, rows: AsyncIterator[Row[Any]]
) -> AsyncIterator[tuple[Row[Any], Cell]]:
    """Visits with when they were left: of the past, when the next one that counted began."""
    if not isinstance(scope.moment, AsOf):
        async for row in rows:
            yield row, row.left_at
        return
    waiting: list[Row[Any]] = []
    async for row in rows:
        if waiting and (waiting[0].account, waiting[0].lifecycle) != (row.account, row.lifecycle):
            for one in _ended(scope, waiting):
                yield one
            waiting = []
        waiting.append(row)
    for one in _ended(scope, waiting):
        yield one


def _ended(scope: Scope, rows: list[Row[Any]]) -> list[tuple[Row[Any], Cell]]:
    """One account's visits in one lifecycle, in order; one that was undone was left by none."""
    ended: list[tuple[Row[Any], Cell]] = []
    begins: Cell = None
    for row in reversed(rows):
        undone = _undone(scope, row) is not None
        ended.append((row, None if undone else begins))
        begins = begins if undone else row.entered_at
    return ended[::-1]


# ── CTAs

CTAS: Final = [*_header(CTA, "visit", "revision", "reopened_from", "reopened_at"), "tasks_done"]


def ctas(scope: Scope) -> Export:
    """Every CTA, with the tasks that were ticked off (G11, G12)."""
    known = _known(scope, CTA, CTA.c.opened_at)
    query = _of_accounts(scope, CTA, open_at(scope.moment).label("is_open"))
    query = query.where(*known).order_by(CTA.c.account, CTA.c.id)

    async def rows() -> AsyncIterator[Cells]:
        async for batch in batches(stream(scope.store, query)):
            tasks = await _tasks(scope, batch)
            for row in batch:
                yield _cta(scope, row, tasks.get((row.account, row.id), {}))

    return Export(CTAS, rows(), lambda: scope.count(CTA, *known))


def _cta(scope: Scope, row: Row[Any], tasks: dict[str, str]) -> Cells:
    told: dict[str, Cell] = {
        "status": CtaStatus.OPEN.value if row.is_open else row.status.value,
        "withdrawn_at": _undone(scope, row),
        "tasks_done": json.dumps(tasks, ensure_ascii=False) if tasks else None,
    }
    if row.is_open:
        told |= dict.fromkeys(("outcome", "closed_at", "closed_by"))
    return [told[name] if name in told else getattr(row, name) for name in CTAS]


async def _tasks(scope: Scope, batch: list[Row[Any]]) -> dict[tuple[str, str], dict[str, str]]:
    """Tasks ticked off by then, each with when and by whom."""
    moment = scope.moment
    by = [TASK.c.done_at <= moment.at] if isinstance(moment, AsOf) else []
    query = (
        select(TASK)
        .where(TASK.c.account.in_({row.account for row in batch}), *by)
        .order_by(TASK.c.done_at, TASK.c.task)
    )
    found: dict[tuple[str, str], dict[str, str]] = {}
    async with scope.store.engine.connect() as connection:
        for row in await connection.execute(query):
            said = f"{row.done_at.isoformat(timespec='seconds')} {row.done_by}".rstrip()
            found.setdefault((row.account, row.cta), {})[row.task] = said
    return found


# ── the journal


@dataclass(frozen=True, slots=True)
class Words:
    """An entry told: what happened, what it changed, and why it changed nothing else."""

    headline: str
    changes: str
    reasons: str


Tell = Callable[[Entry], Words]
ENTRY: Final = [
    "account",
    "revision",
    "at",
    "recorded_at",
    "kind",
    "type",
    "source",
    "event_id",
    "actor",
    "historic",
]
JOURNALED: Final = [*ENTRY, "happened", "changes", "reasons", "reason", "refused", "input"]


def journal(scope: Scope, tell: Tell) -> Export:
    """One row an entry: the input, what it changed in words, and its reason."""
    known = _known(scope, JOURNAL, JOURNAL.c.at)
    query = _of_accounts(scope, JOURNAL).where(*known)
    query = query.order_by(JOURNAL.c.account, JOURNAL.c.revision)

    async def rows() -> AsyncIterator[Cells]:
        async for row in stream(scope.store, query):
            yield _entry(row, tell)

    return Export(JOURNALED, rows(), lambda: scope.count(JOURNAL, *known))


def _entry(row: Any, tell: Tell) -> Cells:
    entry = entry_of(row)
    words = tell(entry)
    reason = getattr(entry.input, "reason", None) or None
    refused = str(entry.refused) if entry.refused else None
    data = json.dumps(row.input, ensure_ascii=False)
    plain: Cells = [getattr(row, name) for name in ENTRY]
    return [*plain, words.headline, words.changes, words.reasons, reason, refused, data]


# ── values of fields

FIELDS: Final = [
    "account",
    "field",
    "at",
    "value",
    "automation",
    "actor",
    "historic",
    "recorded_at",
    "withdrawn_at",
]


def fields(scope: Scope) -> Export:
    """Every value a field had, also those that were undone; an empty one was lost."""
    changes = FIELD_CHANGE
    known = _known(scope, changes, changes.c.at)
    order = [changes.c[name] for name in ("account", "name", "revision", "position")]
    query = _of_accounts(scope, changes).where(*known).order_by(*order)
    specs = scope.book.account.fields

    async def rows() -> AsyncIterator[Cells]:
        async for row in stream(scope.store, query):
            value = field_cell(value_of(row, specs.get(row.name)), specs.get(row.name))
            by = [row.automation, row.actor, row.historic, row.recorded_at]
            yield [row.account, row.name, row.at, value, *by, _undone(scope, row)]

    return Export(FIELDS, rows(), lambda: scope.count(changes, *known))
