"""`nudge`: wake accounts after a deployment, and start workflows that are gone, from what is recorded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated

import typer

from lifecycle.core.refusal import Refusal
from lifecycle.telling.phrases import count

from . import completing
from . import options as o
from .accounts import find
from .desk import Desk, Look, work
from .progress import progress, step

if TYPE_CHECKING:
    from lifecycle.store.engine import Store

Accounts = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[ACCOUNT]...",
        help="Their ids or names.",
        autocompletion=completing.accounts,
        show_default=False,
    ),
]
Every = Annotated[bool, typer.Option("--all", help="Every account there is.")]
Pace = Annotated[int, typer.Option(min=1, max=1000, help="At most this many accounts a second.")]


def nudge(
    accounts: Accounts = None, every: Every = False, pace: Pace = 50, as_json: o.AsJson = False
) -> None:
    """Wake accounts after a deployment; start those whose workflow is gone. May be repeated."""
    if bool(accounts) is every:
        raise Refusal("no_accounts", "It is not said which accounts.", "Name some, or give --all.")
    work(lambda desk: _nudge(desk, accounts, pace), Look(as_json))


async def _nudge(desk: Desk, named: list[str] | None, pace: int) -> None:
    store = await desk.store()
    pages = _pages(store, pace) if named is None else _one_page(desk, named)
    client, nudged = await desk.client(), 0
    with progress(not desk.look.as_json) as bar:
        on = step(bar, "Nudging", None, "accounts")
        async for page in pages:
            await asyncio.gather(*(client.nudge(account) for account in page))
            nudged += len(page)
            on(len(page))
    if desk.look.as_json:
        desk.screen.data({"nudged": nudged})
    else:
        desk.screen.say(f"{count(nudged, 'account')} nudged.")


async def _one_page(desk: Desk, named: list[str]) -> AsyncIterator[list[str]]:
    """Everyone is known before the first is nudged."""
    yield [(await find(desk, name)).account for name in named]


async def _pages(store: Store, pace: int) -> AsyncIterator[list[str]]:
    """All accounts by id, at most `pace` a second."""
    from lifecycle.store.accounts import Wanted, list_accounts

    loop, after, more = asyncio.get_running_loop(), None, True
    while more:
        begun = loop.time()
        page = await list_accounts(store, Wanted(after=after, limit=pace))
        yield [listed.account.id for listed in page.accounts]
        after, more = page.after, page.after is not None
        if more:
            await asyncio.sleep(max(0.0, begun + 1 - loop.time()))
