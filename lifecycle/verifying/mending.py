"""One account put right: its tables from its journal, then what runs from its tables; looked at again (N10)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from lifecycle.client import Lifecycles
from lifecycle.store.engine import Store
from lifecycle.store.shelf import shelf_of
from lifecycle.store.verification_tables import VerificationRow
from lifecycle.store.verifications import Asked

from .drift import drifted, take_up
from .keeping import keep, looked
from .page import Run, Verifying, aside
from .repairing import Repaired, put_right

ClientOf = Callable[[], Awaitable[Lifecycles]]


async def mend(
    store: Store,
    client: ClientOf | None,
    account: str,
    actor: str,
    now: datetime,
    run: Run = aside,
) -> VerificationRow:
    """Repair an account. `client` None leaves what runs alone. Answers with the verification afterwards.

    Raises `Refusal` where the journal itself does not hold, and as `drifted` does.
    """
    verifying = Verifying(store, await shelf_of(store), run)
    try:
        repaired = await put_right(verifying, account, actor, now)
        if client is not None:
            repaired = await _take_up(store, await client(), repaired, actor, now)
        found = await verifying.verify([account])
    finally:
        verifying.close()
    asked = Asked(f"repair/{uuid4()}", actor, [account], client is not None)
    return await keep(store, asked, now, now, looked(found, account, (), [repaired]))


async def _take_up(
    store: Store, client: Lifecycles, repaired: Repaired, actor: str, now: datetime
) -> Repaired:
    drift = await drifted(store, client, [repaired.account])
    if drift:
        await take_up(store, client, repaired.account, actor, now)
    return replace(repaired, differences=[*repaired.differences, *drift])
