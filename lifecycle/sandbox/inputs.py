"""From the steps of a script to what comes in: inputs of the core, made for the account as it then is (N6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from lifecycle.core import inputs as i
from lifecycle.core.durations import zone_of
from lifecycle.core.fold import Cue
from lifecycle.core.model import Book
from lifecycle.core.state import AccountState

from .script import Act, Changes, Closes, Holds, Releases, Reports, Sets, Step, Undoes


def cues(
    steps: Iterable[Step], book: Book, state: AccountState, start: datetime, actor: str
) -> list[Cue]:
    """What comes in, and when; times are counted from `start` and read in the account's zone."""
    zone, calendar = zone_of(state.fields.get("time_zone")), book.directory.calendar
    found: list[Cue] = []
    for number, step in enumerate(steps, start=1):
        at = step.when.instant(start, calendar, zone)
        found.append(Cue(at, _Making(step.act, at, book, actor, f"step-{number}").input))
    return found


@dataclass(frozen=True, slots=True)
class _Making:
    """Makes one input; `name` is the event's id."""

    act: Act
    at: datetime
    book: Book
    actor: str
    name: str

    def input(self, state: AccountState) -> i.Input:
        at, actor = self.at, self.actor
        match self.act:
            case Reports(type_, data, source):
                # The fold adds the account's lead to what comes from outside.
                own = at - timedelta(seconds=state.lead)
                return i.Event(self.name, source, type_, own, at, dict(data))
            case Sets(lifecycle, stage, reason):
                return i.SetStage(at, actor, reason, lifecycle, stage)
            case Changes(fields, reason):
                return i.SetFields(at, actor, dict(fields), reason)
            case Holds(until, reason):
                zone = zone_of(state.fields.get("time_zone"))
                ends = until.instant(at, self.book.directory.calendar, zone)
                return i.Hold(at, actor, ends, reason)
            case Closes(title, outcome):
                return i.CloseCta(at, actor, _cta(state, title), outcome)
            case Releases():
                return i.Release(at, actor)
            case Undoes():
                return i.Undo(at, actor)


def _cta(state: AccountState, title: str) -> str:
    """The first open CTA of that title; the title itself where none is open, which is refused then."""
    wanted = title.casefold()
    return next((cta.id for cta in state.ctas.values() if cta.title.casefold() == wanted), title)
