"""What a report was asked, read: definitions, lifecycles, the moment, whom it is about, which days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement

from lifecycle.core.model import Book, Lifecycle
from lifecycle.core.refusal import Refusal
from lifecycle.store.engine import Store
from lifecycle.store.moment import AsOf, Moment, Now
from lifecycle.store.reports.periods import Period
from lifecycle.store.reports.scope import Scope
from lifecycle.telling.accounts import lifecycle_named
from lifecycle.telling.audience import Asked as Whom
from lifecycle.telling.audience import Audience
from lifecycle.telling.phrases import written_day
from lifecycle.telling.spans import read_span

from .audience import audience
from .desk import Desk
from .report_options import Asked, AskedEver, AskedPeriod

DEFAULT_DAYS = 90
EVER = date(1900, 1, 1)
"""Before anything that a database of customers holds."""


@dataclass(frozen=True, slots=True)
class Question:
    """A report's question. `only` filters a select over `account`; `facts` and `said` tell it back."""

    desk: Desk
    store: Store
    book: Book
    moment: Moment
    lifecycles: list[Lifecycle]
    only: ColumnElement[bool] | None = None
    period: Period | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    said: str = ""

    @property
    def at(self) -> datetime:
        """The instant it is asked of."""
        return instant_of(self.moment)

    @property
    def scope(self) -> Scope:
        """Whom and when it is about, as the store takes it."""
        return Scope(self.moment, tuple(one.id for one in self.lifecycles), self.only)

    @property
    def days(self) -> Period:
        """The days it covers; only of a report between two days."""
        assert self.period is not None
        return self.period


def instant_of(moment: Moment) -> datetime:
    """The instant a moment is about; now, the wall clock."""
    return moment.now if isinstance(moment, Now) else moment.at


async def question(desk: Desk, asked: Asked) -> Question:
    """Read the shared options. Raises `Refusal` for a lifecycle, a date or a sentence that makes no sense."""
    meant = await audience(desk, Whom(asked.segment, asked.where or (), asked.as_of, asked.known))
    now = instant_of(meant.moment)
    period = read_period(asked, now) if isinstance(asked, AskedPeriod) else None
    return Question(
        desk,
        await desk.store(),
        meant.book,
        meant.moment,
        _lifecycles(meant.book, asked.lifecycle),
        meant.sql() if meant.condition is not None else None,
        period,
        _facts(asked, meant, period),
        " · ".join(_said(desk, meant, period)),
    )


def _lifecycles(book: Book, named: str | None) -> list[Lifecycle]:
    return [lifecycle_named(book, named)] if named else list(book.lifecycles.values())


def read_period(asked: AskedPeriod, now: datetime) -> Period:
    """The days of `--from` and `--to`. Raises `Refusal`."""
    today = now.astimezone(UTC).date()
    last = min(_day(asked.last, today), today) if asked.last else today
    first = _day(asked.first, today) if asked.first else _default(asked, last)
    if first > last:
        said = f"The days from {first} to {last} are none."
        raise Refusal("bad_period", said, "--from is the earlier day, and not in the future.")
    return Period(first, last)


def _default(asked: AskedPeriod, last: date) -> date:
    return EVER if isinstance(asked, AskedEver) else last - timedelta(days=DEFAULT_DAYS)


def _day(text: str, today: date) -> date:
    """A day as typed, or how long ago."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        pass
    try:
        return today - timedelta(days=read_span(text).days)
    except Refusal:
        said = f"{text!r} is no day."
        raise Refusal(
            "bad_day", said, "Write it like 2026-07-01, or like 90d: so long ago."
        ) from None


def _facts(asked: Asked, meant: Audience, period: Period | None) -> dict[str, Any]:
    """What was asked, for programs: what was left out is not named."""
    facts: dict[str, Any] = {"lifecycle": asked.lifecycle, "segment": asked.segment}
    facts["where"] = list(asked.where) if asked.where else None
    if isinstance(meant.moment, AsOf):
        facts |= {"as_of": meant.moment.at, "known": meant.moment.known}
    facts |= (
        {"from": period.first if period.first > EVER else None, "to": period.last} if period else {}
    )
    return {name: value for name, value in facts.items() if value is not None}


def _said(desk: Desk, meant: Audience, period: Period | None) -> Iterator[str]:
    if period is not None:
        begins = f"{written_day(period.first)} " if period.first > EVER else "up "
        yield f"{begins}to {written_day(period.last)}"
    if isinstance(meant.moment, AsOf):
        yield f"as of {desk.moment(meant.moment.at)}"
        if meant.moment.known != meant.moment.at:
            yield f"as known on {desk.moment(meant.moment.known)}"
    if meant.condition is not None:
        yield f"{meant.title}: {meant.said}"
