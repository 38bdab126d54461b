"""A verification from its first account to its row: what a command does in one go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from lifecycle.core.codec import to_data
from lifecycle.store import verifications
from lifecycle.store.engine import Store
from lifecycle.store.verification_tables import VerificationRow
from lifecycle.store.verifications import KEPT, Asked, Looked

from .difference import Difference
from .page import Verified
from .repairing import Repaired


def looked(
    found: Verified, cursor: str, more: Sequence[Difference] = (), repaired: Sequence[Repaired] = ()
) -> Looked:
    """What came of accounts, as it is kept; `more` are differences found by other ways."""
    differences = [*found.differences, *more][:KEPT]
    mended = [one for each in repaired for one in each.differences][:KEPT]
    return Looked(
        cursor,
        found.accounts,
        found.entries,
        found.count + len(more),
        [to_data(one) for one in differences],
        [to_data(one) for one in mended],
    )


async def keep(
    store: Store, asked: Asked, begun: datetime, ended: datetime, found: Looked
) -> VerificationRow:
    """Record one that is over."""
    await verifications.begin(store, asked, found.accounts, begun)
    await verifications.advance(store, asked.id, "", found)
    await verifications.finish(store, asked.id, ended)
    row = await verifications.verification(store, asked.id)
    assert row is not None
    return row
