"""What an import would do, by the core alone: nothing is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from lifecycle.core.changes import Entry
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import CreateAccount, EndHistory
from lifecycle.core.model import Book
from lifecycle.core.state import AccountState

from .gathering import History

Stages = dict[str, Counter[str | None]]
"""How many accounts are in which stage, by lifecycle; None: in none."""


def rehearse(
    book: Book, histories: Iterable[History], until: datetime, now: datetime
) -> Iterator[tuple[AccountState, list[Entry]]]:
    """Every account as if it were new: where it would stand, and all that would have happened to it."""
    for history in histories:
        fold = Fold(book, AccountState(history.account))
        entries = []
        if history.is_listed:
            begin = min((event.time for event in history.events), default=until)
            entries += fold.take(CreateAccount(begin, history.fields, historic=True))
        entries += fold.take_all(history.events)
        entries += fold.take(EndHistory(now, until))
        yield fold.state, entries


def stages_of(states: Iterable[AccountState]) -> Stages:
    """The distribution over stages; only lifecycles an account has come near to are there."""
    found: Stages = {}
    for state in states:
        for track in state.tracks.values():
            found.setdefault(track.lifecycle, Counter())[track.stage] += 1
    return found
