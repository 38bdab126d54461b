"""Messages that accounts refused: what services send and cannot be used, what people asked and could not be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select

from lifecycle.core.changes import Entry

from .engine import Store
from .journal import entry_of
from .reading import reading
from .tables import AccountRow, JournalRow, table_of

ACCOUNT: Final = table_of(AccountRow)
JOURNAL: Final = table_of(JournalRow)
ENTRY: Final = (
    "revision",
    "at",
    "input",
    "changes",
    "notes",
    "root",
    "rules",
    "refused",
    "historic",
)
ACCOUNTS: Final = 100
"""So many accounts are looked at, those that something was recorded of last."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An entry that a message left and nothing else; `there` is whether the account itself is."""

    account: str
    name: str
    there: bool
    entry: Entry


async def refused_messages(store: Store, limit: int) -> list[Refusal]:
    """The latest first."""
    of = (ACCOUNT.c.id, ACCOUNT.c.name, ACCOUNT.c.created_at)
    accounts = (
        select(*of)
        .where(ACCOUNT.c.refused > 0)
        .order_by(ACCOUNT.c.recorded_at.desc())
        .limit(ACCOUNTS)
    )
    entries = (
        select(JOURNAL.c.account, *(JOURNAL.c[name] for name in ENTRY))
        .where(JOURNAL.c.refused_code.is_not(None))
        .order_by(JOURNAL.c.recorded_at.desc(), JOURNAL.c.account, JOURNAL.c.revision.desc())
        .limit(limit)
    )
    async with reading(store) as connection:
        known = {row.id: row for row in await connection.execute(accounts)}
        found = await connection.execute(entries.where(JOURNAL.c.account.in_(known)))
        return [_refusal(known[row.account], entry_of(row)) for row in found]


def _refusal(account: Any, entry: Entry) -> Refusal:
    return Refusal(account.id, account.name or account.id, account.created_at is not None, entry)
