"""Statements that most recordings make, built once: building one costs more than running it on SQLite."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from sqlalchemy import Table, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from .tables import (
    AccountRow,
    CtaRow,
    CtaStatus,
    FieldChangeRow,
    JournalRow,
    VisitRow,
    table_of,
)

ACCOUNT: Final = table_of(AccountRow)
CTA: Final = table_of(CtaRow)
FIELD_CHANGE: Final = table_of(FieldChangeRow)
VISIT: Final = table_of(VisitRow)

HEAD: Final = (
    select(ACCOUNT.c.revision, ACCOUNT.c.chain, ACCOUNT.c.state, ACCOUNT.c.events)
    .where(ACCOUNT.c.id == bindparam("of"))
    .with_for_update()
)
"""Where account `of` stands, its row locked."""

ACCOUNT_UPDATE: Final = update(ACCOUNT).where(ACCOUNT.c.id == bindparam("of"))
"""Writes the columns it is given to account `of`."""

VISIT_END: Final = update(VISIT).where(
    VISIT.c.account == bindparam("of"),
    VISIT.c.lifecycle == bindparam("through"),
    VISIT.c.left_at.is_(None),
    VISIT.c.withdrawn_at.is_(None),
)
"""Writes the columns it is given to the open visit of account `of` in lifecycle `through`."""

VISIT_INSERT: Final = insert(VISIT)
JOURNAL_INSERT: Final = insert(table_of(JournalRow))
FIELD_CHANGE_INSERT: Final = insert(FIELD_CHANGE)

_CTA: Final = update(CTA).where(CTA.c.account == bindparam("of"), CTA.c.id == bindparam("of_cta"))
CTA_REOPEN: Final = _CTA
"""Writes the columns it is given to CTA `of_cta` of account `of`."""
CTA_WITHDRAW: Final = _CTA.values(
    status=CtaStatus.WITHDRAWN,
    withdrawn_at=bindparam("at"),
    closed_at=func.coalesce(CTA.c.closed_at, bindparam("at")),
    closed_by=func.coalesce(CTA.c.closed_by, bindparam("by")),
)
"""CTA `of_cta` of account `of` was never opened, as `by` decided at the instant `at`."""

_INSERTS: Final[dict[str, Any]] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


@cache
def insert_new(dialect: str, table: Table) -> Any:
    """An insert that leaves rows alone that are there already."""
    return _INSERTS[dialect](table).on_conflict_do_nothing()


@cache
def put(dialect: str, table: Table, columns: tuple[str, ...], keep: tuple[str, ...]) -> Any:
    """An insert of these columns that overwrites all but key and `keep` of rows that are there."""
    keys = [column.name for column in table.primary_key]
    new = _INSERTS[dialect](table)
    changed = {name: new.excluded[name] for name in columns if name not in {*keys, *keep}}
    return new.on_conflict_do_update(index_elements=keys, set_=changed)
