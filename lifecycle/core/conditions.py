"""Conditions: one small typed tree, asked in Python here and compiled to SQL in the store.

The Python meaning defined in this file is the reference; the store's compiler is proven equal by a property
test. A positive comparison with a missing value is false, a negation is the plain `not` of it (R17).
Every leaf keeps the sentence it was read from, so that answers to "why" quote what CS ops wrote (N3).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .durations import FIRST, LAST, Duration
from .values import Value

if TYPE_CHECKING:
    from .model import Segment
    from .state import AccountState, Track

NONE = "None"
"""The word for "in no stage" where a stage id may stand (T22)."""


@dataclass(slots=True)
class Facts:
    """What a condition is asked about: an account at an instant, and the event at hand, if any.

    `event` holds the event's typed data plus `id`, `type`, `source` and `time`; `segments` are the book's, which
    `in segment` asks.
    """

    state: AccountState
    now: datetime
    event: dict[str, Value] | None = None
    segments: Mapping[str, Segment] = field(default_factory=dict)

    def track(self, lifecycle: str) -> Track | None:
        """The account's track in a lifecycle when it is in a stage, else None."""
        track = self.state.tracks.get(lifecycle)
        return track if track is not None and track.stage is not None else None


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the account."""

    name: str

    def read(self, facts: Facts) -> Value:
        """The field's value now."""
        return facts.state.fields.get(self.name)


@dataclass(frozen=True, slots=True)
class EventField:
    """A data field of the event at hand (automations only)."""

    name: str

    def read(self, facts: Facts) -> Value:
        """The event's value; None when there is no event."""
        return facts.event.get(self.name) if facts.event else None


@dataclass(frozen=True, slots=True)
class Const:
    """A literal, already of the kind of what it is compared with (money in cents)."""

    value: Value

    def read(self, facts: Facts) -> Value:
        """The literal."""
        return self.value


Operand = Field | EventField | Const


class Op(StrEnum):
    """Comparisons. `contains` is for text and ignores case."""

    IS = "is"
    IS_NOT = "is not"
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    CONTAINS = "contains"
    BEFORE = "is before"
    AFTER = "is after"


def _contains(left: Value, right: Value) -> bool:
    return str(right).casefold() in str(left).casefold()


_POSITIVE: dict[Op, Callable[[Any, Any], bool]] = {
    Op.IS: operator.eq,
    Op.IS_NOT: operator.eq,
    Op.LT: operator.lt,
    Op.BEFORE: operator.lt,
    Op.GT: operator.gt,
    Op.AFTER: operator.gt,
    Op.LE: operator.le,
    Op.GE: operator.ge,
    Op.CONTAINS: _contains,
}
"""What is asked of two values that are there; `is not` is the plain negation of its answer (R17)."""


def _compared(left: Value, op: Op, right: Value) -> bool:
    """A value from before its field was given another kind is as good as missing, as it is to the database."""
    try:
        return _POSITIVE[op](left, right)
    except TypeError:
        return False


@dataclass(frozen=True, slots=True)
class Compare:
    """`seats_used > seats`, `plan is Pro`, `renewal_date is before 2026-01-31`."""

    left: Operand
    op: Op
    right: Operand
    said: str = ""

    def holds(self, facts: Facts) -> bool:
        """Whether the comparison is true of the facts."""
        left, right = self.left.read(facts), self.right.read(facts)
        if left is None or right is None:
            return self.op is Op.IS_NOT
        return _compared(left, self.op, right) is (self.op is not Op.IS_NOT)


@dataclass(frozen=True, slots=True)
class OneOf:
    """`plan is one of Pro, Enterprise` and its plain negation."""

    left: Operand
    values: tuple[Value, ...]
    negated: bool = False
    said: str = ""

    def holds(self, facts: Facts) -> bool:
        """Whether the value is (not) among the values."""
        value = self.left.read(facts)
        return (value is not None and value in self.values) is not self.negated


@dataclass(frozen=True, slots=True)
class Exists:
    """`renewal_date exists` / `does not exist`, of a field or an event's data."""

    left: Operand
    negated: bool = False
    said: str = ""

    def holds(self, facts: Facts) -> bool:
        """Whether there is (no) value."""
        return (self.left.read(facts) is not None) is not self.negated


