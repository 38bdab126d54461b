"""The days a page of reports is about, by the names people choose them by."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final, Literal

Name = Literal["", "90d", "quarter", "last-quarter", "12m", "ever"]
PERIODS: Final[tuple[tuple[Name, str], ...]] = (
    ("90d", "90 days"),
    ("quarter", "This quarter"),
    ("last-quarter", "Last quarter"),
    ("12m", "12 months"),
)
EVER: Final[tuple[Name, str]] = ("ever", "All time")
DEFAULT: Final[Name] = "90d"
DAY: Final = timedelta(days=1)


def days_of(name: Name, today: date) -> tuple[date | None, date]:
    """The first and the last day; no first day is the beginning."""
    begins = _quarter(today)
    if name == "last-quarter":
        return _quarter(begins - DAY), begins - DAY
    firsts = {"quarter": begins, "12m": today - timedelta(days=365), "ever": None}
    return firsts.get(name, today - timedelta(days=90)), today


def _quarter(day: date) -> date:
    """The first day of its quarter."""
    return day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)
