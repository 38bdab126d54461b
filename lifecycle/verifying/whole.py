"""Many accounts verified: page by page here, or over all cores."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select

from lifecycle.processes import Processes, cores
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.shelf import shelf_of
from lifecycle.store.tables import AccountRow, table_of

from .page import Run, Verified, Verifying, here

ACCOUNT: Final = table_of(AccountRow)
PAGE: Final = 25
"""Accounts verified as one."""
FEW: Final = 200
"""So many are verified here: processes take longer to begin than they would save."""
KEPT: Final = 1_000
"""Differences kept of all; all are counted."""

Step = Callable[[int], None]
"""Told how many more accounts were looked at."""


async def how_many(store: Store) -> int:
    """All accounts."""
    query = select(func.count()).where(ACCOUNT.c.created_at.is_not(None))
    async with store.connected() as connection:
        return int((await connection.execute(query)).scalar_one())


async def pages(store: Store, named: Sequence[str] | None = None) -> AsyncIterator[list[str]]:
    """Ids of accounts, `PAGE` at a time: those named, else all in order."""
    if named is not None:
        for first in range(0, len(named), PAGE):
            yield list(named[first : first + PAGE])
        return
    page = await page_after(store, "", PAGE)
    while page:
        yield page
        page = await page_after(store, page[-1], PAGE)


async def page_after(store: Store, after: str, size: int) -> list[str]:
    """The ids that follow, in order."""
    query = select(ACCOUNT.c.id).where(ACCOUNT.c.id > after).order_by(ACCOUNT.c.id).limit(size)
    async with store.connected() as connection:
        return list((await connection.execute(query)).scalars())


async def verify_all(
    store: Store,
    named: Sequence[str] | None = None,
    step: Step = lambda _: None,
    processes: int | None = None,
) -> Verified:
    """The accounts named, else all. `processes` None: one for each core, where it is worth it."""
    number = len(named) if named is not None else await how_many(store)
    wanted = processes or (1 if number <= FEW else cores())
    found = Verified()
    async for page in _verified(store, pages(store, named), wanted):
        _add(found, page)
        step(page.accounts)
    return found


async def _verified(
    store: Store, parts: AsyncIterator[list[str]], processes: int
) -> AsyncIterator[Verified]:
    if processes == 1:
        verifying = Verifying(store, await shelf_of(store))
        try:
            async for part in parts:
                yield await verifying.verify(part)
        finally:
            verifying.close()
        return
    url = store.engine.url.render_as_string(hide_password=False)
    with Processes(_work, _begin, (url,), processes) as pool:
        async for page in pool.spread(parts):
            yield page


def _add(found: Verified, page: Verified) -> None:
    found.accounts += page.accounts
    found.never_began += page.never_began
    found.entries += page.entries
    found.count += page.count
    found.differences += page.differences[: max(KEPT - len(found.differences), 0)]
    found.wrong += page.wrong[: max(KEPT - len(found.wrong), 0)]


# ── in a process of its own


@dataclass(slots=True)
class _Mine:
    """What a process keeps from part to part."""

    runner: asyncio.Runner
    verifying: Verifying


_mine: list[_Mine] = []


def _begin(url: str) -> None:
    runner = asyncio.Runner()
    _mine.append(_Mine(runner, runner.run(_open(url, here))))


async def _open(url: str, run: Run) -> Verifying:
    store = Store(make_engine(url))
    return Verifying(store, await shelf_of(store), run)


def _work(accounts: list[str]) -> Verified:
    mine = _mine[0]
    return mine.runner.run(mine.verifying.verify(accounts))
