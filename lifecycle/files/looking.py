"""Accounts of a file as they are stored, many at a time, each with the definitions it runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import col, select

from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.core.state import AccountState
from lifecycle.store.accounts import GUESSED_FROM
from lifecycle.store.definitions import book_for, current_book
from lifecycle.store.engine import Store
from lifecycle.store.tables import AccountRow

from .lives import lean_state
from .wanted import Standing

GUESSES: Final = 100
Versions = tuple[tuple[str, int], ...]


class Looker:
    """Looks accounts up. `now` is the wall clock."""

    def __init__(self, store: Store, now: datetime) -> None:
        self.store, self.now = store, now
        self._books: dict[tuple[Versions, Versions], Book] = {}
        self._known: list[str] | None = None
        self._guesses = GUESSES

    async def standings(self, accounts: Sequence[str]) -> dict[str, Standing]:
        """How each of them stands; one that is not there has an empty state."""
        query = (
            select(AccountRow.id, AccountRow.lead, AccountRow.state)
            .where(col(AccountRow.id).in_(accounts), col(AccountRow.revision) > 0)
            .order_by(col(AccountRow.id))
        )
        async with self.store.reading() as session:
            rows = list((await session.exec(query)).all())
        found = {account: await self.standing(lead, state) for account, lead, state in rows}
        missing = [account for account in accounts if account not in found]
        if missing:
            book, _ = await current_book(self.store)
            found |= {one: Standing(AccountState(one), book, self.now) for one in missing}
        return found

    async def standing(self, lead: int, data: dict[str, Any]) -> Standing:
        """An account by the columns of its row."""
        state = lean_state(data)
        book = await self._book(state.versions, state.pending)
        return Standing(state, book, self.now + timedelta(seconds=lead))

    async def _book(self, versions: dict[str, int], pending: dict[str, int]) -> Book:
        key = (_sorted(versions.items()), _sorted(pending.items()))
        if key not in self._books:
            self._books[key], _ = await book_for(self.store, versions, pending)
        return self._books[key]

    async def unknown(self, account: str) -> Refusal:
        """That there is no such account, with the nearest one (of the first few: looking takes time)."""
        if self._known is None:
            query = select(AccountRow.id).where(col(AccountRow.created_at).is_not(None))
            async with self.store.reading() as session:
                found = await session.exec(query.order_by(col(AccountRow.id)).limit(GUESSED_FROM))
                self._known = list(found.all())
        self._guesses -= 1
        near = did_you_mean(account, self._known) if self._guesses >= 0 else ""
        remedy = near if near.startswith("Did") else "Say --create to start it."
        return Refusal("unknown_account", f"There is no account {account!r}.", remedy)


def _sorted(items: Iterable[tuple[str, int]]) -> Versions:
    return tuple(sorted(items))
