"""What a run without carried state asks first, and what the journal is asked about."""

from __future__ import annotations

from temporalio import activity

from lifecycle import contract
from lifecycle.core.codec import Data, from_data, to_data
from lifecycle.core.model import Book
from lifecycle.core.state import AccountState
from lifecycle.store import accounts, definitions, effects
from lifecycle.store.engine import Store


class Entering:
    """Reads the database."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @activity.defn(name=contract.ENTER)
    async def enter(self, account: str) -> Data:
        """The stored state, if any, with the book it runs; `contract.EnterAnswer` as data."""
        state = await accounts.stored_state(self.store, account)
        book, book_id = await self._book(account, state)
        due = await effects.due(self.store, account)
        return to_data(contract.EnterAnswer(to_data(book), book_id, state, due))

    async def _book(self, account: str, state: AccountState | None) -> tuple[Book, str]:
        if state is None or not state.versions:
            return await definitions.book_live_for(self.store, account)
        return await definitions.book_for(self.store, state.versions, state.pending)

    @activity.defn(name=contract.SEEN)
    async def seen(self, data: Data) -> list[str]:
        """Those event keys of a `contract.SeenRequest` that the journal holds (R20)."""
        request: contract.SeenRequest = from_data(contract.SeenRequest, data)
        return await accounts.seen(self.store, request.account, request.keys)
