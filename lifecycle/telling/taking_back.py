"""What undo cannot take back (R13)."""

from __future__ import annotations

from lifecycle.core.model import Book
from lifecycle.store.effects import effects_named
from lifecycle.store.engine import Store
from lifecycle.store.tables import EffectRow, EffectStatus

from .accounts import Found
from .effects import people


async def sent_by_newest(store: Store, found: Found) -> list[EffectRow]:
    """What the newest change sent already, or is sending."""
    named = found.state.units[-1].effects if found.state.units else []
    rows = await effects_named(store, named)
    return [row for row in rows if row.status in (EffectStatus.SENT, EffectStatus.SENDING)]


def readers(row: EffectRow, book: Book) -> str:
    """Whom a delivery went to: addresses, else the roles it is for."""
    return ", ".join(row.recipients) if row.recipients else people(row.roles, book)
