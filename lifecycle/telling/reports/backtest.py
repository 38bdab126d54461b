"""How good the forecast was: made anew of past days from what was known then, and held against what came (N4)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from lifecycle.core.model import Lifecycle
from lifecycle.core.stays import Expected, outlook
from lifecycle.store.moment import AsOf
from lifecycle.store.reports.forecast import Outlook, Wanted
from lifecycle.store.reports.forecast import outlook as foretell
from lifecycle.store.reports.happened import Moves, first_account, moves_after, sample
from lifecycle.store.reports.scope import Scope
from lifecycle.store.reports.staying import lives
from lifecycle.store.standing import ACCOUNT

from ..phrases import count, written_day
from .asking import Question, instant_of
from .report import Column, Report, number_words, percent

HORIZONS: Final = (30, 60, 90)
APART: Final = timedelta(days=30)
TIMES: Final = 6
MOST: Final = 2_000
"""Accounts that are looked at; how long stays last is learnt from all."""
NOTHING: Final = Expected(0.0, 0, 0)
NO_PAST: Final = (
    f"No account is older than {HORIZONS[-1]} days: there is no past yet to try the forecast on."
)
Told = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Case:
    """One number that was forecast: the moves into a stage within so many days after an instant, and what came."""

    as_of: datetime
    days: int
    lifecycle: str
    stage: str | None
    armed: int
    expected: Expected
    came: int

    @property
    def counts(self) -> bool:
        """A nothing that was foretold and came is no merit."""
        return bool(self.came or self.armed or self.expected.mean >= 0.5)


@dataclass(frozen=True, slots=True)
class Line:
    """The cases of one lifecycle and horizon, over all days and stages."""

    lifecycle: Lifecycle
    days: int
    cases: Sequence[Case]

    @property
    def moves(self) -> int:
        """What came, in all."""
        return sum(case.came for case in self.cases)

    @property
    def held(self) -> float | None:
        """The share of the numbers that lay in their interval."""
        return _held(self.cases)

    @property
    def off(self) -> float | None:
        """By how many moves a number was wrong on average, with stays that last as they did."""
        return _off(self.cases, lambda case: case.expected.mean)

    @property
    def armed_off(self) -> float | None:
        """The same of what was armed alone."""
        return _off(self.cases, lambda case: case.armed)


def _held(cases: Sequence[Case]) -> float | None:
    return sum(case.came in case.expected for case in cases) / len(cases) if cases else None


def _off(cases: Sequence[Case], told: Callable[[Case], float]) -> float | None:
    if not cases:
        return None
    return sum(abs(told(case) - case.came) for case in cases) / len(cases)


async def backtest(asked: Question, tell: Told = lambda _: None) -> Report[Line]:
    """Six forecasts of the past, a month apart, for 30, 60 and 90 days. `tell` hears of accounts foretold anew."""
    cases: list[Case] = []
    looked_at, there = 0, 0
    for at in await instants(asked):
        scope = Scope(AsOf(at, at), asked.scope.lifecycles, asked.only)
        accounts, number = await sample(asked.store, scope, MOST)
        looked_at, there = max(looked_at, len(accounts)), max(there, number)
        mine = replace(scope, only=ACCOUNT.c.id.in_(accounts))
        cases += [case for case in await _cases(asked, mine, accounts, tell) if case.counts]
    lines = [line for one in asked.lifecycles for line in _lines(one, cases)]
    return Report(
        "backtest",
        "How good the forecast was",
        _columns(),
        lines,
        asked.facts | {"accounts": looked_at, "cases": [_data(case) for case in cases]},
        asked.said,
        lambda line: line.lifecycle.title,
        [*_notes(cases), *_part(looked_at, there)],
        "Nothing moved, and nothing was expected to." if there else NO_PAST,
    )


async def instants(asked: Question) -> list[datetime]:
    """The days that are tried, the oldest first: those with accounts, so long ago that it is known what came."""
    last = instant_of(asked.moment) - timedelta(days=HORIZONS[-1])
    first = await first_account(asked.store)
    found = [last - APART * number for number in range(TIMES)]
    return [at for at in reversed(found) if first is not None and first < at]


async def to_foretell(asked: Question) -> int:
    """How many accounts are foretold anew, all days together."""
    numbers = [
        len((await sample(asked.store, replace(asked.scope, moment=AsOf(at, at)), MOST))[0])
        for at in await instants(asked)
    ]
    return sum(numbers)


async def _cases(asked: Question, scope: Scope, accounts: list[str], tell: Told) -> list[Case]:
    """All numbers of one day of the past."""
    coming = await foretell(asked.store, Wanted(scope, HORIZONS[-1]), tell)
    came = await moves_after(asked.store, scope, accounts, HORIZONS)
    found = await lives(asked.store, scope)
    at = instant_of(scope.moment)
    armed = _armed(coming, at)
    steps = [(1, days) for days in HORIZONS]
    cases = []
    for one in asked.lifecycles:
        mine = found[one.id]
        told = await asyncio.to_thread(outlook, mine.stays, mine.standing, steps)
        for stage in [*(stage.id for stage in one.stages), None]:
            for place, days in enumerate(HORIZONS):
                what = (days, one.id, stage)
                expected = told.get((place, stage, False), NOTHING)
                cases.append(Case(at, *what, armed[what], expected, came[what]))
    return cases


def _armed(coming: Outlook, at: datetime) -> Moves:
    found: Moves = Counter()
    for what, number in coming.comes.items():
        for days in HORIZONS:
            if what.kind == "move" and what.day <= (at + timedelta(days=days)).date():
                found[days, what.lifecycle, what.stage] += number
    return found


def _lines(lifecycle: Lifecycle, cases: Sequence[Case]) -> Iterator[Line]:
    for days in HORIZONS:
        mine = [case for case in cases if (case.lifecycle, case.days) == (lifecycle.id, days)]
        if mine:
            yield Line(lifecycle, days, mine)


def _data(case: Case) -> dict[str, Any]:
    return {
        "as_of": case.as_of,
        "days": case.days,
        "lifecycle": case.lifecycle,
        "stage": case.stage,
        "armed": case.armed,
        "expected": round(case.expected.mean, 2),
        "low": case.expected.low,
        "high": case.expected.high,
        "came": case.came,
    }


# ── words


def _notes(cases: Sequence[Case]) -> list[str]:
    """How good it was, in plain words."""
    if not cases:
        return []
    days = sorted({case.as_of for case in cases})
    held, off = _held(cases) or 0.0, _off(cases, lambda case: case.expected.mean) or 0.0
    armed = _off(cases, lambda case: case.armed) or 0.0
    inside = sum(case.came in case.expected for case in cases)
    when = f"{count(len(days), 'day')} from {written_day(days[0].date())} to {written_day(days[-1].date())}"
    if len(days) == 1:
        when = written_day(days[0].date())
    many = count(len(cases), "number")
    made = f"Made anew of {when}, from what was known then: {many}, one a stage, day and horizon."
    inside_said = (
        f"The 80 % interval held {inside:,} of {len(cases):,} ({percent(held)}). {_judged(held)}"
    )
    wrong = (
        f"With stays as they were a number was wrong by {number_words(round(off, 1))} moves on average;"
        f" what was armed alone by {number_words(round(armed, 1))}. {_better(off, armed)}"
    )
    return [made, inside_said, wrong]


def _judged(held: float) -> str:
    if held < 0.7:
        return "It is too narrow: expect surprises."
    return "It is on the safe side." if held > 0.9 else "That is about what it promises."


def _better(off: float, armed: float) -> str:
    if armed <= 0 or abs(off - armed) < 0.05 * max(off, armed):
        return "Neither is better."
    if off < armed:
        return f"The expectation is {percent(1 - off / armed)} closer."
    return f"What is armed is {percent(1 - armed / off)} closer: accounts here move as their timers say."


def _part(looked_at: int, there: int) -> list[str]:
    if looked_at == there:
        return []
    return [
        f"Of {count(there, 'account')} {looked_at:,} were foretold anew; stays are those of all."
    ]


# ── columns


def _columns() -> list[Column[Line]]:
    return [
        Column("lifecycle", "", lambda line: line.lifecycle.id),
        Column("days", "Ahead", lambda line: line.days, lambda line: count(line.days, "day")),
        Column("numbers", "Numbers", lambda line: len(line.cases), right=True),
        Column("moves", "Moves that came", lambda line: line.moves, right=True),
        Column("held", "In the 80 %", _share, lambda line: percent(line.held), right=True),
        Column("off_by", "Wrong by", lambda line: _rounded(line.off), right=True),
        Column("armed_off_by", "Armed alone by", lambda line: _rounded(line.armed_off), right=True),
    ]


def _share(line: Line) -> float | None:
    return _rounded(line.held, 4)


def _rounded(value: float | None, digits: int = 2) -> float | None:
    return None if value is None else round(value, digits)
