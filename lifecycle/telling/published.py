"""Every version that was ever published, and how many accounts run it (R14)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lifecycle.store.adoption import accounts_by_version
from lifecycle.store.definitions import published
from lifecycle.store.engine import Store
from lifecycle.store.tables import DefinitionRow, PartKind

Running = Mapping[tuple[str, int | None], int]


async def published_data(store: Store) -> dict[str, Any]:
    """All that was published, for programs."""
    running = await accounts_by_version(store)
    rows = await published(store)
    told = [
        {**row.model_dump(exclude={"content", "source"}), "accounts": accounts_in(row, running)}
        for row in rows
    ]
    return {"published": told}


def accounts_in(row: DefinitionRow, running: Running) -> int | None:
    """How many accounts run a version; None of what has no versions of its own."""
    return running.get((row.id, row.version), 0) if row.kind is PartKind.LIFECYCLE else None
