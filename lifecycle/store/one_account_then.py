"""What the page of one account reads of the past: stays, mails and undone inputs as they were at a moment (N5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from sqlalchemy import select

from lifecycle.core.evolve import copy_state
from lifecycle.core.model import Book
from lifecycle.core.state import AccountState

from .ahead import foretold
from .ctas import ListedCta, ctas_of
from .engine import Store
from .moment import AsOf
from .one_account import ComingMove, MailLine, StayRow, undone_units
from .standing import VISIT, counts_at
from .tables import CtaRow, CtaStatus, EffectKind, EffectRow, EffectStatus, table_of

EFFECT: Final = table_of(EffectRow)
_OF_STAY: Final = (
    "lifecycle", "stage", "number", "cycle", "entered_at", "left_at", "automation", "actor", "reason",
)  # fmt: skip
_OF_MAIL: Final = (
    "id", "status", "name", "subject", "roles", "recipients", "due_at", "finished_at", "last_error",
    "automation", "campaign",
)  # fmt: skip


async def stays_at(store: Store, account: str, moment: AsOf) -> list[StayRow]:
    """By lifecycle, oldest first. When one ended follows from the next that counts: its row tells of today."""
    query = (
        select(*(VISIT.c[name] for name in _OF_STAY))
        .where(VISIT.c.account == account, counts_at(VISIT, moment))
        .order_by(VISIT.c.lifecycle, VISIT.c.revision, VISIT.c.position)
    )
    async with store.connected() as connection:
        rows = list(await connection.execute(query))
    found: list[StayRow] = []
    for _, group in groupby(rows, key=lambda row: row.lifecycle):
        several = list(group)
        ends = [*(row.entered_at for row in several[1:]), None]
        for row, end in zip(several, ends, strict=True):
            if row.stage is not None:
                found.append(StayRow(*row)._replace(left=end))
    return found


def coming_moves_of(book: Book, state: AccountState) -> list[ComingMove]:
    """The moves that were foretold, in the order they would have come."""
    rows = foretold(book, copy_state(state))
    moves = (row for row in rows if row["kind"] == "move")
    return [ComingMove(row["lifecycle"], row["stage"], row["at"]) for row in moves]


async def mail_lines_at(store: Store, account: str, moment: AsOf, most: int) -> list[MailLine]:
    """Those that had fallen due, the latest first, with what had become of them by then."""
    query = (
        select(*(EFFECT.c[name] for name in _OF_MAIL))
        .where(EFFECT.c.account == account, EFFECT.c.kind == EffectKind.MAIL)
        .where(EFFECT.c.due_at <= moment.at, EFFECT.c.recorded_at <= moment.known)
        .order_by(EFFECT.c.due_at.desc(), EFFECT.c.id.desc())
        .limit(most)
    )
    async with store.connected() as connection:
        rows = [MailLine(*row) for row in await connection.execute(query)]
    return [_as_then(row, moment.at) for row in rows]


def _as_then(row: MailLine, at: datetime) -> MailLine:
    if row.finished_at is not None and row.finished_at <= at:
        return row
    unknown: dict[str, Any] = {"subject": None, "finished_at": None, "last_error": None}
    return row._replace(status=EffectStatus.DUE, **unknown)


async def undone_by(store: Store, account: str, moment: AsOf) -> dict[int, datetime]:
    """Which inputs had been taken back by what was known, by revision, and when (R13)."""
    found = await undone_units(store, account)
    return {revision: at for revision, at in found.items() if at <= moment.known}


async def ctas_at(store: Store, state: AccountState, moment: AsOf) -> list[ListedCta]:
    """The CTAs that were open, with the numbers they have; `state` is the account's at the moment."""
    found: list[ListedCta] = []
    for one in await ctas_of(store, state.account):
        cta = state.ctas.get(one.cta.id)
        if cta is None:
            continue
        then = {
            "status": CtaStatus.OPEN,
            "owner": cta.owner,
            "due": cta.due,
            "overdue": cta.overdue,
            "snoozed_until": cta.snoozed_until,
            "outcome": None,
            "closed_at": None,
            "closed_by": None,
        }
        tasks = [task for task in one.tasks if task.task in cta.tasks]
        row = CtaRow(**{**one.cta.model_dump(), **then})
        name = str(state.fields.get("name") or state.account)
        found.append(replace(one, cta=row, tasks=tasks, name=name, lead=0))
    return found
