"""The inbox: what arrived and was not folded yet. Handlers put in, the account's loop takes out."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

from lifecycle.core.changes import Entry
from lifecycle.core.inputs import Event, Input
from lifecycle.core.model import Book


@dataclass(slots=True)
class Item:
    """An input on its way. `door` is where it came in; a person waits for the answer when `is_awaited`.

    `published` is the book an adoption needs, `asked` that the journal was asked about an old event,
    `own` the entry it was folded into, `answer` all entries it caused, once they are recorded.
    """

    input: Input
    door: str
    is_awaited: bool = False
    published: Book | None = None
    asked: bool = False
    own: Entry | None = None
    answer: list[Entry] | None = None


@dataclass(slots=True)
class Inbox:
    """First in, first out."""

    items: deque[Item] = field(default_factory=deque)

    def __len__(self) -> int:
        return len(self.items)

    def put(self, inputs: Iterable[Input], door: str) -> None:
        """What nobody waits for."""
        self.items.extend(Item(each, door) for each in inputs)

    def put_awaited(self, item: Input, door: str) -> Item:
        """What somebody waits for: see `Item.answer`."""
        self.items.append(Item(item, door, is_awaited=True))
        return self.items[-1]

    def put_back(self, items: list[Item]) -> None:
        """To the front, in order."""
        self.items.extendleft(reversed(items))

    def first(self, most: int) -> list[Item]:
        """The oldest ones, which stay. A list: while its reader waits for something, more may arrive."""
        return list(islice(self.items, most))

    def keep_latest(self, book: Book) -> None:
        """Of waiting events of a type that says `keep: latest` only the newest counts."""
        types = {event.id for event in book.events.values() if event.keep_latest}
        if not types:
            return
        newest: dict[str, Item] = {}
        for item in self.items:
            if _may_go(item, types) and not _is_newer(newest.get(item.input.type), item):  # type: ignore[union-attr]
                newest[item.input.type] = item  # type: ignore[union-attr]
        kept = {id(item) for item in newest.values()}
        self.items = deque(
            item for item in self.items if not _may_go(item, types) or id(item) in kept
        )


def _may_go(item: Item, types: set[str]) -> bool:
    event = item.input
    return (
        isinstance(event, Event)
        and event.type in types
        and not event.historic
        and not item.is_awaited
    )


def _is_newer(one: Item | None, other: Item) -> bool:
    return one is not None and one.input.time > other.input.time  # type: ignore[union-attr]
