"""How long stays last, against what is expected (G6, G10, T11)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lifecycle.core.model import Lifecycle
from lifecycle.store.reports.durations import Stays, time_in_stage
from lifecycle.store.reports.spread import Spread

from ..phrases import MISSING
from .asking import Question
from .report import Column, Report, number_words, percent
from .stages import stage_word, stages_of


@dataclass(frozen=True, slots=True)
class Line:
    """The stays in one stage; those on an end stage have no days (R10) and no line."""

    lifecycle: Lifecycle
    stage: str
    stays: Stays

    @property
    def over(self) -> Spread:
        """Days of those that are over."""
        return self.stays.over

    @property
    def expected(self) -> str:
        """What the definition calls typical."""
        stage = self.lifecycle.stage(self.stage)
        return str(stage.expected or "") if stage else ""


async def stays(asked: Question) -> Report[Line]:
    """Days in each stage: median and quartiles against what is expected."""
    found = await time_in_stage(asked.store, asked.scope, asked.period)
    return Report(
        "time-in-stage",
        "Days in stage",
        [
            Column("lifecycle", "", lambda line: line.lifecycle.id),
            Column(
                "stage",
                "Stage",
                lambda line: line.stage,
                lambda line: stage_word(line.lifecycle, line.stage),
            ),
            Column("stays", "Stays", lambda line: line.over.number, right=True),
            Column("median_days", "Median", lambda line: line.over.median, right=True),
            Column("first_quartile_days", "", lambda line: line.over.quantile(0.25)),
            Column("third_quartile_days", "", lambda line: line.over.quantile(0.75)),
            Column("", "Quartiles", lambda line: _quartiles(line.over), right=True),
            Column("expected", "Expected", lambda line: line.expected),
            Column("late", "", lambda line: line.stays.late),
            Column("late_share", "Late", _late, lambda line: percent(_late(line)), right=True),
            Column("open", "Still there", lambda line: line.stays.going_on.accounts, right=True),
            Column(
                "open_median_days",
                "their median",
                lambda line: line.stays.going_on.days.median,
                right=True,
                wide=True,
            ),
            Column(
                "open_late", "late", lambda line: line.stays.going_on.late, right=True, wide=True
            ),
        ],
        [line for one in asked.lifecycles for line in _lines(one, found)],
        asked.facts,
        asked.said,
        lambda line: line.lifecycle.title,
        [
            "Stays that are over, in days of one cycle; then those that are not. Late: longer than expected."
        ],
    )


def _lines(lifecycle: Lifecycle, found: dict[tuple[str, str], Stays]) -> Iterator[Line]:
    mine = {stage: stays for (of, stage), stays in found.items() if of == lifecycle.id}
    for stage in stages_of(lifecycle, mine):
        known = lifecycle.stage(stage)
        if known is None or not known.end:
            yield Line(lifecycle, stage, mine.get(stage, Stays()))


def _quartiles(over: Spread) -> str:
    """Half of the stays lie between them."""
    if not over.number:
        return MISSING
    return f"{number_words(over.quantile(0.25))} to {number_words(over.quantile(0.75))}"


def _late(line: Line) -> float | None:
    """The share of the stays that are over which became late; None where nothing is expected."""
    return line.stays.late / line.over.number if line.over.number and line.expected else None
