"""How far those came that began, and how many come through (G10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lifecycle.core.model import Lifecycle
from lifecycle.core.refusal import Refusal
from lifecycle.store.reports.funnel import Velocity, funnel, velocity
from lifecycle.store.reports.periods import Step
from lifecycle.store.reports.scope import Scope
from lifecycle.store.reports.spread import Spread

from ..accounts import stage_named
from .asking import Question
from .report import Column, Report, percent
from .stages import stage_word, stages_of, step_words

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


async def reached(asked: Question) -> Report[Reached]:
    """Of the accounts that came to the first stage between two days: how many reached which stage, and when.

    Raises `Refusal` for a stage to begin at without its lifecycle.
    """
    if asked.asked.start is not None and asked.asked.lifecycle is None:
        said = "A stage to begin at belongs to a lifecycle."
        raise Refusal("no_start", said, "Name the lifecycle too.", "start")
    lines = [line for one in asked.lifecycles for line in await _lines(asked, one)]
    return Report(
        "funnel",
        "How far they came",
        [
            Column("lifecycle", "", lambda line: line.lifecycle.id),
            Column(
                "stage",
                "Stage",
                lambda line: line.stage,
                lambda line: stage_word(line.lifecycle, line.stage),
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


async def _lines(asked: Question, lifecycle: Lifecycle) -> list[Reached]:
    first = _start(lifecycle, asked.asked.start)
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


async def through(asked: Question) -> Report[Through]:
    """How many cycles began and ended in every day, week or month, and how long they took."""
    by = asked.by()
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
