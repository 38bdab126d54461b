"""An index over a book: which automations hear what, where. Built once per book, shared by all accounts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .conditions import (
    All,
    Changed,
    Compare,
    Completed,
    Condition,
    Field,
    HasOpenCta,
    InSegment,
    InStage,
    TimeLeaf,
    leaves,
    time_leaves,
)
from .model import (
    After,
    AsSoonAs,
    At,
    Automation,
    Book,
    Entered,
    FieldChanged,
    Left,
    Lifecycle,
    OnAll,
    OnEntry,
    OnEvent,
    Place,
    SetFields,
    SetStage,
)
from .scorecard import SCORECARD, Scorecard
from .scoring import conditions_of

Signal = tuple[str, ...]
"""What can set an automation off: ("event", type), ("entered", lifecycle, stage), ("left", …), ("changed", field)."""

OUTSIDE = ""
"""Stands for "no stage" in keys."""

CTAS = "open ctas"
"""The name under which conditions on CTAs depend on them."""

SCORES = "scorecards"
"""The name on which every scorecard depends: whatever may change all of them names it."""


@dataclass(slots=True)
class Hearers:
    """The automations that hear one signal.

    `sets` are `set` lines of `also`; `moves` and `dos` are by (lifecycle, stage), moves in the order of R23;
    `others` are the remaining lines of `also`.
    """

    sets: list[Automation] = field(default_factory=list)
    moves: dict[str, dict[str, list[Automation]]] = field(default_factory=dict)
    dos: dict[str, dict[str, list[Automation]]] = field(default_factory=dict)
    others: list[Automation] = field(default_factory=list)
    joins: list[Automation] = field(default_factory=list)


class Index:
    """Lookups over one book, by key of automation.

    `watches` are `as soon as` lines by (lifecycle, stage), `depends` the names their conditions depend on,
    `timed_leaves` the sentences that time alone can turn, `steady_names` and `loose_names` the fields that can move
    a deadline (wakes.py), but for those that only the guards of waiting lines ask.
    """

    def __init__(self, book: Book) -> None:
        self.book = book
        self.hearers: defaultdict[Signal, Hearers] = defaultdict(Hearers)
        self.automations: dict[str, Automation] = {}
        self.entry: defaultdict[tuple[str, str], list[Automation]] = defaultdict(list)
        self.timed: defaultdict[tuple[str, str], list[Automation]] = defaultdict(list)
        self.timed_outside: list[Automation] = []
        self.watches: defaultdict[tuple[str, str], list[Automation]] = defaultdict(list)
        self.watches_outside: list[Automation] = []
        self.timed_leaves: dict[str, tuple[TimeLeaf, ...]] = {}
        self.depends: dict[str, frozenset[str]] = {}
        self.steady_names: set[str] = {"status", "time_zone"}
        self.loose_names: set[str] = {"status"}
        self.order: dict[str, int] = {}
        self.scorecards = tuple(book.scorecards.values())
        self.score_depends: dict[str, frozenset[str]] = {}
        self.scored_by_time: list[tuple[Scorecard, tuple[TimeLeaf, ...]]] = []
        for lifecycle in book.lifecycles.values():
            self._add_lifecycle(lifecycle)
        for card in self.scorecards:
            self._add_scorecard(card)
        self.unscored = _unscored(book)

    def _names(self, condition: Condition | None) -> set[str]:
        """The fields and lifecycles a condition depends on, through segments too."""
        return set(_names(condition, self.book))

    def _add_scorecard(self, card: Scorecard) -> None:
        """Days in a stage are false while cancelled, so what measures them hangs on the status too."""
        whole = All(tuple(conditions_of(card)))
        names, timed = {SCORES, *self._names(whole)}, time_leaves(whole, self.book.segments)
        self.score_depends[card.id] = frozenset(names | ({"status"} if timed else set()))
        if timed:
            self.scored_by_time.append((card, timed))
            self.loose_names |= names | {card.score_field, card.band_field or card.score_field}

    def _add_lifecycle(self, lifecycle: Lifecycle) -> None:
        for automation in lifecycle.automations:
            if not automation.published:
                continue
            self.order[automation.key] = len(self.order)
            self.automations[automation.key] = automation
            self._add(lifecycle, automation)

    def _add(self, lifecycle: Lifecycle, automation: Automation) -> None:
        trigger = automation.trigger
        names = self._names(automation.guard)
        if isinstance(trigger, AsSoonAs):
            names |= self._names(trigger.condition)
            self._add_watch(automation)
            if timed := time_leaves(trigger.condition, self.book.segments):
                self.timed_leaves[automation.key] = timed
                moving = self.steady_names if automation.stage else self.loose_names
                moving |= self._names(trigger.condition)
        elif isinstance(trigger, After | At):
            self._add_timed(automation)
        elif isinstance(trigger, OnEntry):
            self.entry[automation.lifecycle, automation.stage or OUTSIDE].append(automation)
        for signal in signals_of(automation):
            self._add_hearer(lifecycle, automation, self.hearers[signal])
        self.depends[automation.key] = frozenset(names)

    def _add_watch(self, automation: Automation) -> None:
        if automation.stage:
            self.watches[automation.lifecycle, automation.stage].append(automation)
        else:
            self.watches_outside.append(automation)

    def _add_timed(self, automation: Automation) -> None:
        if isinstance(automation.trigger, At):
            self.steady_names.add(automation.trigger.field)
        if automation.stage:
            self.timed[automation.lifecycle, automation.stage].append(automation)
        else:
            self.timed_outside.append(automation)

    def _add_hearer(self, lifecycle: Lifecycle, automation: Automation, hearers: Hearers) -> None:
        if isinstance(automation.trigger, OnAll):
            hearers.joins.append(automation)
        if automation.to is not None:
            by_stage = hearers.moves.setdefault(lifecycle.id, {})
            for stage in stages_of(lifecycle, automation):
                _insert(by_stage.setdefault(stage, []), automation)
        elif automation.place is Place.DO:
            hearers.dos.setdefault(lifecycle.id, {}).setdefault(
                automation.stage or OUTSIDE, []
            ).append(automation)
        elif all(isinstance(action, SetFields) for action in automation.actions):
            hearers.sets.append(automation)
        else:
            hearers.others.append(automation)


def _insert(lines: list[Automation], automation: Automation) -> None:
    """The stage's own moves before `from …`; each from the top (R23)."""
    if automation.place is Place.MOVE:
        own = sum(line.place is Place.MOVE for line in lines)
        lines.insert(own, automation)
    else:
        lines.append(automation)


