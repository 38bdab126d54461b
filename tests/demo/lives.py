"""The demo book lived through by the core alone, as import door, services and people send it."""

from datetime import datetime

from lifecycle.core import changes as c
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import CreateAccount, EndHistory
from lifecycle.core.model import Book
from lifecycle.core.state import AccountState
from lifecycle.embedded.demo import Journey
from lifecycle.embedded.demo.today import still_to_do


def live(book: Book, journey: Journey, now: datetime) -> tuple[AccountState, list[c.Entry]]:
    """The account as it stands at the end, and everything that happened to it."""
    fold = Fold(book, AccountState(journey.account))
    entries = fold.take(CreateAccount(journey.created, journey.fields, historic=True))
    entries += fold.take_all(journey.events)
    entries += fold.take(EndHistory(now, journey.until))
    entries += fold.take_all(journey.live)
    entries += fold.catch_up(now)
    entries += fold.take_all(still_to_do(journey, fold.state))
    return fold.state, entries
