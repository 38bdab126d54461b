"""Days, weeks from Monday and months of a period; shares, bars and numbers as shown."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.console.report_tables import bar
from lifecycle.store.reports.periods import DAY, Period, Step
from lifecycle.telling.reports.report import number_words, percent

days = st.dates(date(2019, 12, 1), date(2030, 1, 31))


@given(days, st.integers(0, 500), st.sampled_from(Step))
def test_steps_cover_the_period_without_gap_or_overlap(first: date, more: int, step: Step) -> None:
    period = Period(first, first + timedelta(days=more))
    steps = list(period.steps(step))
    assert (steps[0].first, steps[-1].last) == (period.first, period.last)
    for one, following in pairwise(steps):
        assert one.last + DAY == following.first
        assert step.begins(following.first) == following.first
    for one in steps:
        assert step.begins(one.first) == step.begins(one.last)
    assert period.ends - period.begins == timedelta(days=more + 1)


@pytest.mark.parametrize(
    ("share", "drawn"),
    [(0, ""), (1, "████"), (0.5, "██"), (0.25 + 1 / 32, "█▏"), (7, "████"), (-1, "")],
)
def test_bars_are_drawn_in_eighths(share: float, drawn: str) -> None:
    assert bar(share, 4) == drawn


def test_numbers_are_short() -> None:
    assert [number_words(one) for one in (None, 0, 1200, 12.0, 12.5, 12.25)] == [
        "–", "0", "1,200", "12", "12.5", "12.2",
    ]  # fmt: skip
    assert [percent(one) for one in (None, 0.0, 0.004, 0.125, 1.0)] == [
        "–", "0 %", "<1 %", "12 %", "100 %",
    ]  # fmt: skip
