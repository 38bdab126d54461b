"""The pure core: inputs folded per second on one core, all shipped definitions in the book."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from lifecycle.core.fold import Fold
from lifecycle.core.inputs import Event
from lifecycle.core.model import Book
from lifecycle.core.state import AccountState
from lifecycle.core.values import Value
from lifecycle.definition import read_folder
from lifecycle.places import app_folder

from .report import Figure

ACCOUNTS, EVENTS, ROUNDS = 50, 200, 5
START = datetime(2025, 1, 6, 10, tzinfo=UTC)
MIX: list[tuple[int, str, Callable[[random.Random], dict[str, Value]]]] = [
    (
        60,
        "usage.reported",
        lambda dice: {"active_users": dice.randint(0, 30), "weekly_logins": dice.randint(0, 40)},
    ),
    (15, "user.logged_in", lambda _: {"user": "someone"}),
    (5, "kickoff.held", lambda _: {}),
    (5, "configuration.completed", lambda _: {}),
    (5, "invoice.payment_failed", lambda _: {"invoice_id": "in_1", "amount": 120}),
    (3, "training.completed", lambda _: {"course": "basics"}),
    (2, "escalation.opened", lambda _: {"severity": "high", "summary": "slow"}),
    (5, "product.purchased", lambda dice: {"order_id": str(dice.randint(1, 9)), "product": "Pro"}),
]


def shipped_book() -> Book:
    """The definitions as shipped."""
    book = read_folder(app_folder() / "definitions", None).book
    assert book is not None
    return book


def life(account: int) -> Iterator[Event]:
    """An account's events, the same in every run: a won deal, then mostly usage reports."""
    dice, at = random.Random(account), START
    won: dict[str, Value] = {
        "opportunity_id": "o",
        "csm": "Ann",
        "renewal_date": "2026-02-01",
        "arr": 12_000,
    }
    for number in range(EVENTS):
        at += timedelta(hours=dice.randint(1, 60))
        kind, data = ("opportunity.closed_won", won) if number == 0 else _drawn(dice)
        yield Event(f"{account}-{number}", "bench", kind, at, at, data)


def _drawn(dice: random.Random) -> tuple[str, dict[str, Value]]:
    [(_, kind, data)] = dice.choices(MIX, [share for share, _, _ in MIX])
    return kind, data(dice)


def measure() -> list[Figure]:
    """Inputs per second, and as a multiple of merely parsing the same events' JSON."""
    book, lives = shipped_book(), [list(life(account)) for account in range(ACCOUNTS)]
    texts = [json.dumps({"type": event.type, "data": event.data}) for one in lives for event in one]
    floor = _best(lambda: [json.loads(text) for text in texts])
    ours = _best(
        lambda: [
            Fold(book, AccountState(str(number))).take_all(one) for number, one in enumerate(lives)
        ]
    )
    rate = len(texts) / ours
    return [
        Figure("core: inputs per second", rate, ">= 20000", rate >= 20_000, "{:,.0f}"),
        Figure("core: time per input / json.loads of it", ours / floor, "", None, "{:.1f}"),
    ]


def _best(work: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)
