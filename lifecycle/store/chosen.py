"""The accounts that a change of many is about, with their states, page by page in the order of their ids."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select

from lifecycle.core.state import AccountState

from .engine import Store
from .statements import ACCOUNT
from .stored import state_of
from .where import Sql

PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class Chosen:
    """An account as it is recorded. `lead` is its clock's, in seconds."""

    state: AccountState
    lead: int


async def how_many(store: Store, only: Sql) -> int:
    """Accounts for which it holds."""
    query = select(func.count()).select_from(ACCOUNT).where(only, _there())
    async with store.connected() as connection:
        return int((await connection.execute(query)).scalar_one())


async def chosen(store: Store, only: Sql) -> AsyncIterator[list[Chosen]]:
    """Those for which it holds."""
    after = ""
    while True:
        query = (
            select(ACCOUNT.c.id, ACCOUNT.c.state, ACCOUNT.c.lead)
            .where(only, _there(), ACCOUNT.c.id > after)
            .order_by(ACCOUNT.c.id)
            .limit(PAGE)
        )
        async with store.connected() as connection:
            rows = (await connection.execute(query)).all()
        if rows:
            yield [Chosen(state_of(row.state), row.lead) for row in rows]
        if len(rows) < PAGE:
            return
        after = rows[-1].id


async def known_ids(store: Store, accounts: Collection[str]) -> set[str]:
    """Those of the ids that are accounts."""
    found: set[str] = set()
    ids = list(accounts)
    for begin in range(0, len(ids), PAGE):
        query = select(ACCOUNT.c.id).where(ACCOUNT.c.id.in_(ids[begin : begin + PAGE]), _there())
        async with store.connected() as connection:
            found |= set((await connection.execute(query)).scalars())
    return found


def _there() -> Sql:
    return ACCOUNT.c.created_at.is_not(None)
