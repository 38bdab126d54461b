"""Accounts that a publication's change-set does not know: they came since it was drawn up (R24)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, insert, select, update
from sqlalchemy.engine import Connection

from lifecycle.core.share import bucket_of

from .change_tables import ChangeItemRow, ChangeRow, ItemStatus
from .engine import Store
from .stored import state_of
from .tables import AccountRow, table_of

ACCOUNT: Final = table_of(AccountRow)
SET: Final = table_of(ChangeRow)
ITEM: Final = table_of(ChangeItemRow)


@dataclass(frozen=True, slots=True)
class Newcomer:
    """An account without a command, and the versions it runs and waits for."""

    account: str
    versions: dict[str, int]
    pending: dict[str, int]

    def has(self, lifecycle: str, version: int) -> bool:
        """Whether it runs that version, or will from its next move on."""
        return version in {self.versions.get(lifecycle), self.pending.get(lifecycle)}


async def newcomers(store: Store, change_set: str) -> list[Newcomer]:
    """Those the change-set has no command for."""
    known = select(ITEM.c.account).where(ITEM.c.change_set == change_set)
    query = select(ACCOUNT.c.id, ACCOUNT.c.state).where(
        ACCOUNT.c.revision > 0, ACCOUNT.c.created_at.is_not(None), ACCOUNT.c.id.not_in(known)
    )
    async with store.connected() as connection:
        rows = (await connection.execute(query.order_by(ACCOUNT.c.id))).all()
    states = [state_of(row.state) for row in rows]
    return [Newcomer(one.account, one.versions, one.pending) for one in states]


async def add_items(  # noqa: PLR0913, PLR0917 -- the commands have these parts
    store: Store,
    change_set: str,
    seed: str,
    accounts: Sequence[str],
    status: ItemStatus,
    message: dict[str, Any],
    undo: dict[str, Any],
) -> int:
    """A command more for each of these accounts; `done` ones are there to be taken back. Answers with how many."""

    def work(connection: Connection) -> int:
        known = select(ITEM.c.account).where(ITEM.c.change_set == change_set)
        have = set(connection.execute(known).scalars())
        highest = select(func.max(ITEM.c.number)).where(ITEM.c.change_set == change_set)
        number = connection.execute(highest).scalar() or 0
        rows = [
            {
                "change_set": change_set,
                "number": number + place,
                "account": account,
                "bucket": bucket_of(seed, account),
                "status": status,
                "message": message,
                "undo": undo,
                "revision": 1 if status is ItemStatus.DONE else None,
                "code": "",
                "reason": "",
            }
            for place, account in enumerate((one for one in accounts if one not in have), 1)
        ]
        if rows:
            connection.execute(insert(ITEM), rows)
            more = SET.c.total + len(rows)
            connection.execute(update(SET).where(SET.c.name == change_set).values(total=more))
        return len(rows)

    return await store.write(work)
