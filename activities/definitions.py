"""Published definitions on their way into running accounts."""

from __future__ import annotations

from temporalio import activity

from lifecycle import contract
from lifecycle.core.codec import Data, from_data, to_data
from lifecycle.core.refusal import Refusal
from lifecycle.store import definitions
from lifecycle.store.engine import Store

from .failing import refused


class Definitions:
    """Reads what is published."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @activity.defn(name=contract.LOAD_BOOK)
    async def load_book(self, data: Data) -> Data:
        """What is in force for an account now (`contract.LoadBookRequest` as data → `contract.LoadBookAnswer`).

        Whatever publication asked: if another came since, that one is adopted. A version that holds for a share is in
        force for the accounts of that share (R24).
        """
        request: contract.LoadBookRequest = from_data(contract.LoadBookRequest, data)
        try:
            book, book_id = await definitions.book_live_for(self.store, request.account)
        except Refusal as refusal:
            raise refused(refusal) from None
        return to_data(contract.LoadBookAnswer(to_data(book), book_id))
