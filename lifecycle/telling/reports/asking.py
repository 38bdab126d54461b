"""What a report was asked, read: definitions, lifecycles, the moment, whom it is about, which days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Final

from sqlalchemy import ColumnElement

from lifecycle.core.model import Book, Lifecycle
from lifecycle.core.refusal import Refusal
from lifecycle.store.engine import Store
from lifecycle.store.moment import AsOf, Moment, Now
from lifecycle.store.reports.periods import Period, Step
from lifecycle.store.reports.scope import Scope

from ..accounts import lifecycle_named
from ..audience import Asked as Whom
from ..audience import Audience, audience
from ..phrases import moment, written_day
from ..spans import read_span
from ..viewer import Viewer

DEFAULT_DAYS: Final = 90
EVER: Final = date(1900, 1, 1)
"""Before anything that a database of customers holds."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was typed. What the lower half asks for concerns certain reports only (`Kind.options`).

    `first` and `last` are days or lengths of time (`90d` ago); `days` how far to look ahead; `limit` and `after`
    page by account.
    """

    lifecycle: str | None = None
    segment: str | None = None
    where: Sequence[str] = ()
    as_of: str | None = None
    known: str | None = None
    first: str | None = None
    last: str | None = None
    by: Step | None = None
    start: str | None = None
    days: int = DEFAULT_DAYS
    by_csm: bool = False
    scorecard: str | None = None
    campaign: str | None = None
    listed: bool = False
    account: str | None = None
    automation: str | None = None
    limit: int | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A report's question. `only` filters a select over `account`; `facts` and `said` tell it back."""

    asked: Asked
    store: Store
    zone: tzinfo
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
    def named_scope(self) -> Scope:
        """The same of what belongs to no lifecycle too, unless one was named."""
        return Scope(self.moment, self.scope.lifecycles if self.asked.lifecycle else (), self.only)

    @property
    def days(self) -> Period:
        """The days it covers; only of a report between two days."""
        assert self.period is not None
        return self.period

    def by(self, default: Step = Step.WEEK) -> Step:
        """What it tells apart."""
        return self.asked.by or default

    def written(self, at: datetime) -> str:
        """An instant in the viewer's zone."""
        return moment(at, self.zone)


def instant_of(moment: Moment) -> datetime:
    """The instant a moment is about; now, the wall clock."""
    return moment.now if isinstance(moment, Now) else moment.at


async def question(
    viewer: Viewer, asked: Asked, *, days: bool = False, ever: bool = False
) -> Question:
    """Read what was asked. `days`: between two days; `ever`: from the beginning unless a first day is named.

    Raises `Refusal` for a lifecycle, a date or a sentence that makes no sense.
    """
    meant = await audience(viewer, Whom(asked.segment, asked.where, asked.as_of, asked.known))
    period = read_period(asked, instant_of(meant.moment), ever) if days else None
    return Question(
        asked,
        viewer.store,
        viewer.zone,
        meant.book,
        meant.moment,
        _lifecycles(meant.book, asked.lifecycle),
        meant.sql() if meant.condition is not None else None,
        period,
        _facts(asked, meant, period),
        " · ".join(_said(viewer, meant, period)),
    )


def _lifecycles(book: Book, named: str | None) -> list[Lifecycle]:
    return [lifecycle_named(book, named)] if named else list(book.lifecycles.values())


def read_period(asked: Asked, now: datetime, ever: bool = False) -> Period:
    """The days of `first` and `last`. Raises `Refusal`."""
    today = now.astimezone(UTC).date()
    last = min(_day(asked.last, today), today) if asked.last else today
    usual = EVER if ever else last - timedelta(days=DEFAULT_DAYS)
    first = _day(asked.first, today) if asked.first else usual
    if first > last:
        said = f"The days from {first} to {last} are none."
        raise Refusal("bad_period", said, "--from is the earlier day, and not in the future.")
    return Period(first, last)


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


def _said(viewer: Viewer, meant: Audience, period: Period | None) -> Iterator[str]:
    if period is not None:
        begins = f"{written_day(period.first)} " if period.first > EVER else "up "
        yield f"{begins}to {written_day(period.last)}"
    if isinstance(meant.moment, AsOf):
        yield f"as of {viewer.moment(meant.moment.at)}"
        if meant.moment.known != meant.moment.at:
            yield f"as known on {viewer.moment(meant.moment.known)}"
    if meant.condition is not None:
        yield f"{meant.title}: {meant.said}"
