"""What should have moved an account out of its stage, and what each of those automations waits for (G15, R19).

All of it follows from the book and the stored state, but for one thing: that an event came and its line was
refused is known to the journal only, and handed over as notes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Any, Final

from lifecycle.core.conditions import Condition, Facts
from lifecycle.core.index import OUTSIDE, is_parked, stages_of, targets_of
from lifecycle.core.model import (
    After,
    AsSoonAs,
    At,
    Automation,
    Book,
    OnAll,
    OnEvent,
    Place,
)
from lifecycle.core.state import AccountState, Track
from lifecycle.core.wakes import all_dues, date_value
from lifecycle.definition.condition_words import Labels, condition_words, joined
from lifecycle.definition.words import cause_words
from lifecycle.store.reports.overdue import LastNote
from lifecycle.telling.amounts import in_currency
from lifecycle.telling.effects import guard_words
from lifecycle.telling.phrases import moment, written_day
from lifecycle.telling.unmet import unmet


class Why(StrEnum):
    """What an automation waits for; the words of `--json`."""

    TIMER = "timer"
    CONDITION = "condition"
    EVENT = "event"
    HELD = "held"
    PARKED = "parked"
    SPENT = "spent"
    NO_DATE = "no date"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class Awaited:
    """An automation that leads out of the stage: `line` says what it does and when, `text` what it waits for.

    `at` is the instant at which time alone lets it go, None where none does; `is_own` that it stands in the stage.
    """

    automation: str
    to: str | None
    line: str
    why: Why
    text: str
    at: datetime | None = None
    is_own: bool = True


def awaited(
    book: Book,
    state: AccountState,
    lifecycle: str,
    now: datetime,
    zone: tzinfo,
    notes: Mapping[str, LastNote] | None = None,
) -> list[Awaited]:
    """The automations that can move the account on in a lifecycle, the stage's own first; `notes` is by key."""
    asking = _Asking(book, state, lifecycle, now, zone, notes or {})
    return [asking.one(line) for line in lines_out(book, state, lifecycle)]


def lines_out(book: Book, state: AccountState, lifecycle: str) -> list[Automation]:
    """The published automations that could move the account on from its stage (R3, V13), the stage's own first."""
    found = [
        line
        for one in book.lifecycles.values()
        for line in one.automations
        if line.published and not line.shadow and _leads_out(book, state, lifecycle, line)
    ]
    return sorted(
        found, key=lambda line: (line.place is not Place.MOVE, line.lifecycle != lifecycle)
    )


def _leads_out(book: Book, state: AccountState, lifecycle: str, line: Automation) -> bool:
    here = _stage(state, lifecycle)
    goals = [stage for where, stage in targets_of(line) if where == lifecycle and stage != here]
    if not goals:
        return False
    if line.place is Place.MOVE:
        return line.stage == here
    definition = book.lifecycles[lifecycle]
    if line.to is not None and (here or OUTSIDE) not in stages_of(definition, line):
        return False
    if line.stage is not None and line.stage != _stage(state, line.lifecycle):
        return False
    return any(definition.position(goal) > definition.position(here) for goal in goals)


def _stage(state: AccountState, lifecycle: str) -> str | None:
    track = state.tracks.get(lifecycle)
    return track.stage if track else None


