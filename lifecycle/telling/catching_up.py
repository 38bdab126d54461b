"""Catching up after an outage as it is told (N8): who is behind since when, what is due, whose turn is when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from lifecycle.core.model import Book
from lifecycle.store.accounts import find_account
from lifecycle.store.catching_up_tables import TurnStatus
from lifecycle.store.definitions import current_book
from lifecycle.store.engine import Store
from lifecycle.store.timers import Timers, timers
from lifecycle.store.turn_counts import Counted, Due, Placed, WantedTurns, due_now, outages, turns
from lifecycle.store.turns import Whom

from .accounts import lifecycle_named
from .phrases import count, moment
from .viewer import Viewer

STATUSES: Final = {
    TurnStatus.WAITING: "waiting",
    TurnStatus.HELD: "held",
    TurnStatus.GONE: "let go",
    TurnStatus.DONE: "caught up by itself",
}


@dataclass(frozen=True, slots=True)
class OutageView:
    """An outage: `since` the oldest timer that was missed, `until` the last turn of those who wait."""

    number: int
    since: datetime
    noticed_at: datetime
    ended_at: datetime | None
    accounts: int
    waiting: int
    held: int
    gone: int
    done: int
    absent: int
    until: datetime | None


@dataclass(frozen=True, slots=True)
class DueView:
    """What is due of those to come, in words, with how many accounts it is of."""

    kind: str
    lifecycle: str
    words: str
    accounts: int


@dataclass(frozen=True, slots=True)
class CatchUpView:
    """Timers set and overdue; the outage that goes on, if one does, else the last; what is due; a page of the queue."""

    timers: Timers
    outage: OutageView | None
    earlier: list[OutageView]
    due: list[DueView]
    turns: list[Placed]
    after: str | None

    @property
    def is_on(self) -> bool:
        """Whether somebody is to come."""
        return self.outage is not None and self.outage.ended_at is None

    def unnoticed(self, zone: tzinfo) -> str:
        """What is overdue, and no worker came to see it yet; empty where that is not so."""
        oldest = self.timers.oldest
        if self.is_on or oldest is None:
            return ""
        since = moment(oldest, zone)
        return f"Overdue since {since}, and no account has asked for its turn: they do when a worker runs."


@dataclass(frozen=True, slots=True)
class Ordered:
    """How many accounts an order of a person was about; `is_told`: it counts at once, else when Temporal is back."""

    order: str
    accounts: int
    is_told: bool = True


async def catching_up(viewer: Viewer, wanted: WantedTurns | None = None) -> CatchUpView:
    """How far it is, from the database alone."""
    wanted = wanted or WantedTurns()
    found = await outages(viewer.store)
    views = [outage_view(one) for one in found]
    is_on = bool(found) and found[0].outage.ended_at is None
    set_now = await timers(viewer.store, viewer.now)
    is_behind = is_on or set_now.overdue > 0
    due = await due_now(viewer.store, viewer.now, is_on) if is_behind else []
    book = (await current_book(viewer.store))[0] if due else None
    page = await turns(viewer.store, found[0].outage, wanted, viewer.now) if found else []
    return CatchUpView(
        set_now,
        views[0] if views else None,
        views[1:],
        [_due_view(one, book) for one in due if book is not None],
        page,
        page[-1].account if len(page) == wanted.limit else None,
    )


def outage_view(found: Counted) -> OutageView:
    """An outage with its numbers."""
    row, numbers = found.outage, found.numbers
    return OutageView(
        row.id or 0,
        row.since,
        row.noticed_at,
        row.ended_at,
        sum(numbers.values()),
        numbers.get(TurnStatus.WAITING, 0),
        numbers.get(TurnStatus.HELD, 0),
        numbers.get(TurnStatus.GONE, 0),
        numbers.get(TurnStatus.DONE, 0),
        found.absent,
        found.last_at,
    )


async def whom_meant(viewer: Viewer, accounts: Sequence[str], lifecycle: str) -> Whom:
    """Accounts and a lifecycle by their ids or names. Raises `Refusal` for one that is not known."""
    found = tuple([(await find_account(viewer.store, name)).id for name in accounts])
    if not lifecycle:
        return Whom(accounts=found)
    book, _ = await current_book(viewer.store)
    return Whom(lifecycle_named(book, lifecycle).id, found)


# ── words


def _due_view(due: Due, book: Book) -> DueView:
    lifecycle = book.lifecycles.get(due.lifecycle)
    title = lifecycle.title if lifecycle else ""
    stage = lifecycle.stage(due.what) if lifecycle else None
    label = stage.label if stage else due.what or "None"
    said = {
        "move": f"{title}: to {label}",
        "mail": f"{title}: e-mail {due.what}" if title else f"e-mail {due.what}",
        "cta": f"CTA falls due: {due.what}",
        "late": f"{title}: late in {label}",
        "stuck": f"{title}: stuck in {label}",
    }
    return DueView(due.kind, due.lifecycle, said.get(due.kind, due.kind), due.accounts)


def headline(timers: Timers, views: Iterable[OutageView], zone: tzinfo) -> str:
    """`14,208 timers set, none overdue`; `1,204 overdue, catching up until 10:42`; `… 900 held for approval`."""
    if not timers.overdue:
        return (
            f"{count(timers.set, 'timer')} set, none overdue" if timers.set else "No timer is set"
        )
    on = [view for view in views if view.ended_at is None]
    untils = [view.until for view in on if view.until is not None]
    held = sum(view.held for view in on)
    parts = [f"{timers.overdue:,} overdue"]
    if untils:
        parts.append(f"catching up until {max(untils).astimezone(zone):%H:%M}")
    if held:
        parts.append(f"{held:,} held for approval")
    return ", ".join(parts)


def released_words(done: Ordered) -> str:
    """`12 accounts released.`"""
    later = "" if done.is_told else " Temporal does not answer: they go on when it is back."
    return f"{count(done.accounts, 'account')} released.{later}"


async def catching_up_until(store: Store, timers: Timers, zone: tzinfo) -> str:
    """The headline while somebody catches up, else nothing."""
    views = [outage_view(one) for one in await outages(store, 1)] if timers.overdue else []
    return headline(timers, views, zone) if views and views[0].ended_at is None else ""


def turn_words(placed: Placed, zone: tzinfo) -> str:
    """`Its timers are behind since 9 Nov 2026, 07:12. Its turn is at 9 Nov 2026, 10:42.`"""
    since = f"Its timers are behind since {moment(placed.due_at, zone)}."
    if placed.status is TurnStatus.HELD:
        return f"{since} It is held until a person releases it."
    return f"{since} Its turn is at {moment(placed.at, zone)}."
