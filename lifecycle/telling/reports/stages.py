"""The stages of a report: in the order of the definition, with the labels and colours people know."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from lifecycle.core.conditions import NONE
from lifecycle.core.model import Book, Lifecycle
from lifecycle.store.reports.periods import Period, Step

from ..phrases import written_day
from .report import Coloured


def stages_of(lifecycle: Lifecycle, found: Iterable[str | None]) -> list[str]:
    """Ids in the order of the definition; behind them those found that it no longer has."""
    known = [stage.id for stage in lifecycle.stages]
    gone = {stage for stage in found if stage is not None} - {*known}
    return known + sorted(gone)


def label(lifecycle: Lifecycle, stage: str | None) -> str:
    """A stage as people call it; None is a word (T22)."""
    found = lifecycle.stage(stage)
    return found.label if found else stage or NONE


def stage_word(lifecycle: Lifecycle, stage: str | None) -> Coloured:
    """Its label with its colour."""
    found = lifecycle.stage(stage)
    text = label(lifecycle, stage)
    return Coloured(text, found.colour, found.end) if found else Coloured(text)


def place(lifecycle: Lifecycle, stage: str | None, known: Collection[str]) -> int:
    """Where a stage comes among `stages_of`; None comes first."""
    return -1 if stage is None else [*known].index(stage)


def currency(book: Book) -> str | None:
    """The currency of ARR."""
    spec = book.account.fields.get("arr")
    return spec.currency if spec else None


def arr_title(book: Book) -> str:
    """The heading of amounts: it says the currency once."""
    return f"ARR, {money}" if (money := currency(book)) else "ARR"


def step_words(period: Period, step: Step) -> str:
    """A step as the first cell of its line: the day, the week's Monday, the month."""
    if step is Step.MONTH:
        return f"{period.first:%b %Y}"
    return f"from {short(period.first)}" if step is Step.WEEK else written_day(period.first)


def short(day: date) -> str:
    """`14 Mar`."""
    return f"{day.day} {day:%b}"