def targets_of(automation: Automation) -> list[tuple[str, str | None]]:
    """Where the automation leads: its own target, or those of its `set stage` actions (V13)."""
    if automation.to is not None:
        return [(automation.lifecycle, automation.to)]
    return [
        (action.lifecycle, action.stage)
        for action in automation.actions
        if isinstance(action, SetStage)
    ]


def is_parked(book: Book, automation: Automation) -> bool:
    """Whether the automation leads into a disabled stage (R15)."""
    stages = (
        book.lifecycles[lifecycle].stage(stage) for lifecycle, stage in targets_of(automation)
    )
    return any(stage is not None and stage.disabled for stage in stages)


def stages_of(lifecycle: Lifecycle, automation: Automation) -> Iterator[str]:
    """The stages (OUTSIDE for None) in which a moving automation may apply (R3)."""
    if automation.place is Place.MOVE:
        yield automation.stage or OUTSIDE
        return
    if automation.place in (Place.START, Place.ANYWHERE):
        yield OUTSIDE
    if automation.place in (Place.ANY_STAGE, Place.ANYWHERE):
        yield from (stage.id for stage in lifecycle.stages if not stage.end)


def signals_of(automation: Automation) -> Iterable[Signal]:
    """The signals an automation hears; none for those that wait for time or for a condition."""
    trigger = automation.trigger
    if isinstance(trigger, OnEvent):
        return dict.fromkeys(("event", match.event) for match in trigger.any_of)
    if isinstance(trigger, OnAll):
        return dict.fromkeys(("event", match.event) for match in trigger.all_of)
    if isinstance(trigger, Entered):
        return [("entered", trigger.lifecycle, trigger.stage)]
    if isinstance(trigger, Left):
        return [("left", trigger.lifecycle, trigger.stage)]
    return [("changed", trigger.field)] if isinstance(trigger, FieldChanged) else []


def _names(condition: Condition | None, book: Book) -> Iterator[str]:
    for leaf in leaves(condition, book.segments):
        if isinstance(leaf, InStage | Changed | Completed):
            yield leaf.lifecycle
        elif isinstance(leaf, HasOpenCta):
            yield CTAS
        elif not isinstance(leaf, InSegment):
            operands = (leaf.left, leaf.right) if isinstance(leaf, Compare) else (leaf.left,)
            yield from (operand.name for operand in operands if isinstance(operand, Field))


def _unscored(book: Book) -> tuple[str, ...]:
    """Fields that only a scorecard may write, and none does."""
    written = {card.score_field for card in book.scorecards.values()}
    written |= {card.band_field for card in book.scorecards.values() if card.band_field}
    kept = (spec.id for spec in book.account.fields.values() if spec.written_by == SCORECARD)
    return tuple(name for name in kept if name not in written)


def index_of(book: Book) -> Index:
    """The book's index, built at first use and kept with the book."""
    found: Index | None = book.__dict__.get("_index")
    if found is None:
        found = book.__dict__["_index"] = Index(book)
    return found
