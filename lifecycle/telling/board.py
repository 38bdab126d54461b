"""The board of a lifecycle in words: its columns in order, and what each card says (T8, T22)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from lifecycle.core.clock import days_in_stage, late_from, whole_days
from lifecycle.core.conditions import NONE
from lifecycle.core.model import Book, Lifecycle, Stage
from lifecycle.core.state import AccountState, Track
from lifecycle.core.values import Value
from lifecycle.store.board import Ahead, Card, Head
from lifecycle.store.definitions import book_for
from lifecycle.store.engine import Store

from .phrases import count, short_day

SCALE = 1.5
"""A card's bar ends at so many times what is expected."""
DAY = timedelta(days=1)
DAYS = ("day", "days")


# ── columns


@dataclass(frozen=True, slots=True)
class Column:
    """A stage on the board; `stage` is None and `id` the word None for no stage.

    `folded` ones take little room until they are opened: no stage, and end stages.
    """

    stage: str | None
    label: str
    colour: str = ""
    expected: str = ""
    end: bool = False
    disabled: bool = False
    currency: str | None = None
    head: Head = field(default_factory=Head)

    @property
    def id(self) -> str:
        """As an address names it."""
        return NONE if self.stage is None else self.stage

    @property
    def folded(self) -> bool:
        """Whether it is opened on demand only."""
        return self.stage is None or self.end

    @property
    def median(self) -> str:
        """`median 24 of 30 d`; empty where nobody has days (T28)."""
        middle = self.head.days.median
        if middle is None or self.end:
            return ""
        number, _, unit = self.expected.partition(" ")
        expected = f" of {int(number):,}" if unit in DAYS else ""
        return f"median {whole_days(middle):,}{expected} d"

    @property
    def arr(self) -> str:
        """`EUR 61.2M`; empty for nothing."""
        return brief(self.head.arr, self.currency) if self.head.arr else ""


def columns(book: Book, lifecycle: Lifecycle, heads: Mapping[str | None, Head]) -> list[Column]:
    """None, the stages in order, and those only accounts of another version are in (R24)."""
    arr = book.account.fields.get("arr")
    currency = arr.currency if arr else None
    known = {stage.id for stage in lifecycle.stages}
    others = sorted(stage for stage in heads if stage is not None and stage not in known)
    return [
        Column(None, NONE, currency=currency, head=heads.get(None, Head())),
        *(_column(stage, currency, heads) for stage in lifecycle.stages),
        *(Column(one, one, disabled=True, currency=currency, head=heads[one]) for one in others),
    ]


def _column(stage: Stage, currency: str | None, heads: Mapping[str | None, Head]) -> Column:
    return Column(
        stage.id,
        stage.label,
        stage.colour,
        "" if stage.end or stage.expected is None else str(stage.expected),
        stage.end,
        stage.disabled,
        currency,
        heads.get(stage.id, Head()),
    )


def brief(cents: int, currency: str | None) -> str:
    """An amount in as few signs as a head has room for: `EUR 61.2M`, `EUR 48.2k`, `EUR 900`."""
    whole = cents / 100
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(whole) >= size:
            short = f"{whole / size:.0f}" if abs(whole) >= 100 * size else f"{whole / size:.1f}"
            amount = short.removesuffix(".0") + letter
            break
    else:
        amount = f"{whole:.0f}"
    return f"{currency} {amount}" if currency else amount


# ── cards


