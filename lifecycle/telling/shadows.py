"""Lines in shadow beside the live ones, counted and in words (N11): one telling for report, page and API."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any, Final

from lifecycle.core.codec import decoder
from lifecycle.core.conditions import NONE
from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.core.values import Value
from lifecycle.definition.condition_words import Labels
from lifecycle.store.engine import Store
from lifecycle.store.moment import now_of
from lifecycle.store.reports.periods import Period
from lifecycle.store.reports.scope import Scope
from lifecycle.store.reports.shadow_match import MOVE, Deed, Pair, Verdict, Watched
from lifecycle.store.reports.shadows import compared, in_shadow

from .phrases import count, value_words

VALUE: Final = decoder(Value)
DAY: Final = timedelta(days=1)
MONTH: Final = timedelta(days=30)
SOON: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Beside:
    """How often a line would have acted, and what was done beside it; `missed` are moves it would not have made.

    `later` is the median of how much later the same was done, below zero earlier; None where it never was.
    """

    same: int = 0
    other: int = 0
    nothing: int = 0
    missed: int = 0
    later: timedelta | None = None

    @property
    def would(self) -> int:
        """How often it would have acted."""
        return self.same + self.other + self.nothing

    @property
    def said(self) -> str:
        """`would have acted 12 times: the same was done 9 times (2 days later, in the middle), nothing 3 times.`"""
        if not self.would:
            return f"would not have acted.{self._missed()}"
        parts = [f"the same was done {times(self.same)}{self._when()}"] if self.same else []
        parts += [f"something else {times(self.other)}"] if self.other else []
        parts += [f"nothing {times(self.nothing)}"] if self.nothing else []
        return f"would have acted {times(self.would)}: {', '.join(parts)}.{self._missed()}"

    def _when(self) -> str:
        return f" ({later_words(self.later)}, in the middle)" if self.later is not None else ""

    def _missed(self) -> str:
        return f" It would have missed {count(self.missed, 'move')}." if self.missed else ""


def beside(pairs: Iterable[Pair]) -> Beside:
    """The pairs of a line, counted."""
    found = list(pairs)
    numbers = {one: sum(pair.verdict is one for pair in found) for one in Verdict}
    laters = [
        pair.later for pair in found if pair.verdict is Verdict.SAME and pair.later is not None
    ]
    return Beside(
        numbers[Verdict.SAME],
        numbers[Verdict.OTHER],
        numbers[Verdict.NOTHING],
        numbers[Verdict.MISSED],
        timedelta(seconds=median(one.total_seconds() for one in laters)) if laters else None,
    )


async def last_month(store: Store, book: Book, lifecycle: str, now: datetime) -> dict[str, Beside]:
    """By key, each line of a lifecycle that is in shadow: how it did in the last 30 days."""
    if not any(line.shadow for line in book.lifecycles[lifecycle].automations):
        return {}
    today = now.astimezone(UTC).date()
    scope = Scope(await now_of(store, now), (lifecycle,))
    watched = await in_shadow(store, book, scope.lifecycles)
    pairs = await compared(store, book, scope, Period(today - MONTH, today)) if watched else []
    return {one.line.key: beside(_of(pairs, one.line.key)) for one in watched}


def _of(pairs: Sequence[Pair], key: str) -> list[Pair]:
    return [pair for pair in pairs if pair.automation == key]


def line_named(book: Book, text: str, watched: Sequence[Watched]) -> str:
    """A line's key by key or by its name alone. Raises `Refusal` with the nearest of those in shadow."""
    lines = [line for one in book.lifecycles.values() for line in one.automations]
    found = [line.key for line in lines if text in (line.key, line.name)]
    if len(found) == 1:
        return found[0]
    if found:
        remedy = f"Name the lifecycle too: {', '.join(found)}."
        raise Refusal("ambiguous", f"There are several automations {text!r}.", remedy, "automation")
    known = [one.line.key for one in watched] or [line.key for line in lines]
    said = f"There is no automation {text!r}."
    raise Refusal("unknown_automation", said, did_you_mean(text, known), "automation")


# ── words


def times(number: int) -> str:
    """`once`, `12 times`."""
    return "once" if number == 1 else f"{number:,} times"


def later_words(later: timedelta) -> str:
    """`2 days later`, `3 hours earlier`, `at the same time`."""
    if abs(later) < SOON:
        return "at the same time"
    return f"{_length(abs(later))} {'later' if later > timedelta() else 'earlier'}"


def _length(length: timedelta) -> str:
    if length >= DAY:
        return count(round(length / DAY), "day")
    if length >= timedelta(hours=1):
        return count(round(length / timedelta(hours=1)), "hour")
    return count(round(length / timedelta(minutes=1)), "minute")


class Telling:
    """What was done or would have been, with the labels of a book."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.labels = Labels(book)

    def deed(self, deed: Deed) -> str:
        """`Customer journey: to Launched`, `E-mail “welcome”`, `Plan: Pro`."""
        if deed.kind == MOVE:
            stage = self.labels.stage(deed.lifecycle, deed.key) if deed.key else NONE
            return f"{self.labels.lifecycle(deed.lifecycle)}: to {stage}"
        if deed.kind == "field":
            return f"{self.labels.field(deed.key or '')}: {self._value(deed)}"
        words = {"mail": f"E-mail “{deed.key}”", "webhook": f"Call “{deed.key}”"}
        return words.get(deed.kind) or f"CTA “{deed.value}” ({deed.key})"

    def _value(self, deed: Deed) -> str:
        value: Any = deed.value
        return value_words(VALUE(value), self.book.account.fields.get(deed.key or ""))

    def pair(self, pair: Pair) -> str:
        """What was done beside it, and when."""
        if pair.verdict is Verdict.NOTHING or pair.done is None:
            return "Nothing"
        by = "" if pair.done.automatic else f" by {pair.done.by}"
        when = f", {later_words(pair.later)}" if pair.later is not None else ""
        what = "The same" if pair.verdict is Verdict.SAME else self.deed(pair.done)
        return f"{what}{by}{when}"
