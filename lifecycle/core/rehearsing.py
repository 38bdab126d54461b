"""A life lived again: the recorded inputs of an account, folded through another book (N2). Nothing is sent or moved.

What the clock did is reckoned anew, what people and services did is given again. A recorded deadline says only how
far the account's clock had come when the next input arrived; versions taken over and moved clocks say no more.
What names something by the revision it had (the change an undo takes back, a CTA) is given the name it has here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from . import changes as c
from .deciding.ctas import BY_HAND
from .evolve import evolve
from .fold import Fold
from .inputs import (
    Adopt,
    AssignCta,
    CloseCta,
    Deadline,
    DoTask,
    Event,
    Input,
    SetLead,
    SetStage,
    SnoozeCta,
    Undo,
    Unreadable,
)
from .model import PAST_MOVE, Book
from .state import AccountState
from .trail import Trail

NAMES_A_CTA = CloseCta | DoTask | SnoozeCta | AssignCta
STALE, UNKNOWN_CTA = "changed_since", "unknown_cta"
NOTHING_THERE = "not_there"
"""The code of an undo of something that did not happen in this life."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry of the journal as far as a rehearsal asks: `refused` is the code of its refusal, `undid` the unit an
    undo took back, by revision; `repeated` says that it had been carried out before."""

    revision: int
    at: datetime
    input: Input
    refused: str = ""
    undid: int | None = None
    repeated: bool = False


def recorded(entry: c.Entry) -> Recorded:
    """An entry as a rehearsal reads it."""
    undone = (change for change in entry.changes if isinstance(change, c.Undone))
    undid = next((change.unit.revision for change in undone), None)
    repeated = any(isinstance(change, c.DuplicateSeen) for change in entry.changes)
    refused = entry.refused.code if entry.refused else ""
    return Recorded(
        entry.revision,
        entry.at,
        entry.input,
        refused,
        undid if isinstance(entry.input, Undo) else None,
        repeated,
    )


def in_force(book: Book, state: AccountState) -> AccountState:
    """The state under this book's versions, put in force silently; `state` is changed and given back."""
    for lifecycle in book.lifecycles.values() if state.created_at else ():
        runs = state.versions.get(lifecycle.id)
        if runs != lifecycle.version or lifecycle.id in state.pending:
            mapping = lifecycle.migration if runs is not None else {}
            evolve(state, c.Adopted(lifecycle.id, lifecycle.version, mapping=mapping))
    return state


@dataclass(slots=True)
class Refold:
    """One life being lived again under `book`, from `state` on. `told` are the entries that gave reasons;
    the values that decided are among them only where it `explains`."""

    book: Book
    state: AccountState
    explains: bool = True
    trail: Trail = field(default_factory=Trail)
    told: list[c.Entry] = field(default_factory=list)
    fold: Fold = field(init=False)
    _began: int = field(init=False)
    _here: dict[int, int] = field(default_factory=dict)
    _theirs: dict[int, str] = field(default_factory=dict)
    _mine: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """`_here` maps revisions; `_theirs` and `_mine` name the deadlines of the record and of this fold."""
        self.fold = Fold(self.book, self.state, self.explains)
        self._began = self.state.revision

    def take(self, one: Recorded) -> None:
        """The next recorded entry."""
        item = one.input
        if isinstance(item, Deadline):
            self._theirs[one.revision] = item.what
            self._came_to(one.at)
        elif isinstance(item, Adopt | SetLead):
            self._came_to(one.at)
            self._tick(one.at)
        elif not (isinstance(item, Unreadable) or one.repeated or one.refused == STALE):
            self._give(one)

    def run_to(self, now: datetime) -> None:
        """Let the clock run to `now`, the account's."""
        self._keep(self.fold.catch_up(now))

    def _came_to(self, at: datetime) -> None:
        if self.fold.state.importing_since is None:
            self._keep(self.fold.catch_up(at))

    def _tick(self, at: datetime) -> None:
        """Nothing that comes later is applied before it (R20)."""
        clock = self.fold.state.clock
        if clock is not None and clock < at and self.fold.state.importing_since is None:
            evolve(self.fold.state, c.InputTaken(at))

    def _give(self, one: Recorded) -> None:
        item = self._as_here(one)
        if item is None:
            self._came_to(one.at)
            why = UNKNOWN_CTA if isinstance(one.input, NAMES_A_CTA) else NOTHING_THERE
            self.trail.refuse(one.at, self.fold.state.revision, why)
            return
        entries = self.fold.take(item)
        self._here[one.revision] = entries[-1].revision
        self._keep(entries)

    def _keep(self, entries: list[c.Entry]) -> None:
        self.trail.take(entries)
        for entry in entries:
            if isinstance(entry.input, Deadline):
                self._mine[entry.revision] = entry.input.what
            if entry.notes or entry.refused is not None:
                self.told.append(entry)

    # ── names

    def _as_here(self, one: Recorded) -> Input | None:
        """The input with the names things have in this life; None for one on something that is not there."""
        item = one.input
        if isinstance(item, Event):
            return self._event(item)
        if isinstance(item, SetStage):
            return replace(item, revision=None, stage=self._stage(item.lifecycle, item.stage))
        if isinstance(item, Undo):
            return self._undo(one, item)
        if isinstance(item, NAMES_A_CTA):
            cta = self._cta(item.cta) if one.refused != UNKNOWN_CTA else None
            return replace(item, cta=cta) if cta is not None else None
        return item

    def _event(self, item: Event) -> Event:
        """What an import tells of a stage set in the past names it as it was called."""
        lifecycle, stage = item.data.get("lifecycle"), item.data.get("stage")
        if item.type != PAST_MOVE or not isinstance(stage, str):
            return item
        return replace(item, data={**item.data, "stage": self._stage(str(lifecycle), stage)})

    def _stage(self, lifecycle: str, stage: str | None) -> str | None:
        """A stage that has another id here (R24)."""
        found = self.fold.book.lifecycles.get(lifecycle)
        gone = found is not None and stage is not None and found.stage(stage) is None
        return found.migration.get(stage, stage) if gone and found and stage else stage

    def _undo(self, one: Recorded, item: Undo) -> Undo | None:
        theirs = one.undid or item.unit
        if theirs is None:
            return item
        mine = self._unit(theirs)
        return None if mine is None else replace(item, unit=mine)

    def _unit(self, theirs: int) -> int | None:
        """The unit of the same input, or the newest of a deadline of the same name."""
        there = [unit.revision for unit in self.fold.state.units]
        if theirs in self._theirs:
            what = self._theirs[theirs]
            return next((one for one in reversed(there) if self._mine.get(one) == what), None)
        mine = self._here.get(theirs, theirs if theirs <= self._began else 0)
        return mine if mine in there else None

    def _cta(self, theirs: str) -> str | None:
        """The CTA opened by the same input, else the open one of the same automation."""
        name, _, number = theirs.rpartition(":")
        ctas = self.fold.state.ctas
        mine = self._here.get(int(number)) if number.isdecimal() else None
        for found in (f"{name}:{mine}", theirs if self._is_old(number) else ""):
            if found in ctas:
                return found
        if name == BY_HAND:
            return None
        return next((one for one in ctas if one.rpartition(":")[0] == name), None)

    def _is_old(self, number: str) -> bool:
        return number.isdecimal() and int(number) <= self._began