@dataclass(frozen=True, slots=True)
class Face:
    """What a card says. `days` is None for no value (T28); `part` and `tick` are shares of its bar.

    `mark` is `stuck`, `late` or empty, `marked` its words; `sign` is an icon for `next`.
    """

    card: Card
    days: int | None
    said: str
    mark: str
    marked: str
    sign: str
    next: str
    colour: str = ""
    part: float | None = None
    tick: float | None = None

    @property
    def figure(self) -> str:
        """The number that `said` begins with, if it does."""
        first = self.said.partition(" ")[0]
        return first if first[:1].isdigit() else ""

    @property
    def rest(self) -> str:
        """What follows the figure."""
        return self.said[len(self.figure) :]

    @property
    def aloud(self) -> str:
        """The card in one breath."""
        parts = (self.card.name, self.said, self.marked, self.next)
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Faces:
    """Makes faces. `books` are by the version of the lifecycle that accounts run; None is the newest."""

    lifecycle: str
    books: Mapping[int | None, Book]
    now: datetime
    zone: tzinfo

    def of(self, card: Card) -> Face:
        """One card's."""
        book, now = self.book(card.version), self.now + timedelta(seconds=card.lead)
        state = AccountState(card.account, fields=_fields(card))
        track = _track(self.lifecycle, card)
        days = whole_days(days_in_stage(state, track, now))
        due = late_from(book, state, track)
        stage = book.lifecycles[self.lifecycle].stage(card.stage)
        mark = "stuck" if card.stuck else "late" if card.late else ""
        return Face(
            card,
            days,
            self._days_said(card, days, _expected(stage)),
            mark,
            _marked(mark, due, now),
            *self._next(book, card, now),
            stage.colour if stage else "",
            *_bar(card, due, now),
        )

    def book(self, version: int | None) -> Book:
        """The book that says what is expected of an account on this version."""
        return self.books.get(version) or self.books[None]

    def _days_said(self, card: Card, days: int | None, expected: str) -> str:
        if card.cancelled:
            return "Cancelled"
        if card.stage is None:
            return ""
        if card.ended_at is not None:
            return f"Ended {self._day(card.ended_at)}"
        return _of(days or 0, expected)

    def _next(self, book: Book, card: Card, now: datetime) -> tuple[str, str]:
        """The sign and the words of what comes; a hold stands before everything (R18)."""
        if card.hold_until is not None:
            return "pause", f"On hold to {self._day(card.hold_until)}"
        ahead = card.ahead
        if ahead is None:
            return "", ""
        if ahead.kind == "cta":
            return "flag", f"CTA due {self._day(ahead.at)}"
        return _foretold(book.lifecycles.get(self.lifecycle), ahead, now)

    def _day(self, at: datetime) -> str:
        """`27 Nov`, with the year where it is another."""
        day = at.astimezone(self.zone).date()
        return short_day(day, self.now.astimezone(self.zone).date())


async def faces(
    store: Store, book: Book, lifecycle: str, cards: list[Card], now: datetime, zone: tzinfo
) -> Faces:
    """For these cards: with the definitions of every version among them."""
    newest = book.lifecycles[lifecycle].version
    books: dict[int | None, Book] = {None: book, newest: book}
    for version in {card.version for card in cards} - books.keys():
        books[version], _ = await book_for(store, {lifecycle: version or newest})
    return Faces(lifecycle, books, now, zone)


def _fields(card: Card) -> dict[str, Value]:
    return {"time_zone": card.time_zone, **({"status": "cancelled"} if card.cancelled else {})}


def _track(lifecycle: str, card: Card) -> Track:
    return Track(lifecycle, card.stage, counting_since=card.counting_since, ended_at=card.ended_at)


def _expected(stage: Stage | None) -> str:
    return str(stage.expected) if stage and stage.expected and not stage.end else ""


def _of(days: int, expected: str) -> str:
    """`44 of 30 days`; `3 days of 2 weeks`; `3 days` where nothing is expected."""
    if not expected:
        return count(days, "day")
    number, _, unit = expected.partition(" ")
    if unit in DAYS:
        return f"{days:,} of {int(number):,} {unit}"
    return f"{count(days, 'day')} of {expected}"


def _bar(card: Card, due: datetime | None, now: datetime) -> tuple[float | None, float | None]:
    if due is None or card.counting_since is None or due <= card.counting_since:
        return None, None
    passed = (now - card.counting_since) / (due - card.counting_since)
    return min(max(passed / SCALE, 0.0), 1.0), 1 / SCALE


def _marked(mark: str, due: datetime | None, now: datetime) -> str:
    if mark != "late" or due is None or now - due < DAY:
        return mark.capitalize()
    return f"{(now - due).days:,} d late"


def _foretold(lifecycle: Lifecycle | None, ahead: Ahead, now: datetime) -> tuple[str, str]:
    when = _when(ahead.at, now)
    if ahead.kind != "move":
        return "clock", f"{ahead.kind.capitalize()} {when}"
    stage = lifecycle.stage(ahead.stage) if lifecycle else None
    return "arrow", f"{stage.label if stage else ahead.stage or NONE} {when}"


def _when(at: datetime, now: datetime) -> str:
    """`in 3 d`, `in 5 h`; what should have happened does so once the engine has caught up."""
    hours = (at - now) / timedelta(hours=1)
    if hours <= 0:
        return "any moment"
    return f"in {round(hours / 24)} d" if hours >= 23.5 else f"in {max(round(hours), 1)} h"
