"""Days in a lifecycle and in its stages, of each account, cycle by cycle (T11, T21, T28)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from lifecycle.core.model import Lifecycle
from lifecycle.store.accounts import find_account
from lifecycle.store.moment import ACCOUNT
from lifecycle.store.reports.days import CycleDays, days

from ..phrases import MISSING, written_day
from .asking import Question
from .report import Column, Report, number_words
from .stages import label

NOTE: Final = "Days in stages need not add up: a stage gone back to began again, the whole ran on."


async def days_in(asked: Question) -> Report[CycleDays]:
    """Days in each lifecycle and in its stages, of each account, cycle by cycle; so many accounts behind one."""
    asked = await _of_account(asked)
    pages = days(asked.store, asked.scope, asked.asked.after or "")
    return _report(asked, *await _first(pages, asked.asked.limit))


async def days_long(asked: Question) -> AsyncIterator[list[list[Any]]]:
    """The same of all accounts, page by page: a row per stage, under `DAYS_COLUMNS`."""
    asked = await _of_account(asked)
    async for page in days(asked.store, asked.scope, asked.asked.after or ""):
        yield [row for cycle in page for row in _long(asked, cycle)]


async def _of_account(asked: Question) -> Question:
    """Narrowed down to one account, by id or name, where one is asked about."""
    if asked.asked.account is None:
        return asked
    one = ACCOUNT.c.id == (await find_account(asked.store, asked.asked.account)).id
    return replace(asked, only=one if asked.only is None else one & asked.only)


async def _first(
    pages: AsyncIterator[list[CycleDays]], most: int | None
) -> tuple[list[CycleDays], str | None]:
    """The cycles of so many accounts, and the last of these if there are more."""
    found: dict[str, list[CycleDays]] = {}
    async for page in pages:
        for cycle in page:
            if len(found) == most and cycle.account not in found:
                return [one for of in found.values() for one in of], list(found)[-1]
            found.setdefault(cycle.account, []).append(cycle)
    return [one for of in found.values() for one in of], None


def _long(asked: Question, cycle: CycleDays) -> Iterator[list[Any]]:
    """Days in the lifecycle, without a stage; then a row per stage."""
    about = [
        cycle.account,
        cycle.name,
        cycle.lifecycle,
        cycle.cycle,
        cycle.started_at,
        cycle.ended_at,
        cycle.end_stage,
    ]
    yield [*about, None, _whole(cycle)]
    for stage in _stages(_lifecycle(asked, cycle), cycle):
        yield [*about, stage, cycle.days(stage)]


def _report(asked: Question, cycles: list[CycleDays], last: str | None) -> Report[CycleDays]:
    return Report(
        "days",
        "Days in lifecycle and stage",
        [
            Column("account", "", lambda one: one.account),
            Column("name", "", lambda one: one.name),
            Column(
                "lifecycle",
                "Lifecycle",
                lambda one: one.lifecycle,
                lambda one: _lifecycle(asked, one).title,
            ),
            Column("cycle", "Cycle", lambda one: one.cycle, right=True),
            Column(
                "started_at",
                "Began",
                lambda one: one.started_at,
                lambda one: _day(asked, one.started_at),
                wide=True,
            ),
            Column("ended_at", "Ended", lambda one: one.ended_at, lambda one: _ended(asked, one)),
            Column("end_stage", "", lambda one: one.end_stage),
            Column("stage", "", lambda one: one.stage),
            Column("days", "Days", _whole, right=True),
            Column(
                "days_in",
                "Days in stages",
                lambda one: _by_stage(asked, one),
                lambda one: _said(asked, one),
            ),
        ],
        cycles,
        asked.facts,
        asked.said,
        lambda one: one.name,
        [NOTE],
        "No account is, or was, in a stage.",
        after=last,
    )


def _lifecycle(asked: Question, cycle: CycleDays) -> Lifecycle:
    return asked.book.lifecycles[cycle.lifecycle]


def _stages(lifecycle: Lifecycle, cycle: CycleDays) -> Iterable[str]:
    """All but end stages, which have no days (R10); behind them those visited that are no longer defined."""
    known = [stage.id for stage in lifecycle.stages if not stage.end]
    return known + sorted({*(cycle.stages or ())} - {stage.id for stage in lifecycle.stages})


def _whole(cycle: CycleDays) -> int | None:
    return None if cycle.overall is None else cycle.overall.days


def _by_stage(asked: Question, cycle: CycleDays) -> dict[str, int | None]:
    return {stage: cycle.days(stage) for stage in _stages(_lifecycle(asked, cycle), cycle)}


def _said(asked: Question, cycle: CycleDays) -> str:
    """The stages that were visited, in order."""
    if cycle.stages is None:
        return "cancelled: no value"
    lifecycle = _lifecycle(asked, cycle)
    visited = [stage for stage in _stages(lifecycle, cycle) if stage in cycle.stages]
    return ", ".join(
        f"{label(lifecycle, stage)} {number_words(cycle.days(stage))}" for stage in visited
    )


def _ended(asked: Question, cycle: CycleDays) -> str:
    if cycle.ended_at is None:
        return "runs" if cycle.overall is not None else MISSING
    return f"{_day(asked, cycle.ended_at)}, {label(_lifecycle(asked, cycle), cycle.end_stage)}"


def _day(asked: Question, at: datetime) -> str:
    return written_day(at.astimezone(asked.zone).date())
