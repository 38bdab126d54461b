"""A delivery sent once more: made due in the database, and its account told, by one module for every door."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from .client import Lifecycles, explained
from .core.refusal import Refusal
from .store.effects import OPEN, effect_row, resend
from .store.engine import Store
from .store.tables import EffectRow
from .telling.accounts import running

PATIENCE: Final = timedelta(seconds=5)
NO_HEALTH: Final = Refusal(
    "no_server", "The Temporal server does not say that it is well.", "Look whether it runs."
)


async def send_again(
    store: Store,
    accounts: Callable[[], Awaitable[Lifecycles]],
    effect: str,
    actor: str,
    now: datetime,
) -> EffectRow:
    """The delivery as it is due now. The server is looked for first: nothing is made due in vain.

    One that is on its way already is refused; its account is told once more, for the first word may have been lost.
    Raises `Refusal`, `Failure`, `RPCError`.
    """
    row = await effect_row(store, effect)
    client = await accounts()
    with explained(row.account, NO_HEALTH):
        await client.client.service_client.check_health(timeout=PATIENCE)
    with running(row.account, row.account):
        if row.status in OPEN and row.resent_by is not None:
            await client.deliver_again(row.account, row.id)
        due = await resend(store, row.id, actor, now)
        await client.deliver_again(due.account, due.id)
    return due
