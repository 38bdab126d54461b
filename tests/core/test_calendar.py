"""Business days, holidays and time zones (R12, R19)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from lifecycle.core.durations import Calendar, Duration, Unit, add, day_instant, zone_of

from .journey import Journey, flow, small

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
PLAIN = Calendar()


def business(amount: int) -> Duration:
    return Duration(amount, Unit.BUSINESS_DAYS)


@pytest.mark.parametrize(
    ("start", "amount", "zone", "expected"),
    [
        # Friday afternoon and one business day: Monday at the same hour.
        ("2026-03-06T15:00+00:00", 1, ZoneInfo("UTC"), "2026-03-09T15:00+00:00"),
        # Over the change to summer time the local hour stays: 10:00 in Berlin is 09:00Z, then 08:00Z.
        ("2026-03-27T09:00+00:00", 1, BERLIN, "2026-03-30T08:00+00:00"),
        # And back in autumn.
        ("2026-10-23T08:00+00:00", 1, BERLIN, "2026-10-26T09:00+00:00"),
        # Late on Friday in UTC is Saturday already in Berlin: the next business day is Monday.
        ("2026-03-06T23:30+00:00", 1, BERLIN, "2026-03-08T23:30+00:00"),
        # ... but still Friday in New York.
        ("2026-03-06T23:30+00:00", 1, NEW_YORK, "2026-03-09T22:30+00:00"),
        # From a Saturday on.
        ("2026-03-07T09:00+00:00", 5, ZoneInfo("UTC"), "2026-03-13T09:00+00:00"),
    ],
)
def test_r19_business_days_keep_the_local_hour(
    start: str, amount: int, zone: ZoneInfo, expected: str
) -> None:
    """R19: weekends are passed over, in the account's zone."""
    assert add(
        datetime.fromisoformat(start), business(amount), PLAIN, zone
    ) == datetime.fromisoformat(expected)


def test_r19_calendar_days_are_elapsed_time() -> None:
    """R12, R19: a day is 24 hours, over the change to summer time too."""
    start = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert add(start, Duration(1), PLAIN, BERLIN) == datetime(2026, 3, 29, 12, tzinfo=UTC)


def test_r19_holidays_and_other_weeks() -> None:
    """R19: Sunday to Thursday, and two holidays in a row."""
    calendar = Calendar((6, 0, 1, 2, 3), (date(2026, 3, 8), date(2026, 3, 9)))
    thursday = datetime(2026, 3, 5, 8, tzinfo=UTC)
    assert add(thursday, business(1), calendar, ZoneInfo("UTC")) == datetime(
        2026, 3, 10, 8, tzinfo=UTC
    )


def test_r19_an_hour_that_the_clock_leaves_out() -> None:
    """R19: half past two does not exist in Berlin on that Sunday; the instant is the one an hour's walk gives."""
    every_day = Calendar((0, 1, 2, 3, 4, 5, 6))
    saturday = datetime(2026, 3, 28, 1, 30, tzinfo=UTC)
    assert add(saturday, business(1), every_day, BERLIN) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        (None, "2026-03-30T07:00+00:00"),
        (Duration(-2), "2026-03-28T08:00+00:00"),
        (Duration(-1, Unit.WEEKS), "2026-03-23T08:00+00:00"),
        (business(-2), "2026-03-26T08:00+00:00"),
        (Duration(-12, Unit.HOURS), "2026-03-29T19:00+00:00"),
        (Duration(90, Unit.MINUTES), "2026-03-30T08:30+00:00"),
    ],
)
def test_r19_dates_fall_due_when_the_day_begins(offset: Duration | None, expected: str) -> None:
    """R19: nine o'clock local time of the day so many days before, in winter and in summer."""
    calendar = Calendar(day_begins=time(9))
    assert day_instant(date(2026, 3, 30), offset, calendar, BERLIN) == datetime.fromisoformat(
        expected
    )


def test_r19_an_unknown_zone_is_utc() -> None:
    """R12: no account waits because of its zone."""
    assert zone_of("Mars/Olympus").key == zone_of(None).key == "UTC"


def test_r19_stuck_in_business_days_over_christmas() -> None:
    """R19: entered on 23 December in Berlin; two business days with one holiday in between."""
    lines = flow("stages:\n  a: {label: A, stuck after: 2 business days}\n")
    journey = Journey(small(lines))
    journey.create(time_zone="Europe/Berlin")
    journey.now = datetime(2026, 12, 23, 9, tzinfo=UTC)
    journey.set("flow", "a")
    assert journey.fold.wakes_at() == datetime(2026, 12, 28, 9, tzinfo=UTC)


def test_r19_a_new_zone_moves_the_deadlines() -> None:
    """R19: deadlines are derived from what is known now."""
    lines = flow(
        "stages:\n  a: {label: A}\nalso: [{name: t, at: renewal_date, email: welcome, to: csm}]\n"
    )
    journey = Journey(small(lines))
    journey.create(renewal_date="2026-07-01")
    assert journey.fold.wakes_at() == datetime(2026, 7, 1, 9, tzinfo=UTC)
    journey.fields(time_zone="America/New_York")
    assert journey.fold.wakes_at() == datetime(2026, 7, 1, 13, tzinfo=UTC)
