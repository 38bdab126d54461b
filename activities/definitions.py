"""Published definitions on their way into running accounts."""

from __future__ import annotations

from temporalio import activity

from lifecycle import contract
from lifecycle.core.codec import Data, to_data
from lifecycle.core.refusal import Refusal
from lifecycle.store import definitions
from lifecycle.store.engine import Store

from .failing import for_good


class Definitions:
    """Reads what is published."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @activity.defn(name=contract.LOAD_BOOK)
    async def load_book(self, asked: str) -> Data:
        """What is in force now; `contract.LoadBookAnswer` as data.

        `asked` names the publication that sent the message. If another came since, that one is adopted: each
        publication speaks to every account, and an account must not go back.
        """
        try:
            book, book_id = await definitions.current_book(self.store)
        except Refusal as refusal:
            raise for_good(str(refusal), refusal.code) from None
        if book_id != asked:
            activity.logger.info("Definitions %s were published since %s", book_id, asked)
        return to_data(contract.LoadBookAnswer(to_data(book), book_id))
