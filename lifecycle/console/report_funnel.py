"""`report funnel` and `report velocity`: how far those came that began, and how many come through (G10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

import typer

from lifecycle.core.model import Lifecycle
from lifecycle.core.refusal import Refusal
from lifecycle.store.reports.funnel import Velocity, funnel, velocity
from lifecycle.store.reports.periods import Step
from lifecycle.store.reports.scope import Scope
from lifecycle.store.reports.spread import Spread
from lifecycle.telling.accounts import stage_named

from . import completing
from .report_asking import Question
from .report_options import AskedPeriod, AskedSteps, with_options
from .report_stages import coloured, stages_of, step_words
from .report_tables import Column, Report, percent
from .reports import app, report

Start = Annotated[
    str | None,
    typer.Option(
        "--start",
        metavar="STAGE",
        help="With --lifecycle: begin at this stage. Default: its first.",
        autocompletion=completing.stages,
        show_default=False,
    ),
]


NOTE: Final = (
    "Of the cycles that came to the first stage named. A stage that was skipped was not reached;"
    " one reached after these days counts too."
)


@dataclass(frozen=True, slots=True)
class Reached:
    """How many of those that began came to a stage. `share` is None when nobody began."""

    lifecycle: Lifecycle
    stage: str
    number: int
    share: float | None
    days: float | None


@app.command("funnel")
@with_options
def funnel_(typed: AskedPeriod, start: Start = None) -> None:
    """Of the accounts that came to the first stage between two days: how many reached which stage, and when."""
    if start is not None and typed.lifecycle is None:
        raise typer.BadParameter(
            "A stage belongs to a lifecycle: name it with --lifecycle.", param_hint="--start"
        )
    report(typed, lambda asked: _funnel(asked, start))


async def _funnel(asked: Question, start: str | None) -> Report[Reached]:
    lines = [line for one in asked.lifecycles for line in await _lines(asked, one, start)]
    return Report(
        "funnel",
        "How far they came",
        [
            Column("lifecycle", "", lambda line: line.lifecycle.id),
            Column(
                "stage",
                "Stage",
                lambda line: line.stage,
                lambda line: coloured(line.lifecycle, line.stage),
            ),
            Column("reached", "Reached", lambda line: line.number, right=True),
            Column(
                "share",
                "Share",
                lambda line: line.share,
                lambda line: percent(line.share),
                True,
                lambda line: line.share or 0.0,
            ),
            Column("median_days", "Median days", lambda line: line.days, right=True),
        ],
        lines,
        asked.facts,
        asked.said,
        lambda line: line.lifecycle.title,
        [NOTE],
    )


async def _lines(asked: Question, lifecycle: Lifecycle, start: str | None) -> list[Reached]:
    first = _start(lifecycle, start)
    scope = Scope(asked.moment, (lifecycle.id,), asked.only)
    found = await funnel(asked.store, scope, first, asked.days)
    stages = stages_of(lifecycle, found)
    began = found.get(first, Spread()).number
    chosen = [
        stage for stage in stages[stages.index(first) :] if stage in found or lifecycle.stage(stage)
    ]
    return [_reached(lifecycle, stage, found.get(stage, Spread()), began) for stage in chosen]


def _start(lifecycle: Lifecycle, named: str | None) -> str:
    if named is None:
        return lifecycle.stages[0].id
    stage = stage_named(lifecycle, named)
    if stage is None:
        raise Refusal(
            "no_start",
            "None is no stage to begin at.",
            "Name one of the lifecycle's stages.",
            "start",
        )
    return stage


def _reached(lifecycle: Lifecycle, stage: str, days: Spread, began: int) -> Reached:
    return Reached(
        lifecycle, stage, days.number, days.number / began if began else None, days.median
    )


# ── velocity


@dataclass(frozen=True, slots=True)
class Through:
    """Cycles of a lifecycle that began and that ended in a step."""

    lifecycle: Lifecycle
    step: Step
    of: Velocity


@app.command("velocity")
@with_options
def velocity_(typed: AskedSteps) -> None:
    """How many cycles began and ended in every day, week or month, and how long they took."""
    report(typed, lambda asked: _velocity(asked, typed.by))


async def _velocity(asked: Question, by: Step) -> Report[Through]:
    found = await velocity(asked.store, asked.scope, asked.days, by)
    rows = [Through(one, by, of) for one in asked.lifecycles for of in found[one.id]]
    most = max((max(row.of.began, row.of.ended.number) for row in rows), default=0) or 1
    return Report(
        "velocity",
        "How fast they come through",
        [
            Column("lifecycle", "", lambda row: row.lifecycle.id),
            Column(
                "from",
                by.value.capitalize(),
                lambda row: row.of.step.first,
                lambda row: step_words(row.of.step, row.step),
            ),
            Column("to", "", lambda row: row.of.step.last),
            Column(
                "began",
                "Began",
                lambda row: row.of.began,
                None,
                True,
                lambda row: row.of.began / most,
            ),
            Column(
                "ended",
                "Ended",
                lambda row: row.of.ended.number,
                None,
                True,
                lambda row: row.of.ended.number / most,
            ),
            Column("median_days", "Median days", lambda row: row.of.ended.median, right=True),
        ],
        rows,
        asked.facts | {"by": by},
        asked.said,
        lambda row: row.lifecycle.title,
        [
            "A cycle begins with its first stage entered and ends with an end stage; the days are of those that ended."
        ],
    )
