"""What an account waits for: the lines that would move it out of its stages, and what each still needs (G3, G7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from lifecycle.core.conditions import Condition, EventField, Facts, leaves
from lifecycle.core.index import index_of
from lifecycle.core.model import After, AsSoonAs, At, Automation, Book, Place
from lifecycle.core.state import AccountState
from lifecycle.definition.words import automation_words, cause_words

from .criteria import Criteria, criteria
from .effects import effect_words


@dataclass(frozen=True, slots=True)
class Way:
    """A line of the present stage that moves the account when something happens, not at a known time.

    `cause` says what: `training is completed`. `needs` are the parts of its condition, if it has one.
    """

    lifecycle: str
    stage: str
    to: str
    automation: str
    cause: str
    effect: str
    needs: Criteria | None
    said: str


@dataclass(frozen=True, slots=True)
class Why:
    """A line as it stands in its definition, in words, and its condition with the present values."""

    automation: str
    said: str
    version: int
    needs: Criteria | None


def ways_out(book: Book, state: AccountState, now: datetime) -> list[Way]:
    """By lifecycle, in the order of the definition."""
    facts = Facts(state, now, segments=book.segments)
    return [
        _way(line, facts, book)
        for lifecycle in book.lifecycles.values()
        for line in _lines(book, state, lifecycle.id)
    ]


def _lines(book: Book, state: AccountState, lifecycle: str) -> Iterator[Automation]:
    track = state.tracks.get(lifecycle)
    if track is None or track.stage is None or state.is_cancelled:
        return
    for line in book.lifecycles[lifecycle].automations:
        in_stage = line.place is Place.MOVE and line.stage == track.stage
        if in_stage and line.published and not isinstance(line.trigger, After | At):
            yield line


def _way(line: Automation, facts: Facts, book: Book) -> Way:
    return Way(
        line.lifecycle,
        line.stage or "",
        line.to or "",
        line.name,
        cause_words(line, book),
        effect_words(line, book),
        _needs(line, facts, book),
        automation_words(line, book),
    )


def _needs(line: Automation, facts: Facts, book: Book) -> Criteria | None:
    condition = _condition(line)
    return criteria(condition, facts, book) if condition is not None else None


def _condition(line: Automation) -> Condition | None:
    """What can be asked now: a guard on an event's data has no answer before there is one."""
    if isinstance(line.trigger, AsSoonAs):
        return line.trigger.condition
    asks_event = any(
        isinstance(getattr(leaf, "left", None), EventField) for leaf in leaves(line.guard)
    )
    return None if asks_event else line.guard


def why_line(book: Book, state: AccountState, key: str, now: datetime) -> Why | None:
    """The line behind a deadline or a change; None where no line is."""
    line = index_of(book).automations.get(key)
    if line is None:
        return None
    facts = Facts(state, now, segments=book.segments)
    version = book.lifecycles[line.lifecycle].version
    return Why(line.name, automation_words(line, book), version, _needs(line, facts, book))
