"""A chart as data: its kind, what is drawn, and the sentence that says what it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from typing import Any, Final, TypeVar

from lifecycle.core.model import Lifecycle
from lifecycle.telling.reports.asking import Question
from lifecycle.telling.reports.findings import finding
from lifecycle.telling.reports.report import Report

Row = TypeVar("Row")
NOTHING: Final = "grey"
"""The colour of those in no stage, and of what is of no stage."""


@dataclass(frozen=True, slots=True)
class Series:
    """Values under a name, one per step or bar. `colour` is a name as definitions have them; `ink` is that of text.

    A line may have a band around it, from `low` to `high`.
    """

    name: str
    colour: str
    values: Sequence[float | None]
    line: bool = False
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """`data` goes to the browser as JSON; `heading` names the lifecycle where there are several."""

    kind: str
    says: str
    data: dict[str, Any] = field(default_factory=dict)
    heading: str = ""

    @property
    def drawn(self) -> dict[str, Any]:
        """What charts.js is given."""
        return {"kind": self.kind, "says": self.says, **self.data}


def columns(steps: Sequence[str], series: Iterable[Series], stacked: bool = True) -> dict[str, Any]:
    """Upright bars, one per step, of parts on top of each other or side by side; lines over them."""
    return {"steps": list(steps), "series": [asdict(one) for one in series], "stacked": stacked}


def bars(
    names: Sequence[str], series: Iterable[Series], notes: Sequence[str] = ()
) -> dict[str, Any]:
    """Lying bars, one per name from above, with a word behind each."""
    return {"names": list(names), "series": [asdict(one) for one in series], "notes": list(notes)}


def per_lifecycle(
    asked: Question,
    report: Report[Row],
    lifecycle_of: Callable[[Row], str],
    make: Callable[[Lifecycle, list[Row]], tuple[str, dict[str, Any]]],
) -> list[Chart]:
    """A chart for each lifecycle that has rows: kind and data from `make`."""
    by_id = {one.id: one for one in asked.lifecycles}
    found: list[Chart] = []
    for id_, rows in groupby(report.rows, lifecycle_of):
        mine = list(rows)
        kind, data = make(by_id[id_], mine)
        found.append(Chart(kind, finding(asked, report, mine), data, by_id[id_].title))
    return found


def colour_of(lifecycle: Lifecycle, stage: str | None) -> str:
    """A stage's colour; grey for none and for one that is no longer defined."""
    found = lifecycle.stage(stage)
    return found.colour if found else NOTHING
