"""What happens next: every timer with its reason, and what the account waits for (N3, N4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from lifecycle.core.model import Book
from lifecycle.core.state import AccountState
from lifecycle.telling.ahead import Next
from lifecycle.telling.phrases import capital, distance
from lifecycle.telling.ways import Way, Why, why_line

MOST = 8


@dataclass(frozen=True, slots=True)
class Timer:
    """`when` is told from the account's own present; `text` is a sentence without its subject."""

    at: datetime
    when: str
    sign: str
    tone: str
    lifecycle: str
    text: str
    why: Why | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class Coming:
    """The first timers, how many more there are, and the ways out that hang on something happening."""

    timers: list[Timer]
    more: int
    ways: list[tuple[str, list[Way]]]


def coming(
    book: Book, state: AccountState, now: datetime, nexts: Iterable[Next], ways: Iterable[Way]
) -> Coming:
    """Timers first one first; ways by the title of their lifecycle."""
    every = list(nexts)
    by_lifecycle: dict[str, list[Way]] = {}
    for way in ways:
        by_lifecycle.setdefault(book.lifecycles[way.lifecycle].title, []).append(way)
    timers = [_timer(book, state, now, one) for one in every[:MOST]]
    return Coming(timers, len(every) - len(timers), list(by_lifecycle.items()))


def _timer(book: Book, state: AccountState, now: datetime, one: Next) -> Timer:
    lifecycle = book.lifecycles.get(one.lifecycle)
    why = why_line(book, state, one.what, now) if one.automation else None
    sign, tone = _sign(one)
    return Timer(
        one.at,
        distance(one.at, now),
        sign,
        tone,
        lifecycle.title if lifecycle else "",
        capital(one.text),
        why,
        one.at < now,
    )


def _sign(one: Next) -> tuple[str, str]:
    word = one.what.partition(":")[0]
    if word in ("late", "stuck"):
        return "warn", "warn"
    if word == "hold":
        return "pause", "warn"
    if word == "cta" or "CTA" in one.text:
        return "flag", "mute"
    return ("mail" if "e-mail" in one.text else "arrow"), "mute"
