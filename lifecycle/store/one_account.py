"""What the page of one account reads: few columns, by statements built once, over one connection (`Store.one_picture`).

Building a statement, and making objects of rows, costs more here than the rows themselves.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import bindparam, literal_column, select, union_all

from lifecycle.core.changes import Change, Undone
from lifecycle.core.codec import decoder

from .engine import Store
from .tables import (
    AccountRow,
    AheadRow,
    EffectKind,
    EffectRow,
    EffectStatus,
    JournalRow,
    VisitRow,
    table_of,
)

ACCOUNT: Final = table_of(AccountRow)
VISIT: Final = table_of(VisitRow)
AHEAD: Final = table_of(AheadRow)
EFFECT: Final = table_of(EffectRow)
JOURNAL: Final = table_of(JournalRow)


class KeptState(NamedTuple):
    """The state as JSON data (see `stored`), and by how many seconds the account's clock leads."""

    state: Any
    lead: int


class StayRow(NamedTuple):
    """A stay in a stage that was not undone. `left` is None while it lasts."""

    lifecycle: str
    stage: str
    number: int
    cycle: int
    entered: datetime
    left: datetime | None
    automation: str
    actor: str
    reason: str


class ComingMove(NamedTuple):
    """A move that is foretold (N4)."""

    lifecycle: str
    stage: str | None
    at: datetime


class MailLine(NamedTuple):
    """An e-mail without what it says. `roles` are those it is for, `recipients` who that was."""

    id: str
    status: EffectStatus
    name: str
    subject: str | None
    roles: list[str]
    recipients: list[str] | None
    due_at: datetime
    finished_at: datetime | None
    last_error: str | None
    automation: str
    campaign: str | None


STATE: Final = select(ACCOUNT.c.state, ACCOUNT.c.lead).where(
    ACCOUNT.c.id == bindparam("of"), ACCOUNT.c.created_at.is_not(None)
)
STAYS: Final = (
    select(
        VISIT.c.lifecycle, VISIT.c.stage, VISIT.c.number, VISIT.c.cycle, VISIT.c.entered_at,
        VISIT.c.left_at, VISIT.c.automation, VISIT.c.actor, VISIT.c.reason,
    )
    .where(VISIT.c.account == bindparam("of"), VISIT.c.withdrawn_at.is_(None))
    .where(VISIT.c.stage.is_not(None))
    .order_by(VISIT.c.lifecycle, VISIT.c.revision, VISIT.c.position)
)  # fmt: skip
COMING: Final = (
    select(AHEAD.c.lifecycle, AHEAD.c.stage, AHEAD.c.at)
    .where(AHEAD.c.account == bindparam("of"), AHEAD.c.kind == "move")
    .order_by(AHEAD.c.position)
)
MAILS: Final = (
    select(
        EFFECT.c.id, EFFECT.c.status, EFFECT.c.name, EFFECT.c.subject, EFFECT.c.roles,
        EFFECT.c.recipients, EFFECT.c.due_at, EFFECT.c.finished_at, EFFECT.c.last_error,
        EFFECT.c.automation, EFFECT.c.campaign,
    )
    .where(EFFECT.c.account == bindparam("of"), EFFECT.c.kind == EffectKind.MAIL)
    .order_by(EFFECT.c.due_at.desc(), EFFECT.c.id.desc())
    .limit(bindparam("most"))
)  # fmt: skip
UNDOS: Final = union_all(
    *(
        select(JOURNAL.c.changes, JOURNAL.c.revision)
        .where(JOURNAL.c.account == bindparam("of"), JOURNAL.c.refused_code.is_(None))
        # The indexes of those that take something back are partial ones.
        .where(JOURNAL.c.kind == literal_column(f"'{kind}'"))
        for kind in ("Undo", "GoBack")
    )
).order_by("revision")


async def kept_state(store: Store, account: str) -> KeptState | None:
    """By id; None where there is no account of that id (what was refused before there was one leaves a row)."""
    rows = await _rows(store, STATE, {"of": account})
    return KeptState(*rows[0]) if rows else None


async def stays(store: Store, account: str) -> list[StayRow]:
    """By lifecycle, oldest first."""
    return [StayRow(*row) for row in await _rows(store, STAYS, {"of": account})]


async def coming_moves(store: Store, account: str) -> list[ComingMove]:
    """In the order they come, if nothing else happens."""
    return [ComingMove(*row) for row in await _rows(store, COMING, {"of": account})]


async def mail_lines(store: Store, account: str, most: int) -> list[MailLine]:
    """The latest first."""
    return [MailLine(*row) for row in await _rows(store, MAILS, {"of": account, "most": most})]


async def undone_units(store: Store, account: str) -> dict[int, datetime]:
    """Which inputs were taken back, by revision, and when (R13)."""
    found: dict[int, datetime] = {}
    read = decoder(Change)
    for data, _ in await _rows(store, UNDOS, {"of": account}):
        for change in map(read, data):
            if isinstance(change, Undone):
                found[change.unit.revision] = change.at
    return found


async def _rows(store: Store, statement: Any, given: dict[str, Any]) -> list[Any]:
    async with store.connected() as connection:
        return list(await connection.execute(statement, given))
