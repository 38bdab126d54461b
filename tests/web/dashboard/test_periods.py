"""The days of a period by its name."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as some

from lifecycle.store.reports.periods import Step
from lifecycle.telling.reports.kinds import KINDS
from lifecycle.web.pages.dashboard.periods import days_of
from lifecycle.web.pages.dashboard.wishes import Wish

TODAY = date(2026, 6, 1)


@given(some.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_quarters_follow_each_other(today: date) -> None:
    first, last = days_of("quarter", today)
    before, until = days_of("last-quarter", today)
    assert first is not None
    assert before is not None
    assert first <= last == today
    assert until == first - timedelta(days=1)
    assert (before.day, before.month % 3) == (1, 1)
    assert 89 <= (first - before).days <= 92


def test_a_period_ends_on_the_day_that_is_asked_about() -> None:
    """And what is told apart follows from how long it is."""
    kind = KINDS["over-time"]
    asked = Wish(as_of="2026-03-31", period="quarter").asked(kind, TODAY)
    assert (asked.first, asked.last, asked.by) == ("2026-01-01", "2026-03-31", Step.WEEK)
    year = Wish(period="12m").asked(kind, TODAY)
    assert (year.first, year.last, year.by) == ("2025-06-01", "2026-06-01", Step.MONTH)
    assert Wish(period="12m", by="day").asked(kind, TODAY).by is Step.DAY


def test_an_address_keeps_what_was_asked_and_no_more() -> None:
    wish = Wish.model_validate({"from": "2026-01-01", "where": ["a is b", " "], "limit": 5})
    assert wish.query() == "?from=2026-01-01&limit=5&where=a+is+b"
    assert wish.query(first="", limit="", period="12m") == "?period=12m&where=a+is+b"
    assert Wish().query() == ""
