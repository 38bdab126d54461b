"""What a rehearsal adds up: each slice of accounts counts for itself, and the counts are added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, TypeVar

from lifecycle.core.parting import Compared
from lifecycle.core.trail import Mark, Sort

MONTH: Final = timedelta(days=30)
WEEKS: Final = 13
"""The load is looked at over so many whole weeks before the present one, or since the date asked for."""
Way = tuple[str, str | None, str | None]
Pair = tuple[int, int]
Name = TypeVar("Name")


@dataclass(frozen=True, slots=True)
class WayGone:
    """So many accounts stand in `live` today and would stand in `draft`; None: in no stage."""

    lifecycle: str
    live: str | None
    draft: str | None
    accounts: int


@dataclass(frozen=True, slots=True)
class Load:
    """CTAs opened for an owner in the week of that Monday."""

    owner: str
    week: date
    live: int
    draft: int


@dataclass(frozen=True, slots=True)
class Sums:
    """`Totals` as they are kept (JSON). `furthest` are seconds."""

    accounts: int = 0
    inputs: int = 0
    same: int = 0
    folded_twice: int = 0
    elsewhere: int = 0
    ways: list[WayGone] = field(default_factory=list)
    differing: dict[str, int] = field(default_factory=dict)
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)
    recent_ctas: tuple[int, int] = (0, 0)
    dates: int = 0
    dates_alone: int = 0
    furthest: float = 0.0
    load: list[Load] = field(default_factory=list)
    templates: dict[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(slots=True)
class Totals:
    """Of all accounts looked at; pairs are live, draft.

    `ways` counts accounts by lifecycle, stage today and stage by the draft; `differing` by what differs (`stage`,
    `dates`, `mail`, `cta`, `other`); `load` are CTAs opened, by owner and the Monday of the week; `templates` e-mails.
    `dates_alone` are entries into a stage that only one life has; `elsewhere` accounts that stand elsewhere than the
    live definitions alone would have them; `folded_twice` those whose record was not of the live definitions alone.
    """

    accounts: int = 0
    inputs: int = 0
    same: int = 0
    folded_twice: int = 0
    elsewhere: int = 0
    ways: Counter[Way] = field(default_factory=Counter)
    differing: Counter[str] = field(default_factory=Counter)
    counts: dict[Sort, Pair] = field(default_factory=dict)
    recent_ctas: Pair = (0, 0)
    dates: int = 0
    dates_alone: int = 0
    furthest: float = 0.0
    load: dict[tuple[str, date], Pair] = field(default_factory=dict)
    templates: dict[str, Pair] = field(default_factory=dict)

    def add(self, other: Totals) -> None:
        """Take another slice in."""
        for name in ("accounts", "inputs", "same", "folded_twice", "elsewhere", "dates"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.dates_alone += other.dates_alone
        self.furthest = max(self.furthest, other.furthest)
        self.ways += other.ways
        self.differing += other.differing
        self.recent_ctas = plus(self.recent_ctas, other.recent_ctas)
        _add(self.counts, other.counts)
        _add(self.load, other.load)
        _add(self.templates, other.templates)

    def sums(self) -> Sums:
        """As it is kept."""
        return Sums(
            self.accounts,
            self.inputs,
            self.same,
            self.folded_twice,
            self.elsewhere,
            [WayGone(*way, number) for way, number in self.ways.most_common()],
            dict(self.differing),
            {sort.value: pair for sort, pair in self.counts.items()},
            self.recent_ctas,
            self.dates,
            self.dates_alone,
            self.furthest,
            [Load(*key, *pair) for key, pair in sorted(self.load.items())],
            {name: self.templates[name] for name in sorted(self.templates)},
        )

    def compare(self, one: Compared) -> None:
        """Count an account that was compared."""
        self.accounts += 1
        self.same += one.same
        for sort, pair in one.counts.items():
            self.counts[sort] = plus(self.counts.get(sort, (0, 0)), pair)
        for lifecycle, (live, draft) in one.stages.items():
            self.ways[lifecycle, live, draft] += 1
        self.differing.update(kinds_of(one))
        self.dates += len(one.dates)
        apart = [abs(found.seconds) for found in one.dates if found.seconds is not None]
        self.dates_alone += len(one.dates) - len(apart)
        self.furthest = max([self.furthest, *apart])

    def count(self, marks: Iterable[Mark], owner: dict[str, str], side: int, now: datetime) -> None:
        """Count what one life did; `owner` has the people behind roles, `side` is 0 for live and 1 for the draft."""
        first = week_of(now) - timedelta(weeks=WEEKS)
        pair = (1 - side, side)
        for mark in marks:
            if mark.sort is Sort.MAIL:
                self.templates[mark.what] = plus(self.templates.get(mark.what, (0, 0)), pair)
            elif mark.sort is Sort.CTA:
                if mark.at > now - MONTH:
                    self.recent_ctas = plus(self.recent_ctas, pair)
                week = week_of(mark.at)
                if first <= week < week_of(now):
                    key = owner.get(mark.owner, mark.owner), week
                    self.load[key] = plus(self.load.get(key, (0, 0)), pair)


def plus(one: Pair, other: Pair) -> Pair:
    """Both added."""
    return one[0] + other[0], one[1] + other[1]


def _add(mine: dict[Name, Pair], other: dict[Name, Pair]) -> None:
    for key, pair in other.items():
        mine[key] = plus(mine.get(key, (0, 0)), pair)


def week_of(at: datetime) -> date:
    """The Monday of its week (UTC)."""
    return at.date() - timedelta(days=at.weekday())


def kinds_of(one: Compared) -> list[str]:
    """By what an account that differs is found: `stage`, `dates`, `mail`, `cta`, `other`."""
    found = ["stage"] if one.stages else []
    found += ["dates"] if one.dates else []
    found += [sort.value for sort in (Sort.MAIL, Sort.CTA) if sort in one.differ]
    return found or ([] if one.same else ["other"])
