"""Who has taken over a publication, and who runs which version (R24)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from lifecycle.core.inputs import Adopt

from .engine import Store
from .tables import AccountRow, DefinitionRow, JournalRow, PartKind, TrackRow


@dataclass(frozen=True, slots=True)
class Waiting:
    """A page of accounts: those that wait, how many were looked at, and the id to go on after (None: the end)."""

    accounts: list[str]
    looked_at: int
    after: str | None


async def not_adopted(
    store: Store, book: str, policies: Mapping[str, str], after: str = "", limit: int = 500
) -> Waiting:
    """Accounts by id whose journal does not say that they took this book over by these policies."""
    async with store.reading() as session:
        page: Any = (
            select(AccountRow.id)
            .where(col(AccountRow.id) > after, col(AccountRow.revision) > 0)
            .order_by(col(AccountRow.id))
            .limit(limit)
        )
        accounts = list((await session.exec(page)).all())
        taken: Any = select(JournalRow.account, JournalRow.input).where(
            col(JournalRow.account).in_(accounts), col(JournalRow.kind) == Adopt.__name__
        )
        wanted = (book, dict(policies))
        have = {
            account
            for account, item in await session.exec(taken)
            if (item["book"], item.get("policies", {})) == wanted
        }
    missing = [account for account in accounts if account not in have]
    return Waiting(missing, len(accounts), accounts[-1] if len(accounts) == limit else None)


async def stored_policies(store: Store) -> dict[str, str]:
    """The policy each lifecycle's newest version was published with, where there was one."""
    query = (
        select(DefinitionRow)
        .where(col(DefinitionRow.kind) == PartKind.LIFECYCLE)
        .order_by(
            col(DefinitionRow.id),
            col(DefinitionRow.version).desc(),
            col(DefinitionRow.edition).desc(),
        )
    )
    newest: dict[str, int] = {}
    found: dict[str, str] = {}
    async with store.reading() as session:
        for row in await session.exec(query):
            if newest.setdefault(row.id, row.version) == row.version and row.policy:
                found.setdefault(row.id, row.policy)
    return found


async def accounts_by_version(store: Store) -> dict[tuple[str, int | None], int]:
    """How many accounts are in a stage of each version of each lifecycle."""
    query: Any = (
        select(TrackRow.lifecycle, TrackRow.version, func.count())
        .where(col(TrackRow.stage).is_not(None))
        .group_by(col(TrackRow.lifecycle), col(TrackRow.version))
    )
    async with store.reading() as session:
        return {(lifecycle, version): n for lifecycle, version, n in await session.exec(query)}
