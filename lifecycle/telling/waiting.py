"""Deliveries of an account that wait, and for what: quiet hours, a hold, a mail server that is away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lifecycle.store.effects import WantedEffects, effects
from lifecycle.store.engine import Store
from lifecycle.store.tables import EffectStatus


@dataclass(frozen=True, slots=True)
class Waiting:
    """One that was tried and goes on waiting."""

    id: str
    name: str
    roles: list[str]
    due_at: datetime
    reason: str


async def waiting(store: Store, account: str) -> list[Waiting]:
    """The oldest first; what has not been tried yet is only a moment away and not among them."""
    rows = await effects(store, WantedEffects(account=account, status=EffectStatus.DUE))
    return [
        Waiting(row.id, row.name, list(row.roles), row.due_at, row.last_error)
        for row in reversed(rows)
        if row.last_error
    ]
