"""Accounts as a list: where each stands, who is late, stuck or on hold, with counts; now, or as of a day (N5)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import and_

from lifecycle.core.clock import days_in_stage, whole_days
from lifecycle.core.conditions import NONE, All, InStage
from lifecycle.core.fold import Fold
from lifecycle.core.model import Book, Lifecycle
from lifecycle.core.refusal import Refusal
from lifecycle.core.state import AccountState, Track
from lifecycle.store import segments
from lifecycle.store.accounts import Listed, Wanted, filters, list_accounts, listed_accounts
from lifecycle.store.counts import count_accounts, count_by_stage
from lifecycle.store.definitions import book_for
from lifecycle.store.folded import states_at
from lifecycle.store.moment import AsOf, Moment
from lifecycle.store.tables import TrackRow
from lifecycle.store.where import Sql

from .accounts import lifecycle_named, stage_named
from .audience import Asked, Audience, audience
from .segment_columns import sort_of
from .then import as_then
from .viewer import Viewer

EVERYBODY: Final = Asked()


@dataclass(frozen=True, slots=True)
class StandsAt:
    """An account of the list in one lifecycle."""

    stage: str | None
    label: str
    colour: str
    since: datetime | None
    days: int | None
    late: bool
    stuck: bool


@dataclass(frozen=True, slots=True)
class Line:
    """An account of the list."""

    account: str
    name: str
    type: str | None
    status: str | None
    csm: str | None
    on_hold_until: datetime | None
    next_deadline: datetime | None
    stages: dict[str, StandsAt]


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the list. `total` counts all pages, `by_stage` spreads them over the lifecycle named."""

    total: int
    by_stage: dict[str, int]
    accounts: list[Line]
    after: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A page with the definitions it is told by, the lifecycle that was named, and the moment it is of."""

    listing: Listing
    book: Book
    lifecycle: Lifecycle | None
    moment: Moment


async def listing(
    viewer: Viewer, asked: Wanted, whom: Asked = EVERYBODY, sort: str | None = None
) -> Shown:
    """The accounts that pass the filters and are in the segment; by id, unless `sort` says otherwise.

    Raises `Refusal` for an unknown lifecycle, stage, segment or order, for a wrong sentence or date, and for a
    filter that cannot be asked of the past.
    """
    meant = await audience(viewer, whom)
    lifecycle = lifecycle_named(meant.book, asked.lifecycle) if asked.lifecycle else None
    if asked.stage is not None and lifecycle is None:
        said = "A stage belongs to a lifecycle."
        raise Refusal("no_lifecycle", said, "Name the lifecycle too.", "lifecycle")
    wanted = _by_id(asked, lifecycle)
    if isinstance(meant.moment, AsOf):
        found = await _as_it_was(viewer, meant, meant.moment, wanted, sort)
    else:
        found = await _now(viewer, meant, wanted, sort)
    return Shown(found, meant.book, lifecycle, meant.moment)


def _by_id(asked: Wanted, lifecycle: Lifecycle | None) -> Wanted:
    """The filters with ids; a lifecycle alone means the accounts that are in it."""
    if lifecycle is None:
        return asked
    stage = (stage_named(lifecycle, asked.stage) or NONE) if asked.stage is not None else None
    return replace(asked, lifecycle=lifecycle.id, stage=stage)


# ── now


async def _now(viewer: Viewer, meant: Audience, wanted: Wanted, sort: str | None) -> Listing:
    only = meant.sql() if meant.condition is not None else None
    rows, after = await _page(viewer, meant, wanted, only, sort)
    spread = await _spread(viewer, wanted, only)
    total = await count_accounts(viewer.store, wanted, only)
    return Listing(total, spread, [_line(viewer, meant.book, one) for one in rows], after)


async def _page(
    viewer: Viewer, meant: Audience, wanted: Wanted, only: Sql | None, sort: str | None
) -> tuple[list[Listed], str | None]:
    if sort is None:
        page = await list_accounts(viewer.store, wanted, only)
        return page.accounts, page.after
    chosen = replace(
        _members(meant, wanted, sort), also=and_(*filters(replace(wanted, after=None)))
    )
    found = await segments.page(viewer.store, chosen)
    return await listed_accounts(viewer.store, [one.account for one in found.members]), found.after


def _members(meant: Audience, wanted: Wanted, sort: str) -> segments.Wanted:
    return segments.Wanted(
        meant.condition,
        meant.moment,
        meant.book.segments,
        sort=sort_of(meant, sort),
        after=wanted.after,
        limit=wanted.limit,
    )


async def _spread(viewer: Viewer, wanted: Wanted, only: Sql | None) -> dict[str, int]:
    """Over the stages of the lifecycle that was named, whatever stage was asked for."""
    if wanted.lifecycle is None:
        return {}
    everybody = replace(wanted, lifecycle=None, stage=None)
    found = await count_by_stage(viewer.store, everybody, wanted.lifecycle, only)
    return {stage or NONE: number for stage, number in found.items()}


def _line(viewer: Viewer, book: Book, listed: Listed) -> Line:
    row = listed.account
    now = viewer.now_for(row.lead)
    state = AccountState(row.id, fields={"status": row.status})
    stages = {name: _of_row(book, state, track, now) for name, track in listed.tracks.items()}
    return Line(
        row.id,
        row.name or row.id,
        row.type,
        row.status,
        row.csm,
        row.hold_until,
        row.next_deadline,
        stages,
    )


def _of_row(book: Book, state: AccountState, row: TrackRow, now: datetime) -> StandsAt:
    track = Track(
        row.lifecycle,
        row.stage,
        entered_at=row.entered_at,
        counting_since=row.counting_since,
        ended_at=row.ended_at,
        late=row.late,
        stuck=row.stuck,
    )
    return _stands(book, state, track, now)


def _stands(book: Book, state: AccountState, track: Track, now: datetime) -> StandsAt:
    lifecycle = book.lifecycles.get(track.lifecycle)
    stage = lifecycle.stage(track.stage) if lifecycle else None
    days = whole_days(days_in_stage(state, track, now))
    label = stage.label if stage else track.stage or NONE
    colour = stage.colour if stage else "grey"
    return StandsAt(track.stage, label, colour, track.entered_at, days, track.late, track.stuck)


# ── as it was


async def _as_it_was(
    viewer: Viewer, meant: Audience, moment: AsOf, wanted: Wanted, sort: str | None
) -> Listing:
    """The same of the past: from the journal, as it was known."""
    _refuse_present_only(wanted)
    inside = _condition_of(meant, wanted)
    members = _members(meant, wanted, sort or "id")
    page = await segments.page(viewer.store, replace(members, condition=inside))
    ids = [one.account for one in page.members]
    states = await states_at(viewer.store, ids, moment)
    lines = [
        await _line_then(viewer, as_then(states[one], moment), moment)
        for one in ids
        if one in states
    ]
    counted = await segments.count(viewer.store, replace(members, condition=inside))
    return Listing(
        counted.accounts, await _spread_then(viewer, meant, members, wanted), lines, page.after
    )


def _refuse_present_only(wanted: Wanted) -> None:
    for name in ("csm", "type", "late", "stuck", "on_hold", "search"):
        if getattr(wanted, name) is not None:
            said = f"`{name}` is asked of the present only."
            raise Refusal("bad_time", said, 'Write a sentence: where=csm is "Ann Lee".', name)


def _condition_of(meant: Audience, wanted: Wanted) -> All:
    parts = [meant.condition] if meant.condition is not None else []
    if wanted.lifecycle is None:
        return All(tuple(parts))
    stage = InStage(wanted.lifecycle, (wanted.stage or NONE,), negated=wanted.stage is None)
    return All((*parts, stage))


async def _spread_then(
    viewer: Viewer, meant: Audience, members: segments.Wanted, wanted: Wanted
) -> dict[str, int]:
    if wanted.lifecycle is None:
        return {}
    stages = [stage.id for stage in meant.book.lifecycles[wanted.lifecycle].stages]
    found: dict[str, int] = {}
    for stage in [*stages, NONE]:
        inside = _condition_of(meant, replace(wanted, stage=stage))
        found[stage] = (
            await segments.count(viewer.store, replace(members, condition=inside))
        ).accounts
    return {stage: number for stage, number in found.items() if number}


async def _line_then(viewer: Viewer, state: AccountState, moment: AsOf) -> Line:
    book, _ = await book_for(viewer.store, state.versions, state.pending, moment.known)
    stages = {name: _stands(book, state, track, moment.at) for name, track in state.tracks.items()}
    name, type_, status, csm = (_text(state, field) for field in ("name", "type", "status", "csm"))
    hold = state.hold.until if state.hold else None
    next_ = Fold(book, state).wakes_at()
    return Line(state.account, name or state.account, type_, status, csm, hold, next_, stages)


def _text(state: AccountState, field: str) -> str | None:
    value = state.fields.get(field)
    return None if value is None else str(value)
