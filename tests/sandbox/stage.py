"""A stage for plays: accounts from nothing, at an instant that stands."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lifecycle.core.model import Book
from lifecycle.sandbox.reader import read_script
from lifecycle.sandbox.trying import Tried, Wish, new_account, tried
from lifecycle.settings import Settings
from lifecycle.store.definitions import current_book
from lifecycle.store.engine import Store

NOON = datetime(2031, 3, 3, 12, tzinfo=UTC)
MARIA: dict[str, Any] = {
    "name": "Acme",
    "contact_email": "Maria@example.com",
    "contact_name": "Maria",
}


@dataclass
class Stage:
    """Where plays are given; nothing is ever recorded."""

    store: Store
    settings: Settings

    async def play(
        self,
        script: str,
        fields: dict[str, Any] | None = None,
        days: int = 30,
        now: datetime = NOON,
        draft: Book | None = None,
    ) -> Tried:
        """A new account's days, with what comes in."""
        book = draft or (await current_book(self.store))[0]
        begun = new_account(book, "acme", MARIA if fields is None else fields, now)
        return await tried(
            self.store, self.settings, begun, Wish(days, read_script("s", script, book))
        )
