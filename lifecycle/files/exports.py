"""What can be exported: the columns and rows of each kind, streamed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Final

from lifecycle.core.clock import days_in_stage, days_overall, days_since_end, whole_days
from lifecycle.core.model import Book
from lifecycle.core.state import AccountState, Track
from lifecycle.store.reports.days import DAYS_COLUMNS, CycleDays
from lifecycle.store.reports.days import days as days_of
from lifecycle.store.reports.scope import Scope as Reported

from .cells import Cell, Stage
from .columns import account_columns
from .lives import Life, lives
from .scope import Scope
from .standing import cell_of

Cells = list[Cell]


@dataclass(frozen=True, slots=True)
class Export:
    """An export: its columns by stable names, its rows, and how many there are (None: not known before)."""

    header: list[str]
    rows: AsyncIterator[Cells]
    count: Callable[[], Awaitable[int]] | None = None


# ── accounts


def accounts(scope: Scope) -> Export:
    """One row an account: its fields, and of each lifecycle the stage, since when, and days in (T11)."""
    columns = account_columns(scope.book)

    async def rows() -> AsyncIterator[Cells]:
        async for life in lives(scope):
            yield [cell_of(column, life.state, life.now) for column in columns]

    return Export([column.header for column in columns], rows(), scope.count)


# ── stages

STAGES: Final = [
    "account",
    "name",
    "lifecycle",
    "stage",
    "since",
    "days_in_stage",
    "days_in_lifecycle",
    "days_since_end",
    "cycle",
    "late",
    "stuck",
]


def stages(scope: Scope) -> Export:
    """One row an account and lifecycle: where it stands."""

    async def rows() -> AsyncIterator[Cells]:
        async for life in lives(scope):
            for lifecycle in {**scope.book.lifecycles, **life.state.tracks}:
                yield _stands(life, lifecycle)

    return Export(STAGES, rows())


def _stands(life: Life, lifecycle: str) -> Cells:
    state, now = life.state, life.now
    track = state.tracks.get(lifecycle) or Track(lifecycle)
    days = [
        whole_days(count(state, track, now))
        for count in (days_in_stage, days_overall, days_since_end)
    ]
    stands = [track.stage or Stage.NONE, track.entered_at if track.stage else None]
    return [*_of(state), lifecycle, *stands, *days, track.cycle, track.late, track.stuck]


# ── days, cycle by cycle


def days(scope: Scope) -> Export:
    """Days in each lifecycle (`stage` empty) and in each of its stages, cycle by cycle (T11, T21).

    The running cycle of a cancelled account has no days: no value, not zero (T28).
    """
    reported = Reported(scope.moment, tuple(scope.book.lifecycles), scope.only)

    async def rows() -> AsyncIterator[Cells]:
        async for page in days_of(scope.store, reported):
            for cycle in page:
                for row in _cycle(scope.book, cycle):
                    yield row

    return Export(list(DAYS_COLUMNS), rows())


def _cycle(book: Book, cycle: CycleDays) -> Iterator[Cells]:
    of: Cells = [cycle.account, cycle.name, cycle.lifecycle, cycle.cycle]
    about: Cells = [*of, cycle.started_at, cycle.ended_at, cycle.end_stage]
    yield [*about, None, None if cycle.overall is None else cycle.overall.days]
    for stage in book.lifecycles[cycle.lifecycle].stages:
        yield [*about, stage.id, cycle.days(stage.id)]


def _of(state: AccountState) -> Cells:
    return [state.account, state.fields.get("name")]
