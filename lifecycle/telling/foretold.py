"""What will happen to an account if nothing else does (N4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta, tzinfo
from typing import Any

from lifecycle.core.changes import Entry
from lifecycle.core.codec import to_data
from lifecycle.core.fold import forecast

from .accounts import Found
from .story import Teller, Told

MOST = 500


@dataclass(frozen=True, slots=True)
class Foretold:
    """Entries that are not written yet, with their words: those that change something."""

    account: str
    days: int
    entries: list[tuple[Entry, Told]]


def foretold(found: Found, days: int, zone: tzinfo) -> Foretold:
    """The next so many days of an account, at most `MOST` steps."""
    entries = forecast(found.book, found.state, found.now + timedelta(days=days), MOST)
    teller = Teller(found.book, zone, found.ctas)
    told = [(entry, teller.tell(entry)) for entry in entries]
    return Foretold(found.account, days, [(one, words) for one, words in told if words.changes])


def foretold_data(found: Foretold) -> dict[str, Any]:
    """The forecast for programs."""
    happens = [
        {"at": one.at, "said": words, "entry": to_data(one, Entry)} for one, words in found.entries
    ]
    return {"account": found.account, "days": found.days, "forecast": happens}