@dataclass(slots=True)
class _Asking:
    """One account in one lifecycle, its lines asked one by one."""

    book: Book
    state: AccountState
    lifecycle: str
    now: datetime
    zone: tzinfo
    notes: Mapping[str, LastNote]
    labels: Labels = field(init=False)
    facts: Facts = field(init=False)
    dues: dict[str, datetime] = field(init=False)
    track: Track = field(init=False)

    def __post_init__(self) -> None:
        self.labels = Labels(self.book)
        self.facts = Facts(self.state, self.now, segments=self.book.segments)
        self.dues = {due.what: due.at for due in reversed(all_dues(self.book, self.state))}
        self.track = self.state.tracks[self.lifecycle]

    def one(self, line: Automation) -> Awaited:
        """What a line waits for."""
        why, text, at = self._waits(line)
        goal = next(stage for where, stage in targets_of(line) if where == self.lifecycle)
        stage = self.labels.stage(self.lifecycle, goal)
        cause = f"{cause_words(line, self.book)}{guard_words(line, self.book)}"
        is_own = line.place is Place.MOVE
        return Awaited(line.key, goal, f"{stage}: {cause}", why, text, at, is_own)

    def _waits(self, line: Automation) -> tuple[Why, str, datetime | None]:
        if is_parked(self.book, line):
            return self._parked(line)
        if self._is_due(line):
            return self._stays_due(line)
        if line.key in self.track.done and line.stage:
            return Why.SPENT, "it had its one turn in this visit", None
        return _TRIGGERS.get(type(line.trigger), _Asking._signal)(self, line)

    def _is_due(self, line: Automation) -> bool:
        return line.key in (self.track.waiting if line.stage else self.state.waiting)

    def _parked(self, line: Automation) -> tuple[Why, str, datetime | None]:
        goals = [(where, stage) for where, stage in targets_of(line)]
        closed = [
            self.labels.stage(where, stage)
            for where, stage in goals
            if (found := self.book.lifecycles[where].stage(stage)) and found.disabled
        ]
        due = "due, but parked" if self._is_due(line) else "parked"
        return Why.PARKED, f"{due}: {joined(closed)} is disabled", None

    def _stays_due(self, line: Automation) -> tuple[Why, str, datetime | None]:
        """Held, refused by its guard, or about to be asked again (R15, R18)."""
        hold = self.state.hold
        if hold is not None:
            until = moment(hold.until, self.zone)
            return (
                Why.HELD,
                f"due, but held until {until} by {hold.actor}: “{hold.reason}”",
                hold.until,
            )
        if line.guard is not None and not line.guard.holds(self.facts):
            at = self.dues.get(line.key)
            return Why.CONDITION, f"due, but {self._lacks(line.guard)}{self._then(at)}", at
        return Why.DUE, "due: it is asked again at the next change", self.dues.get(line.key)

    # ── by trigger

    def _after(self, line: Automation) -> tuple[Why, str, datetime | None]:
        at = self.dues.get(line.key)
        if at is None:
            return Why.SPENT, "its time is over", None
        return Why.TIMER, f"a timer, at {moment(at, self.zone)}", at

    def _date(self, line: Automation) -> tuple[Why, str, datetime | None]:
        assert isinstance(line.trigger, At)
        day, at = date_value(self.state, line), self.dues.get(line.key)
        if day is None:
            return Why.NO_DATE, f"{self.labels.field(line.trigger.field)} is empty", None
        if at is None:
            said = f"it had its turn for {self.labels.field(line.trigger.field)} {written_day(day)}"
            return Why.SPENT, said, None
        return Why.TIMER, f"a timer, at {moment(at, self.zone)}", at

    def _condition(self, line: Automation) -> tuple[Why, str, datetime | None]:
        assert isinstance(line.trigger, AsSoonAs)
        condition, at = line.trigger.condition, self.dues.get(line.key)
        if line.trigger.turns_false:
            return Why.CONDITION, "the account has not left it in this visit", at
        if condition.holds(self.facts):
            return (
                Why.SPENT,
                f"it holds, and was answered when it turned true{self._outcome(line)}",
                None,
            )
        return Why.CONDITION, f"{self._lacks(condition)}{self._then(at)}", at

    def _event(self, line: Automation) -> tuple[Why, str, datetime | None]:
        held = [one for one in self.state.held if line.key in one.automations]
        if held and self.state.hold is not None:
            until = moment(self.state.hold.until, self.zone)
            came = moment(held[-1].time, self.zone)
            return Why.HELD, f"came on {came}, held until {until}", self.state.hold.until
        return self._signal(line)

    def _facts(self, line: Automation) -> tuple[Why, str, datetime | None]:
        """Of facts that wait for one another, the value with the fewest missing is told (V8)."""
        assert isinstance(line.trigger, OnAll)
        wanted = [match.event for match in line.trigger.all_of]
        there: dict[str, set[str]] = {}
        for fact in self.state.facts.get(line.key, []):
            there.setdefault(fact.value, set()).add(fact.which)
        if not there:
            return self._signal(line)
        value, came = max(there.items(), key=lambda item: (len(item[1]), item[0]))
        missing = joined([self.labels.event(one) for one in wanted if one not in came])
        of = f" for {value}" if value else ""
        return Why.EVENT, f"not yet{of}: {missing}", None

    def _signal(self, line: Automation) -> tuple[Why, str, datetime | None]:
        if line.key in self.notes:
            return Why.EVENT, f"asked{self._outcome(line)}", None
        entered = self.track.entered_at
        since = f" since {written_day(entered.astimezone(self.zone).date())}" if entered else ""
        return Why.EVENT, f"has not happened{since}", None

    # ── words

    def _outcome(self, line: Automation) -> str:
        found = self.notes.get(line.key)
        if found is None:
            return ""
        text = found.note.text.replace(line.key, line.name).rstrip(".")
        lacking = [in_currency(said, self.book) for said in found.note.deciding if ": no " in said]
        because = f" ({'; '.join(lacking)})" if lacking else ""
        return f" on {moment(found.at, self.zone)}: {text}{because}"

    def _lacks(self, condition: Condition) -> str:
        """The sentences that stand in the way, with the values that decided."""
        return joined([self._sentence(*one) for one in unmet(condition, self.facts)])

    def _sentence(self, leaf: Any, holds: bool, values: str) -> str:
        said = leaf.said or condition_words(leaf, self.labels)
        shown = in_currency(values, self.book)
        return f"“{said}” {'holds' if holds else 'does not hold'} ({shown})"

    def _then(self, at: datetime | None) -> str:
        return f"; time alone lets it go at {moment(at, self.zone)}" if at else ""


_TRIGGERS: Final[dict[type, Callable[[_Asking, Automation], tuple[Why, str, datetime | None]]]] = {
    After: _Asking._after,
    At: _Asking._date,
    AsSoonAs: _Asking._condition,
    OnEvent: _Asking._event,
    OnAll: _Asking._facts,
}
