"""How long accounts stay, from stays that ended and stays that go on; and what that lets one expect (N4).

Per stage the estimator of Aalen and Johansen: Kaplan and Meier's for several ways out. A stay that goes on counts as
seen up to now. Rolled forward, every account leaves as those before it did that had stayed as long. No dice: the
interval comes from leaving out one tenth of the accounts after the other (jackknife) and from the chance of counts.
Days are whole days of elapsed time; a stage is an id, or None for no stage.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from math import ceil, floor, sqrt
from typing import Final

Stage = str | None
FEW: Final = 10
"""Where fewer stays were seen to last that long, the days from there on are taken together."""
GROUPS: Final = 10
EIGHTY: Final = 1.2815515655446004
"""Standard deviations to either side that hold 80 % of a normal distribution."""


@dataclass(slots=True)
class Seen:
    """Stays in one stage: how many ended after so many days and in which stage, and how many go on since so many."""

    ended: Counter[tuple[int, Stage]] = field(default_factory=Counter)
    running: Counter[int] = field(default_factory=Counter)

    def without(self, other: Seen) -> Seen:
        """These but for those."""
        return Seen(self.ended - other.ended, self.running - other.running)

    @property
    def longest(self) -> int:
        """The days of the longest of them."""
        return max([0, *(days for days, _ in self.ended), *self.running])


@dataclass(frozen=True, slots=True)
class Pace:
    """How accounts leave a stage. `still[d]` stay longer than d days; `into[stage][d]` leave for it on day d.

    All are shares of those that ever came, for d from 0 to the days that were asked for.
    """

    still: Sequence[float]
    into: Mapping[Stage, Sequence[float]]

    def by(self, stage: Stage) -> list[float]:
        """The share that has left for the stage by the end of each day."""
        return list(accumulate(self.into.get(stage, ())))


def pace(seen: Seen, until: int, few: int = FEW) -> Pace:
    """The estimate for the days 0 to `until`; with `few` 0, to the letter.

    Else the days from which on fewer than `few` stays were at risk have one hazard in common, which goes on beyond
    the longest stay: one of a single account says nothing about its day.
    """
    ways = sorted({stage for _, stage in seen.ended}, key=_order)
    leaving = Leaving(seen, few)
    still, share = [], 1.0
    into: dict[Stage, list[float]] = {stage: [] for stage in ways}
    for day in range(until + 1):
        gone = 0.0
        for stage in ways:
            leaves = share * leaving.hazard(day, stage)
            into[stage].append(leaves)
            gone += leaves
        share = max(share - gone, 0.0)
        still.append(share)
    return Pace(still, into)


def _order(stage: Stage) -> str:
    return stage or ""


class Leaving:
    """The hazards of a stage: of those there at the beginning of a day, the share that leaves on it for a stage."""

    def __init__(self, seen: Seen, few: int) -> None:
        self._seen = seen
        self._at_risk = _at_risk(seen)
        self._tail = next((d for d, n in enumerate(self._at_risk) if n < few), len(self._at_risk))
        self._stayed = sum(self._at_risk[self._tail :])
        self._late: Counter[Stage] = Counter()
        for (day, stage), number in seen.ended.items():
            if day >= self._tail:
                self._late[stage] += number
        self._pooled = few > 0

    def hazard(self, day: int, stage: Stage) -> float:
        """0 to 1."""
        if day < self._tail:
            return self._seen.ended[day, stage] / self._at_risk[day] if self._at_risk[day] else 0.0
        return self._late[stage] / self._stayed if self._pooled and self._stayed else 0.0


def _at_risk(seen: Seen) -> list[int]:
    """How many stays had not ended before each day, up to the longest."""
    over: Counter[int] = Counter(seen.running)
    for (day, _), number in seen.ended.items():
        over[day] += number
    there, found = over.total(), []
    for day in range(seen.longest + 1):
        found.append(there)
        there -= over[day]
    return found if over else []


# ── rolled forward


Standing = Mapping[Stage, Counter[int]]
"""By stage, how many accounts have been there for so many days."""


def rolled(paces: Mapping[Stage, Pace], standing: Standing, days: int) -> dict[Stage, list[float]]:
    """How many accounts reach each stage on each of the next `days` days, as expected; index 0 is today, and 0.

    They leave where they stand as those did that stayed longer than they have, and where they come to as all did.
    """
    stages = sorted({*paces, *(way for one in paces.values() for way in one.into)}, key=_order)
    flow = {stage: [0.0] * (days + 1) for stage in stages}
    for stage, ages in standing.items():
        if stage in paces:
            _leave(flow, paces[stage], ages, days)
    for day in range(1, days + 1):
        for place, stage in enumerate(stages):
            if stage in paces and flow[stage][day]:
                _come_through(flow, paces[stage], flow[stage][day], day, stages[: place + 1])
    return flow


def _leave(flow: dict[Stage, list[float]], of: Pace, ages: Counter[int], days: int) -> None:
    for age, number in ages.items():
        if of.still[age] > 0:
            each = number / of.still[age]
            for way, shares in of.into.items():
                ahead = shares[age + 1 : age + 1 + days]
                _add(flow[way], 1, each, ahead)


def _come_through(
    flow: dict[Stage, list[float]], of: Pace, number: float, day: int, done: Sequence[Stage]
) -> None:
    """Those that come to a stage on a day leave it again; on that very day only for stages still to be looked at."""
    room = len(flow[done[-1]]) - day
    for way, shares in of.into.items():
        late = 1 if way in done else 0
        _add(flow[way], day + late, number, shares[: room - late])


def _add(to: list[float], at: int, number: float, shares: Sequence[float]) -> None:
    end = at + len(shares)
    to[at:end] = [had + number * one for had, one in zip(to[at:end], shares, strict=True)]


def chance(
    paces: Mapping[Stage, Pace], standing: Standing, first: int, last: int, to: Stage, whole: bool
) -> tuple[float, float]:
    """Of the first moves of those standing, on the days `first` to `last`: how many are expected, and their variance.

    Each account makes it or not. `whole`: to any stage, not only `to`.
    """
    mean = variance = 0.0
    for stage, ages in standing.items():
        of = paces.get(stage)
        ways = ([*of.into] if whole else [to] if to in of.into else []) if of else []
        sums = [[0.0, *accumulate(of.into[way])] for way in ways] if of else []
        for age, number in ages.items():
            if of is None or of.still[age] <= 0:
                continue
            share = sum(one[age + last + 1] - one[age + first] for one in sums) / of.still[age]
            share = min(share, 1.0)
            mean += number * share
            variance += number * share * (1 - share)
    return mean, variance


# ── expected, with its interval


@dataclass(frozen=True, slots=True)
class Expected:
    """A number to come: what is expected, and between what it lies in four of five cases, both included."""

    mean: float
    low: int
    high: int
    variance: float = field(default=0.0, compare=False)

    def __contains__(self, number: int) -> bool:
        """Whether a number lies in the interval."""
        return self.low <= number <= self.high


def expected(mean: float, variance: float) -> Expected:
    """A count with that mean and variance: spread as a negative binomial, or narrower than chance as a normal."""
    if mean <= 0:
        return Expected(0.0, 0, 0)
    if variance < mean * (1 - 1e-6):
        wide = EIGHTY * sqrt(max(variance, 0.0))
        low, high = max(0, ceil(mean - wide - 0.5)), floor(mean + wide + 0.5)
        return Expected(mean, low, high, variance)
    return Expected(mean, *_between(mean, max(variance, mean * (1 + 1e-6))), variance)


def together(several: Iterable[Expected]) -> Expected:
    """The sum of numbers that have nothing to do with each other."""
    found = list(several)
    return expected(sum(one.mean for one in found), sum(one.variance for one in found))


def _between(mean: float, variance: float) -> tuple[int, int]:
    """The counts below and above which one in ten lies; of many, as a normal."""
    if mean > 400:
        wide = EIGHTY * sqrt(variance)
        return max(0, round(mean - wide)), round(mean + wide)
    size = mean * mean / (variance - mean)
    share = (size / (size + mean)) ** size
    low, passed, count = None, 0.0, 0
    while True:
        passed += share
        if low is None and passed >= 0.1:
            low = count
        if passed >= 0.9:
            return low or 0, count
        share *= (size + count) / (count + 1) * mean / (size + mean)
        count += 1


@dataclass(slots=True)
class Stays:
    """Stays of one lifecycle by stage, of all accounts and of each of the `GROUPS` they are divided into."""

    seen: dict[Stage, Seen] = field(default_factory=dict)
    of_group: dict[tuple[int, Stage], Seen] = field(default_factory=dict)

    def ended(self, group: int, stage: Stage, days: int, into: Stage) -> None:
        """A stay that is over."""
        for one in self._both(group, stage):
            one.ended[days, into] += 1

    def goes_on(self, group: int, stage: Stage, days: int) -> None:
        """A stay that is not over, or was cut off."""
        for one in self._both(group, stage):
            one.running[days] += 1

    def _both(self, group: int, stage: Stage) -> tuple[Seen, Seen]:
        whole = self.seen.setdefault(stage, Seen())
        return whole, self.of_group.setdefault((group, stage), Seen())

    def paces(self, until: int, without: int | None = None) -> dict[Stage, Pace]:
        """Of every stage; `without` leaves a group out."""
        found = {}
        for stage, seen in self.seen.items():
            less = self.of_group.get((without, stage)) if without is not None else None
            found[stage] = pace(seen.without(less) if less else seen, until)
        return found


Steps = Sequence[tuple[int, int]]
"""Days ahead, first and last of each step, both included; 1 is tomorrow."""
Key = tuple[int, Stage, bool]
"""The place of a step and a stage; True with None: moves to any stage."""


def outlook(stays: Stays, standing: Standing, steps: Steps) -> dict[Key, Expected]:
    """What is expected of each step, for each stage and in all; what is nothing is left out."""
    if not steps or not any(standing.values()):
        return {}
    days = max(last for _, last in steps)
    until = max(age for ages in standing.values() for age in ages) + days + 1
    paces = stays.paces(until)
    means = _sums(rolled(paces, standing, days), steps)
    groups = [group for group in range(GROUPS) if any(of == group for of, _ in stays.of_group)]
    others = [_sums(rolled(stays.paces(until, group), standing, days), steps) for group in groups]
    return {
        key: _with_interval(
            key, mean, [one.get(key, 0.0) for one in others], paces, standing, steps
        )
        for key, mean in means.items()
        if mean > 0
    }


def _sums(flow: Mapping[Stage, Sequence[float]], steps: Steps) -> dict[Key, float]:
    found: dict[Key, float] = {}
    for place, (first, last) in enumerate(steps):
        for stage, numbers in flow.items():
            found[place, stage, False] = sum(numbers[first : last + 1])
        found[place, None, True] = sum(found[place, stage, False] for stage in flow)
    return found


def _with_interval(
    key: Key,
    mean: float,
    others: Iterable[float],
    paces: Mapping[Stage, Pace],
    standing: Standing,
    steps: Steps,
) -> Expected:
    place, stage, whole = key
    first, last = steps[place]
    direct, variance = chance(paces, standing, first, last, stage, whole)
    by_chance = variance + max(mean - direct, 0.0)
    return expected(mean, by_chance + jackknifed(list(others)))


def jackknifed(others: Sequence[float]) -> float:
    """The variance of an estimate from what it is without each group."""
    if len(others) < 2:
        return 0.0
    middle = sum(others) / len(others)
    return (len(others) - 1) / len(others) * sum((one - middle) ** 2 for one in others)
