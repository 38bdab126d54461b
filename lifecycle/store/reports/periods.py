"""The days a report covers, and the days, weeks or months it tells apart. Days are whole UTC days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

DAY = timedelta(days=1)


class Step(StrEnum):
    """What a report over time tells apart. A week begins on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    def begins(self, day: date) -> date:
        """The first day of the step a day lies in."""
        if self is Step.WEEK:
            return day - timedelta(days=day.weekday())
        return day.replace(day=1) if self is Step.MONTH else day

    def next(self, begins: date) -> date:
        """The first day of the step after the one that begins on that day."""
        if self is Step.MONTH:
            return (begins.replace(day=28) + timedelta(days=4)).replace(day=1)
        return begins + timedelta(days=7 if self is Step.WEEK else 1)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days, both included."""

    first: date
    last: date

    @property
    def begins(self) -> datetime:
        """The instant it begins."""
        return midnight(self.first)

    @property
    def ends(self) -> datetime:
        """The instant it is over; it is no part of the period."""
        return midnight(self.last) + DAY

    def steps(self, step: Step) -> Iterator[Period]:
        """Its days, weeks or months in order; the first and the last may be cut short."""
        begins = self.first
        while begins <= self.last:
            after = step.next(step.begins(begins))
            yield Period(begins, min(after - DAY, self.last))
            begins = after


def midnight(day: date) -> datetime:
    """The instant a day begins."""
    return datetime.combine(day, time(), UTC)
