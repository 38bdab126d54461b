"""The shipped definitions without rules for mail to contacts: most tests are to pass at any hour of the day."""

from dataclasses import replace
from datetime import UTC, datetime

from lifecycle.core.model import ContactRules
from lifecycle.store.definitions import current_book, parts_of, publish
from lifecycle.store.engine import Store


async def keep_awake(store: Store) -> None:
    """No quiet hours, no cap: publish so over what is published."""
    await rule(store, ContactRules())


async def rule(store: Store, rules: ContactRules) -> None:
    """Publish rules for mail to contacts; they count from the next look on."""
    book, _ = await current_book(store)
    directory = replace(book.directory, contact_rules=rules)
    parts = parts_of(replace(book, directory=directory), {})
    await publish(store, parts, "tests", datetime.now(UTC))
