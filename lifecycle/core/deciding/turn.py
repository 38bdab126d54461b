"""A turn: one input being decided. It collects changes and notes and evolves the state as it goes."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from .. import changes as c
from ..conditions import Condition, Facts
from ..durations import Duration, add, zone_of
from ..evolve import copy_cta, copy_track, evolve
from ..explaining import explain
from ..index import CTAS, OUTSIDE, Index, Signal, index_of
from ..model import EVENT_HEADER, Automation, Book, Lifecycle
from ..state import AccountState, Cta, HeldEvent, Track
from ..values import Value

DEEPEST = 25
"""Cascades stop here, with a note (R23)."""


@dataclass(slots=True)
class Happening:
    """Something an input set off, waiting for its turn: a signal, the event it belongs to, and how deep it lies.

    `scope` limits a `stage.…` event to its lifecycle; `only` limits a held event to the lines that were held.
    """

    signal: Signal
    depth: int
    event: dict[str, Value] | None = None
    left: str | None = None
    entered: str | None = None
    scope: str | None = None
    only: frozenset[str] | None = None


@dataclass(slots=True)
class Turn:
    """The working set of one decision. `at` is the instant applied; `historic` silences effects (R21)."""

    book: Book
    state: AccountState
    at: datetime
    revision: int
    root: int
    historic: bool = False
    event_key: str = ""
    event: dict[str, Value] | None = None
    actor: str = ""
    changes: list[c.Change] = field(default_factory=list)
    notes: list[c.Note] = field(default_factory=list)
    queue: deque[Happening] = field(default_factory=deque)
    dirty: set[str] = field(default_factory=set)
    moved: set[str] = field(default_factory=set)
    depth: int = 0
    own_time: datetime | None = None
    held: list[HeldEvent] = field(default_factory=list)
    held_for: list[object] = field(default_factory=list)
    images: dict[str, Track] = field(default_factory=dict)
    before: dict[str, Value] = field(default_factory=dict)
    spent: dict[str, list[str]] = field(default_factory=dict)
    effects: list[str] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    closed: list[Cta] = field(default_factory=list)
    setters: dict[str, str] = field(default_factory=dict)
    by_person: bool = False
    ran: Book | None = None
    """The book in force before this input handed another over (R24)."""
    explains: bool = True
    """Whether the values that decided are put into words."""
    index: Index = field(init=False)

    def __post_init__(self) -> None:
        """The index of the book in force is asked many times a turn."""
        self.index = index_of(self.book)

    def run_under(self, book: Book) -> None:
        """From here on another book is in force (R24)."""
        self.book, self.index = book, index_of(book)

    def lifecycle(self, lifecycle_id: str) -> Lifecycle:
        """A lifecycle of the book in force."""
        return self.book.lifecycles[lifecycle_id]

    def track(self, lifecycle_id: str) -> Track:
        """The account's track; an empty one where the account never was. Only changes make tracks."""
        return self.state.tracks.get(lifecycle_id) or Track(lifecycle_id)

    def stage_key(self, lifecycle_id: str) -> str:
        """The present stage as the index names it."""
        track = self.state.tracks.get(lifecycle_id)
        return (track.stage if track else None) or OUTSIDE

    def facts(self, event: dict[str, Value] | None = None) -> Facts:
        """What conditions are asked about now."""
        event = event if event is not None else self.event
        return Facts(self.state, self.at, event, self.book.segments)

    def due(self, duration: Duration) -> datetime:
        """The instant a duration from now, in the account's zone and the book's calendar."""
        zone = zone_of(self.state.fields.get("time_zone"))
        return add(self.at, duration, self.book.directory.calendar, zone)

    # ── what happens

    def emit(self, change: c.Change) -> None:
        """Record a change and let it become true."""
        self.changes.append(change)
        evolve(self.state, change)

    def note(
        self, code: str, text: str, automation: str = "", deciding: Condition | None = None
    ) -> None:
        """Record a non-change and its reason (N3)."""
        shown: list[str] = []
        if deciding is not None and self.explains:
            for said, held, values in explain(deciding, self.facts()):
                shown.append(f"{said}: {'yes' if held else 'no'} ({values})")
        self.notes.append(c.Note(code, text, automation, shown))

    def happen(self, happening: Happening) -> None:
        """Queue what this change sets off, unless the cascade is too deep (R23)."""
        if happening.depth > DEEPEST:
            said = " ".join(happening.signal)
            self.note(
                "cascade_stopped",
                f"More than {DEEPEST} steps followed from one input; stopped at {said}.",
            )
        else:
            self.queue.append(happening)

    def raise_event(
        self, event_type: str, data: dict[str, Value], scope: str | None = None
    ) -> None:
        """Queue an event the engine raises itself."""
        facts: dict[str, Value] = {**data, "type": event_type, "time": self.at.date()}
        self.happen(Happening(("event", event_type), self.depth + 1, facts, scope=scope))

    def hold_event(self, line: str) -> None:
        """Keep the event at hand, a service's or the engine's, to be tried once more for this line (R18)."""
        for held, facts in zip(self.held, self.held_for, strict=True):
            if facts is self.event:
                held.automations.append(line)
                return
        self.held.append(self._held_event(line))
        self.held_for.append(self.event)

    def _held_event(self, line: str) -> HeldEvent:
        facts = self.event or {}
        data = {name: value for name, value in facts.items() if name not in EVENT_HEADER}
        kind, event_id, source = (str(facts.get(name) or "") for name in ("type", "id", "source"))
        time = self.own_time if self.event_key and self.own_time else self.at
        return HeldEvent(self.revision, self.event_key, kind, event_id, source, time, data, [line])

    def is_held(self, line: str) -> bool:
        """Whether this line was held for the event at hand."""
        found = zip(self.held, self.held_for, strict=True)
        return any(facts is self.event and line in held.automations for held, facts in found)

    # ── changes with what hangs on them

    def open_cta(self, cta: Cta) -> None:
        """Open a CTA and raise `cta.opened`."""
        self.emit(c.CtaOpened(cta))
        self.opened.append(cta.id)
        self.dirty.add(CTAS)
        self.raise_event("cta.opened", cta_data(cta))

    def close_cta(self, cta: Cta, outcome: str) -> None:
        """Close a CTA and raise `cta.closed`."""
        if cta.id in self.opened:
            self.opened.remove(cta.id)
        else:
            self.closed.append(copy_cta(cta))
        self.emit(c.CtaClosed(cta.id, outcome, self.at, self.actor))
        self.dirty.add(CTAS)
        self.raise_event("cta.closed", {**cta_data(cta), "outcome": outcome})

    def keep_image(self, lifecycle_id: str) -> None:
        """Remember a track as it was before this input, for undo (R13)."""
        if lifecycle_id not in self.images:
            image = copy_track(self.track(lifecycle_id))
            image.moves, image.cycles = [], []
            self.images[lifecycle_id] = image

    def visit_of(self, automation: Automation) -> str:
        """The lifecycle whose visit remembers this automation's turns; empty outside stages."""
        return automation.lifecycle if automation.stage else ""


def cta_data(cta: Cta) -> dict[str, Value]:
    """What the events about a CTA carry."""
    return {"cta": cta.id, "kind": cta.kind, "playbook": cta.playbook}
