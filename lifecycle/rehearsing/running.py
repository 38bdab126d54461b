"""A rehearsal over all cores: the accounts go out in slices to processes of their own, what they found comes back."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import and_, func, select

from lifecycle.core.codec import from_data, to_data
from lifecycle.processes import Processes, cores
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.moment import ACCOUNT
from lifecycle.store.where import Sql

from .living import Plan, Slice, live_one
from .reading import Kept, kept

AT_ONCE: Final = 50
"""Accounts of a slice."""
FEW: Final = 400
"""So many accounts are lived through here: processes take longer to begin than they would save."""


async def how_many(store: Store, only: Sql) -> int:
    """The accounts a rehearsal would look at."""
    query = select(func.count()).select_from(ACCOUNT).where(_there(only))
    async with store.connected() as connection:
        return int((await connection.execute(query)).scalar_one())


async def slices(store: Store, only: Sql) -> AsyncIterator[list[str]]:
    """Their ids in order, slice by slice."""
    after = ""
    while True:
        query = (
            select(ACCOUNT.c.id)
            .where(_there(only), ACCOUNT.c.id > after)
            .order_by(ACCOUNT.c.id)
            .limit(AT_ONCE)
        )
        async with store.connected() as connection:
            found = list((await connection.execute(query)).scalars())
        if found:
            yield found
        if len(found) < AT_ONCE:
            return
        after = found[-1]


def _there(only: Sql) -> Any:
    return and_(only, ACCOUNT.c.created_at.is_not(None))


async def rehearsed(store: Store, plan: Plan, only: Sql, total: int) -> AsyncIterator[Slice]:
    """What came of each slice, as it comes. `total` is `how_many`; nothing is written."""
    if total <= FEW or cores() == 1:
        async for accounts in slices(store, only):
            yield await asyncio.to_thread(_lived, plan, await kept(store, accounts, plan.since))
        return
    given = store.engine.url.render_as_string(hide_password=False), to_data(plan)
    with Processes(_work, _begin, given, cores()) as processes:
        async for found in processes.spread(slices(store, only)):
            yield found


def _lived(plan: Plan, accounts: Sequence[Kept]) -> Slice:
    found = Slice()
    for one in accounts:
        live_one(plan, one, found)
    return found


# ── in a process of its own


@dataclass(slots=True)
class _Here:
    """What a process works with: its own loop, its own connections."""

    runner: asyncio.Runner
    store: Store
    plan: Plan


_here: list[_Here] = []


def _begin(url: str, plan: Any) -> None:
    """Whoever presses Ctrl-C means the one who waits, not each of us."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _here.append(_Here(asyncio.Runner(), Store(make_engine(url)), from_data(Plan, plan)))


def _work(accounts: list[str]) -> Slice:
    here = _here[0]
    return _lived(here.plan, here.runner.run(kept(here.store, accounts, here.plan.since)))
