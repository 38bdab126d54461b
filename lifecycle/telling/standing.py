"""Where an account stands, as data: put together from the core's answers, rendered by `show`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from lifecycle.core.clock import (
    days_in,
    days_in_stage,
    days_overall,
    days_since_end,
    late_from,
    whole_days,
)
from lifecycle.core.model import Book, Lifecycle, Section
from lifecycle.core.sections import SectionView, visible_sections
from lifecycle.core.state import AccountState, HoldState, Track, Unit
from lifecycle.core.values import Value

from .ahead import Next, whats_next
from .ctas import CtaView
from .waiting import Waiting


@dataclass(frozen=True, slots=True)
class StageDays:
    """Days in one stage in this cycle (T11)."""

    stage: str
    label: str
    days: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """An account in one lifecycle. Days are whole ones, None for no value (T28)."""

    lifecycle: str
    title: str
    version: int | None
    pending: int | None
    stage: str | None
    label: str
    colour: str
    since: datetime | None
    days: int | None
    expected: str
    late_from: datetime | None
    late: bool
    stuck: bool
    overall: int | None
    since_end: int | None
    cycle: int
    cycles: int
    by_stage: list[StageDays]


@dataclass(frozen=True, slots=True)
class PageSection:
    """A section of the page, or the sentences that hide it (R7)."""

    title: str
    is_visible: bool
    hidden_by: list[str]
    fields: dict[str, Value] = field(default_factory=dict)
    timestamps: dict[str, datetime | None] = field(default_factory=dict)
    days_in: dict[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Undoable:
    """A change that can be taken back."""

    revision: int
    at: datetime
    summary: str


@dataclass(frozen=True, slots=True)
class AccountView:
    """Everything `show` tells of an account; `as_of` and `known` say of when, where it is not of now (N5)."""

    account: str
    name: str
    revision: int
    created_at: datetime | None
    clock: datetime | None
    lead_seconds: int
    importing: bool
    fields: dict[str, Value]
    hold: HoldState | None
    standings: list[Standing]
    next: list[Next]
    ctas: list[CtaView]
    sections: list[PageSection]
    undoable: list[Undoable]
    waiting: list[Waiting] = field(default_factory=list)
    as_of: datetime | None = None
    known: datetime | None = None


def account_view(
    book: Book, state: AccountState, now: datetime, ctas: list[CtaView]
) -> AccountView:
    """The account at an instant; `ctas` are its open ones."""
    return AccountView(
        state.account,
        str(state.fields.get("name") or state.account),
        state.revision,
        state.created_at,
        state.clock,
        state.lead,
        state.importing_since is not None,
        dict(state.fields),
        state.hold,
        [_standing(lifecycle, book, state, now) for lifecycle in book.lifecycles.values()],
        whats_next(book, state),
        sorted(ctas, key=_by_due),
        [_section(view, book, state, now) for view in visible_sections(book, state, now)],
        [_undoable(unit) for unit in reversed(state.units)],
    )


def _standing(lifecycle: Lifecycle, book: Book, state: AccountState, now: datetime) -> Standing:
    track = state.tracks.get(lifecycle.id) or Track(lifecycle.id)
    stage = lifecycle.stage(track.stage)
    return Standing(
        lifecycle.id,
        lifecycle.title,
        state.versions.get(lifecycle.id),
        state.pending.get(lifecycle.id),
        track.stage,
        stage.label if stage else track.stage or "None",
        stage.colour if stage else "grey",
        track.entered_at,
        whole_days(days_in_stage(state, track, now)),
        str(stage.expected) if stage and stage.expected and not stage.end else "",
        late_from(book, state, track),
        track.late,
        track.stuck,
        whole_days(days_overall(state, track, now)),
        whole_days(days_since_end(state, track, now)),
        track.cycle,
        len(track.cycles),
        _by_stage(lifecycle, state, track, now),
    )


def _by_stage(
    lifecycle: Lifecycle, state: AccountState, track: Track, now: datetime
) -> list[StageDays]:
    return [
        StageDays(stage.id, stage.label, whole_days(days_in(state, track, stage.id, now)))
        for stage in lifecycle.stages
        if not stage.end
    ]


def _by_due(cta: CtaView) -> tuple[bool, datetime, int]:
    return cta.due is None, cta.due or cta.opened_at, cta.number


def _section(view: SectionView, book: Book, state: AccountState, now: datetime) -> PageSection:
    section = view.section
    if not view.is_visible:
        return PageSection(section.title, False, view.hidden_by)
    return PageSection(
        section.title,
        True,
        [],
        {name: _value(name, book, state) for name in section.fields},
        _timestamps(section, book, state),
        _days(section, book, state, now),
    )


def _value(name: str, book: Book, state: AccountState) -> Value:
    """A field, or the stage of a lifecycle: sections may name either."""
    if name not in book.lifecycles:
        return state.fields.get(name)
    track = state.tracks.get(name)
    return track.stage if track else None


def _timestamps(section: Section, book: Book, state: AccountState) -> dict[str, datetime | None]:
    """One per stage: its latest entry (L2, R5)."""
    lifecycle = book.lifecycles.get(section.timestamps_of or "")
    track = state.tracks.get(section.timestamps_of or "")
    entered = track.last_entered if track else {}
    return {stage.id: entered.get(stage.id) for stage in (lifecycle.stages if lifecycle else ())}


def _days(
    section: Section, book: Book, state: AccountState, now: datetime
) -> dict[str, int | None]:
    """Overall under the lifecycle's id, then per stage (T11)."""
    lifecycle = book.lifecycles.get(section.days_in or "")
    track = state.tracks.get(section.days_in or "")
    if lifecycle is None or track is None:
        return {}
    stages = {one.stage: one.days for one in _by_stage(lifecycle, state, track, now)}
    return {lifecycle.id: whole_days(days_overall(state, track, now)), **stages}


def _undoable(unit: Unit) -> Undoable:
    return Undoable(unit.revision, unit.at, unit.summary)