@dataclass(frozen=True, slots=True)
class Within:
    """`renewal_date is in the next 120 days`: whole days from today (UTC), both ends included."""

    left: Operand
    days: int
    ahead: bool
    said: str = ""

    def holds(self, facts: Facts) -> bool:
        """Whether the date lies between today and that many days ahead (or back)."""
        day = self.left.read(facts)
        if not isinstance(day, date):
            return False
        today = facts.now.astimezone(UTC).date()
        distance = (as_day(day) - today).days
        return 0 <= distance <= self.days if self.ahead else 0 <= -distance <= self.days

    def flips(self, facts: Facts) -> Iterator[datetime]:
        """The midnights at which it begins and ceases to hold."""
        day = self.left.read(facts)
        if isinstance(day, date):
            before = self.days if self.ahead else 0
            yield from _midnights(as_day(day), (-before, self.days + 1 - before))


def as_day(moment: date) -> date:
    """The date of a date or of an instant (UTC)."""
    return moment.astimezone(UTC).date() if isinstance(moment, datetime) else moment


@lru_cache(maxsize=8_192)  # the same few dates are asked about at every input
def _midnights(day: date, shifts: tuple[int, ...]) -> tuple[datetime, ...]:
    """The beginnings of the days so many days from `day`, as far as there are such days."""
    found = []
    for days in shifts:
        with suppress(OverflowError):
            found.append(datetime.combine(day + timedelta(days=days), time(), tzinfo=UTC))
    return tuple(at for at in found if FIRST < at < LAST)


@dataclass(frozen=True, slots=True)
class InStage:
    """`customer_journey is one of onboarding, launched for more than 30 days` (T17, T18).

    `more_than` holds from the instant that much time has passed, `less_than` before it; both measure the
    days in the present stage in this cycle, on an end stage the days since the end, and are false while
    the account is cancelled (R10). `None` may stand among the stages.
    """

    lifecycle: str
    stages: tuple[str, ...]
    negated: bool = False
    more_than: Duration | None = None
    less_than: Duration | None = None
    said: str = ""

    def holds(self, facts: Facts) -> bool:
        """Whether the account is (not) in one of the stages, for that long."""
        track = facts.track(self.lifecycle)
        stage = NONE if track is None or track.stage is None else track.stage
        return (stage in self.stages and self._long_enough(facts, track)) is not self.negated

    def _long_enough(self, facts: Facts, track: Track | None) -> bool:
        limit = self.more_than or self.less_than
        if limit is None:
            return True
        if track is None or track.counting_since is None or facts.state.is_cancelled:
            return False
        passed = facts.now >= track.counting_since + limit.elapsed
        return passed if self.more_than else not passed

    def flips(self, facts: Facts) -> Iterator[datetime]:
        """The instant at which the threshold is reached."""
        limit, track = self.more_than or self.less_than, facts.track(self.lifecycle)
        if limit and track and track.counting_since and track.stage in self.stages:
            yield track.counting_since + limit.elapsed


@dataclass(frozen=True, slots=True)
class Last:
    """A window that ends now: later than `days` ago, up to now."""

    days: int

    def covers(self, moment: datetime, now: datetime) -> bool:
        """Whether the instant lies in the window."""
        return now - timedelta(days=self.days) < moment <= now


@dataclass(frozen=True, slots=True)
class Between:
    """A window of whole UTC days, both included."""

    first: date
    last: date

    def covers(self, moment: datetime, now: datetime) -> bool:
        """Whether the instant lies in the window."""
        return self.first <= moment.date() <= self.last and moment <= now


Window = Last | Between


@dataclass(frozen=True, slots=True)
class Changed:
    """`onboarding changed from kickoff to configuration in the last 30 days` (T19)."""

    lifecycle: str
    window: Window
    left: str | None = None
    entered: str | None = None
    said: str = ""

    def holds(self, facts: Facts) -> bool:
        """Whether a move that was not taken back matches."""
        return any(self.window.covers(at, facts.now) for at in self._matches(facts))

    def _matches(self, facts: Facts) -> Iterator[datetime]:
        track = facts.state.tracks.get(self.lifecycle)
        for move in track.moves if track else ():
            if self.left in (None, move.left or NONE) and self.entered in (
                None,
                move.entered or NONE,
            ):
                yield move.at

    def flips(self, facts: Facts) -> Iterator[datetime]:
        """When a matching move drops out of a window that ends now."""
        if isinstance(self.window, Last):
            for at in self._matches(facts):
                yield at + timedelta(days=self.window.days)


