"""A batch: inputs folded together, to be recorded by one activity."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime

from lifecycle import contract
from lifecycle.core.changes import Entry
from lifecycle.core.codec import Data, to_data
from lifecycle.core.evolve import copy_state
from lifecycle.core.fold import Fold
from lifecycle.core.model import Book
from lifecycle.core.state import AccountState

from .inbox import Item


@dataclass(slots=True)
class Batch:
    """What was folded since `before` (state) and `book`; `items` beside the entries each of them caused."""

    before: AccountState
    book: Book
    items: list[Item] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    data: list[Data] = field(default_factory=list)
    size: int = 0

    @classmethod
    def begin(cls, fold: Fold) -> Batch:
        """Nothing folded yet."""
        return cls(copy_state(fold.state), fold.book)

    def has_room(self) -> bool:
        """Whether another input may be folded into it."""
        return len(self.items) < contract.MAX_BATCH and self.size < contract.MAX_BATCH_BYTES

    def add(self, entries: list[Entry]) -> None:
        """Entries in the order of the fold."""
        for entry in entries:
            data = to_data(entry)
            self.entries.append(entry)
            self.data.append(data)
            self.size += len(json.dumps(data))

    def request(self, state: AccountState, next_deadline: datetime | None) -> Data:
        """What `record` is sent of the state after the batch: a `contract.RecordRequest` as data, its entries
        written once."""
        runs = state.versions, state.pending
        request = to_data(
            contract.RecordRequest(state.account, [], state.lead, next_deadline, *runs)
        )
        return {**request, "entries": self.data}

    def answer_to(self, item: Item) -> list[Entry]:
        """The entries an input caused, its own first: those that belong to it by their root."""
        own = item.own
        if own is None:
            return []
        return [
            own,
            *(each for each in self.entries if each.root == own.revision and each is not own),
        ]
