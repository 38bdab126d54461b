"""Durations and calendars: `14 days`, `3 business days`, and the instant they lead to."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .refusal import Refusal, did_you_mean


class Unit(StrEnum):
    """Units a definition may use. Months and years have no fixed length and are not among them."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    BUSINESS_DAYS = "business days"


_SECONDS = {Unit.MINUTES: 60, Unit.HOURS: 3600, Unit.DAYS: 86_400, Unit.WEEKS: 604_800}


@dataclass(frozen=True, slots=True)
class Duration:
    """An amount of time. Calendar units are elapsed seconds (R12); business days follow a calendar (R19)."""

    amount: int
    unit: Unit = Unit.DAYS

    @property
    def elapsed(self) -> timedelta:
        """The elapsed time. Raises `ValueError` for business days, which have none of their own."""
        if self.unit is Unit.BUSINESS_DAYS:
            raise ValueError("business days have no fixed length")
        return timedelta(seconds=self.amount * _SECONDS[self.unit])

    def __str__(self) -> str:
        word = self.unit.value
        return f"{self.amount} {word[:-1] if self.amount == 1 else word}"


# ── durations as people write them

MAX_DAYS = 36_500
_DURATION = re.compile(r"(\S+)\s+(\S+(?:\s+\S+)?)")
_UNITS = {unit.value: unit for unit in Unit} | {unit.value[:-1]: unit for unit in Unit}
_FIXED = {"month": 30, "months": 30, "year": 365, "years": 365, "quarter": 90, "quarters": 90}
EXAMPLE = "Write it like `14 days`, `3 business days` or `2 hours`."


def read_duration(text: str) -> Duration:
    """`14 days` as a duration. Raises `Refusal(code="bad_duration")`."""
    found = _DURATION.fullmatch(text.strip())
    if not found:
        raise Refusal("bad_duration", f"`{text}` is no duration.", EXAMPLE)
    amount, unit = found.group(1), " ".join(found.group(2).lower().split())
    if not re.fullmatch(r"[0-9]{1,8}", amount) or int(amount) == 0:
        raise Refusal("bad_duration", f"`{amount}` is no whole number above 0.", EXAMPLE)
    return _bounded(Duration(int(amount), _unit(int(amount), unit)))


def _unit(amount: int, word: str) -> Unit:
    if word in _FIXED:
        days = amount * _FIXED[word]
        message = f"A {word.removesuffix('s')} has no fixed length."
        raise Refusal("bad_duration", message, f"Write `{days} days`.")
    if word not in _UNITS:
        remedy = did_you_mean(word, [unit.value for unit in Unit])
        raise Refusal("bad_duration", f"`{word}` is no unit of time.", remedy)
    return _UNITS[word]


def _bounded(found: Duration) -> Duration:
    elapsed = replace(found, unit=Unit.DAYS if found.unit is Unit.BUSINESS_DAYS else found.unit)
    if elapsed.amount > MAX_DAYS * 1440 or elapsed.elapsed.days > MAX_DAYS:
        raise Refusal("bad_duration", f"`{found}` is longer than a hundred years.")
    return found


# ── calendars


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days count as business days. `week` holds weekday numbers, Monday is 0."""

    week: tuple[int, ...] = (0, 1, 2, 3, 4)
    holidays: tuple[date, ...] = ()
    day_begins: time = time(9)

    def is_open(self, day: date) -> bool:
        """Whether work is done on that day."""
        return day.weekday() in self.week and day not in self.holidays


def zone_of(name: object) -> ZoneInfo:
    """The time zone of that name; UTC where the account has none or one that is unknown here."""
    try:
        return ZoneInfo(str(name or "UTC"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def add(start: datetime, duration: Duration, calendar: Calendar, zone: ZoneInfo) -> datetime:
    """The instant `duration` after `start` (UTC). Business days keep the local time of day (R19)."""
    if duration.unit is not Unit.BUSINESS_DAYS:
        return start + duration.elapsed
    local = start.astimezone(zone)
    day = shift_business_days(local.date(), duration.amount, calendar)
    return datetime.combine(day, local.timetz().replace(tzinfo=zone)).astimezone(UTC)


def shift_business_days(day: date, amount: int, calendar: Calendar) -> date:
    """The business day `amount` business days after (before, if negative) `day`."""
    step = timedelta(days=1 if amount >= 0 else -1)
    left = abs(amount)
    while left > 0 and calendar.week:
        day += step
        left -= calendar.is_open(day)
    return day


FIRST, LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
"""Instants the engine reckons with. "For ever" is often written as the last day there is, and nothing follows it."""


def day_instant(day: date, offset: Duration | None, calendar: Calendar, zone: ZoneInfo) -> datetime:
    """When a date-relative line falls due: the shifted day at the hour the day begins, in UTC.

    `offset` is signed: `90 days before` is -90. Source: `day begins at` of directory.yaml. From `FIRST` to `LAST`.
    """
    try:
        found = _day_instant(day, offset, calendar, zone)
    except OverflowError:
        return LAST if day.year > FIRST.year else FIRST
    return min(max(found, FIRST), LAST)


def _day_instant(
    day: date, offset: Duration | None, calendar: Calendar, zone: ZoneInfo
) -> datetime:
    if offset is not None and offset.unit is Unit.BUSINESS_DAYS:
        day = shift_business_days(day, offset.amount, calendar)
    elif offset is not None and offset.unit in (Unit.DAYS, Unit.WEEKS):
        day += offset.elapsed
        offset = None
    begins = datetime.combine(day, calendar.day_begins, tzinfo=zone).astimezone(UTC)
    shorter = offset is not None and offset.unit is not Unit.BUSINESS_DAYS
    return begins + offset.elapsed if offset is not None and shorter else begins
