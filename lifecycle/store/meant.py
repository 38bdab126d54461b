"""The accounts a campaign would go to if it began now, page by page: for previews, which change nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from datetime import datetime
from typing import Final

from sqlalchemy import func, select, union

from lifecycle.core.conditions import Condition
from lifecycle.core.state import AccountState

from .contact_mail import MAIL
from .engine import Store
from .keyed import spellings
from .moment import now_of
from .statements import ACCOUNT
from .stored import state_of
from .suppression import SUPPRESSED, folded
from .where import Sql, where

PAGE: Final = 500


async def how_many(store: Store, condition: Condition, now: datetime) -> int:
    """Accounts of the audience. Segments in `condition` are written out."""
    query = select(func.count()).select_from(ACCOUNT).where(await _holds(store, condition, now))
    async with store.engine.connect() as connection:
        return int((await connection.execute(query)).scalar_one())


async def meant(
    store: Store, condition: Condition, now: datetime
) -> AsyncIterator[list[AccountState]]:
    """The accounts as they are recorded, in the order their mails would be made."""
    holds, after = await _holds(store, condition, now), ""
    while True:
        query = select(ACCOUNT.c.id, ACCOUNT.c.state).where(holds, ACCOUNT.c.id > after)
        async with store.engine.connect() as connection:
            rows = (await connection.execute(query.order_by(ACCOUNT.c.id).limit(PAGE))).all()
        if rows:
            yield [state_of(row.state) for row in rows]
        if len(rows) < PAGE:
            return
        after = rows[-1].id


async def _holds(store: Store, condition: Condition, now: datetime) -> Sql:
    return where(condition, await now_of(store, now), {})


async def known_addresses(store: Store, addresses: Collection[str]) -> set[str]:
    """Those of the addresses (folded) that were mailed or kept out at some time: of the rest no rule is asked."""
    async with store.engine.connect() as connection:
        asked = {
            word: folded(one) for one in addresses for word in spellings(connection, folded(one))
        }
        query = union(
            select(MAIL.c.address).where(MAIL.c.address.in_(asked)),
            select(SUPPRESSED.c.address).where(SUPPRESSED.c.address.in_(asked)),
        )
        return {asked[found] for found in (await connection.execute(query)).scalars()}