@dataclass(frozen=True, slots=True)
class Completed:
    """`onboarding completed in the last 90 days`: an end stage was reached (T20)."""

    lifecycle: str
    window: Window | None = None
    said: str = ""

    def holds(self, facts: Facts) -> bool:
        """Whether a cycle ended, in the window if there is one."""
        ends = self._ends(facts)
        return any(self.window is None or self.window.covers(at, facts.now) for at in ends)

    def _ends(self, facts: Facts) -> Iterator[datetime]:
        track = facts.state.tracks.get(self.lifecycle)
        return (move.at for move in (track.moves if track else ()) if move.ends)

    def flips(self, facts: Facts) -> Iterator[datetime]:
        """When an end drops out of a window that ends now."""
        if isinstance(self.window, Last):
            for at in self._ends(facts):
                yield at + timedelta(days=self.window.days)


@dataclass(frozen=True, slots=True)
class HasOpenCta:
    """`has open cta`, `has open cta of risk`."""

    kind: str | None = None
    said: str = ""

    def holds(self, facts: Facts) -> bool:
        """Whether a CTA (of that kind) is open."""
        return any(self.kind in (None, cta.kind) for cta in facts.state.ctas.values())


@dataclass(frozen=True, slots=True)
class InSegment:
    """`in segment renewals_at_risk`: the condition of a saved segment, by name, so that it may change alone."""

    segment: str
    said: str = ""

    def holds(self, facts: Facts) -> bool:
        """Whether the account is in the segment; never in one that the book does not have."""
        found = facts.segments.get(self.segment)
        return found is not None and found.where.holds(facts)


@dataclass(frozen=True, slots=True)
class All:
    """All of the conditions hold."""

    of: tuple[Condition, ...]

    def holds(self, facts: Facts) -> bool:
        """True of an empty list."""
        for part in self.of:  # noqa: SIM110 -- asked all the time: a generator costs as much as a comparison
            if not part.holds(facts):
                return False
        return True


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of the conditions holds."""

    of: tuple[Condition, ...]

    def holds(self, facts: Facts) -> bool:
        """False of an empty list."""
        for part in self.of:  # noqa: SIM110 -- as above
            if part.holds(facts):
                return True
        return False


@dataclass(frozen=True, slots=True)
class Not:
    """The condition does not hold."""

    of: Condition

    def holds(self, facts: Facts) -> bool:
        """The plain `not`."""
        return not self.of.holds(facts)


Leaf = Compare | OneOf | Exists | Within | InStage | Changed | Completed | HasOpenCta | InSegment
Condition = Leaf | All | AnyOf | Not


def leaves(
    condition: Condition | None, segments: Mapping[str, Segment] | None = None
) -> Iterator[Leaf]:
    """Every sentence of a condition, in the order written; with `segments`, those of the segments it asks too."""
    if condition is None:
        return
    if isinstance(condition, All | AnyOf):
        for part in condition.of:
            yield from leaves(part, segments)
    elif isinstance(condition, Not):
        yield from leaves(condition.of, segments)
    else:
        yield condition
        if isinstance(condition, InSegment) and segments and condition.segment in segments:
            yield from leaves(segments[condition.segment].where, segments)


TimeLeaf = Within | InStage | Changed | Completed


def time_leaves(
    condition: Condition | None, segments: Mapping[str, Segment]
) -> tuple[TimeLeaf, ...]:
    """The sentences that can turn by nothing but time passing; none for most conditions."""
    return tuple(
        leaf
        for leaf in leaves(condition, segments)
        if isinstance(leaf, Within)
        or (isinstance(leaf, InStage) and bool(leaf.more_than or leaf.less_than))
        or (isinstance(leaf, Changed | Completed) and leaf.window is not None)
    )


def first_true(
    condition: Condition,
    facts: Facts,
    timed: Sequence[TimeLeaf] | None = None,
    until: datetime | None = None,
) -> datetime | None:
    """The first instant from `facts.now` on at which the condition holds if nothing but time passes.

    Exact: between two flips of its leaves a condition cannot change, so asking at each flip is enough.
    `timed` are its `time_leaves`, where they are known already. None where it is later than `until`.
    """
    if condition.holds(facts):
        return facts.now
    known = time_leaves(condition, facts.segments) if timed is None else timed
    for at in flips_of(known, facts, until):
        if at > facts.now and condition.holds(replace(facts, now=at)):
            return at
    return None


def flips_of(
    timed: Sequence[TimeLeaf], facts: Facts, until: datetime | None = None
) -> list[datetime]:
    """The instants from `facts.now` (to `until`) at which one of these sentences may turn by time alone, in order."""
    last = until or LAST
    return sorted({at for leaf in timed for at in leaf.flips(facts) if facts.now <= at <= last})
