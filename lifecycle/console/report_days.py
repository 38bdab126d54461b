"""`report days`: Days in a lifecycle and in its stages, of each account, cycle by cycle (T11, T21, T28)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Final

import typer

from lifecycle.core.model import Lifecycle
from lifecycle.store.accounts import find_account
from lifecycle.store.moment import ACCOUNT
from lifecycle.store.reports.days import DAYS_COLUMNS, CycleDays, days
from lifecycle.telling.phrases import MISSING, written_day

from . import completing
from .desk import Desk, Look, work
from .report_asking import Question, question
from .report_options import Asked, with_options
from .report_stages import label
from .report_tables import Column, Report, answer, csv_file, number_words
from .reports import app

SHOWN: Final = 20
OfAccount = Annotated[
    str | None,
    typer.Option(
        "--account",
        help="Only of this account, by id or name.",
        autocompletion=completing.accounts,
        show_default=False,
    ),
]
Limit = Annotated[
    int | None,
    typer.Option(
        "--limit",
        min=1,
        help=f"At most this many accounts. Default: {SHOWN} on a screen, else all.",
        show_default=False,
    ),
]
After = Annotated[
    str | None, typer.Option(help="The next page: those behind this id.", show_default=False)
]


@app.command("days")
@with_options
def days_(
    typed: Asked, account: OfAccount = None, limit: Limit = None, after: After = None
) -> None:
    """Days in each lifecycle and in its stages, of each account, cycle by cycle."""
    shown = SHOWN if limit is None and typed.csv is None and not typed.as_json else limit
    work(
        lambda desk: _days(desk, typed, account, after or "", shown), Look(typed.as_json, typed.utc)
    )


async def _days(
    desk: Desk, typed: Asked, account: str | None, after: str, most: int | None
) -> None:
    asked = await question(desk, typed)
    if account is not None:
        one = (await find_account(asked.store, account)).id
        asked = replace(
            asked,
            only=ACCOUNT.c.id == one if asked.only is None else (ACCOUNT.c.id == one) & asked.only,
        )
    pages = days(asked.store, asked.scope, after)
    if typed.csv is None:
        answer(desk, _report(asked, *await _first(pages, most)))
        return
    with csv_file(desk, typed.csv, DAYS_COLUMNS) as write:
        async for page in pages:
            write(row for cycle in page for row in _long(asked, cycle))


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
        _notes(last),
        "No account is, or was, in a stage.",
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
    return written_day(at.astimezone(asked.desk.zone).date())


def _notes(last: str | None) -> list[str]:
    notes = ["Days in stages need not add up: a stage gone back to began again, the whole ran on."]
    return notes + ([f"There is more: --after {last}"] if last else [])
