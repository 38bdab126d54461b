"""How long accounts stay (N4): the estimator against answers worked out by hand, and what must hold of any."""

from __future__ import annotations

from collections import Counter
from math import isclose
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.core.stays import (
    GROUPS,
    Expected,
    Pace,
    Seen,
    Stays,
    expected,
    jackknifed,
    outlook,
    pace,
    rolled,
)


def seen(ended: dict[tuple[int, str | None], int], running: dict[int, int] | None = None) -> Seen:
    return Seen(Counter(ended), Counter(running or {}))


def test_n4_kaplan_and_meier_by_hand() -> None:
    """N4: six stays; two end on day 1, one goes on since day 2, one ends on day 3, two go on since day 4."""
    found = pace(seen({(1, "b"): 2, (3, "b"): 1}, {2: 1, 4: 2}), 5, few=0)
    # S(1) = 4/6; on day 3 three are at risk and one leaves: S(3) = 4/6 · 2/3.
    assert found.still == pytest.approx([1, 4 / 6, 4 / 6, 4 / 9, 4 / 9, 4 / 9])
    assert found.into["b"] == pytest.approx([0, 2 / 6, 0, 4 / 6 / 3, 0, 0])


def test_n4_aalen_and_johansen_by_hand() -> None:
    """N4: two ways out share the risk; who went one way is no loss to follow of the other."""
    found = pace(seen({(1, "b"): 1, (2, "c"): 1, (4, "b"): 1}, {2: 1}), 4, few=0)
    # At risk: 4, then 3 on day 2, then 1 on day 4.
    assert found.by("b") == pytest.approx([0, 1 / 4, 1 / 4, 1 / 4, 1 / 4 + 3 / 4 * 2 / 3])
    assert found.by("c") == pytest.approx([0, 0, 3 / 4 / 3, 1 / 4, 1 / 4])
    assert found.still == pytest.approx([1, 3 / 4, 1 / 2, 1 / 2, 0])


def test_n4_the_end_of_a_curve_that_few_were_seen_on_is_taken_together() -> None:
    """N4: below `few` at risk one hazard for all days, which goes on beyond the longest stay."""
    found = pace(seen({(0, "b"): 3, (5, "b"): 1}, {4: 1, 5: 1}), 40, few=4)
    # From day 1 on three are at risk: one leaves in 3·4 + 2 = 14 days at risk.
    assert found.still[0] == 0.5
    assert found.still[10] == pytest.approx(0.5 * (1 - 1 / 14) ** 10)
    assert found.still[40] == pytest.approx(0.5 * (1 - 1 / 14) ** 40)


WAYS = st.sampled_from(["b", "c", None])
ENDED = st.dictionaries(st.tuples(st.integers(0, 20), WAYS), st.integers(1, 5), min_size=1)
RUNNING = st.dictionaries(st.integers(0, 25), st.integers(1, 5))


@given(ENDED)
def test_n4_where_every_stay_ended_the_curves_are_plain_shares(
    ended: dict[tuple[int, str | None], int],
) -> None:
    """N4: no censoring, nothing to estimate."""
    found, total = pace(seen(ended), 21, few=0), sum(ended.values())
    for day in range(22):
        left = sum(number for (days, _), number in ended.items() if days <= day)
        assert isclose(found.still[day], 1 - left / total, abs_tol=1e-9)
        for way in {way for _, way in ended}:
            mine = sum(number for (days, to), number in ended.items() if days <= day and to == way)
            assert isclose(found.by(way)[day], mine / total, abs_tol=1e-9)


@given(ENDED, RUNNING, st.sampled_from([0, 10]))
def test_n4_nobody_is_lost_and_nobody_leaves_twice(
    ended: dict[tuple[int, str | None], int], running: dict[int, int], few: int
) -> None:
    """N4: those who stay and those who left for any stage are all there are; a curve never turns back."""
    found = pace(seen(ended, running), 30, few)
    for day in range(31):
        left = sum(found.by(way)[day] for way in found.into)
        assert isclose(found.still[day] + left, 1, abs_tol=1e-9)
    assert list(found.still) == sorted(found.still, reverse=True)


# ── rolled forward


SURE: dict[str | None, Pace] = {"a": Pace([1, 1, 1, 0, 0, 0, 0], {"b": [0, 0, 0, 1, 0, 0, 0]})}
"""Everybody leaves `a` for `b` on day 3."""


def test_n4_each_account_leaves_as_those_did_that_had_stayed_as_long() -> None:
    """N4: of two that came today and one that has been there for two days."""
    flow = rolled(SURE, {"a": Counter({0: 2, 2: 1})}, 3)
    assert flow["b"] == [0, 1, 0, 2]


def test_n4_who_comes_to_a_stage_leaves_it_again() -> None:
    """N4: on day 1 to `b`, two days later half of them to `c`."""
    paces: dict[str | None, Pace] = SURE | {
        "b": Pace([1, 1, 0.5, 0.5, 0.5, 0.5], {"c": [0, 0, 0.5, 0, 0, 0]})
    }
    flow = rolled(paces, {"a": Counter({2: 4})}, 5)
    assert flow["b"] == [0, 4, 0, 0, 0, 0]
    assert flow["c"] == [0, 0, 0, 2, 0, 0]


def test_n4_a_stage_passed_through_within_a_day_costs_no_day() -> None:
    """N4: `b` and `c` on one day; back to a stage that is done with only on the next."""
    paces: dict[str | None, Pace] = SURE | {
        "b": Pace([0, 0], {"c": [1, 0]}),
        "c": Pace([0, 0], {"a": [1, 0]}),
    }
    flow = rolled(paces, {"a": Counter({2: 1})}, 3)
    assert (flow["b"][1], flow["c"][1]) == (1, 1)
    assert flow["a"] == [0, 0, 1, 0]


@settings(max_examples=60, deadline=None)
@given(ENDED, RUNNING, st.dictionaries(st.integers(0, 30), st.integers(1, 4), min_size=1))
def test_n4_no_more_leave_than_there_are(
    ended: dict[tuple[int, str | None], int], running: dict[int, int], ages: dict[int, int]
) -> None:
    """N4: whatever was seen."""
    paces: dict[str | None, Pace] = {"a": pace(seen(ended, running), 70)}
    flow = rolled(paces, {"a": Counter(ages)}, 30)
    assert sum(map(sum, flow.values())) <= sum(ages.values()) + 1e-6


# ── intervals


def test_n4_counts_spread_as_chance_has_it() -> None:
    """N4: a Poisson of 4 lies between 2 and 7 in four of five cases, one of 0.05 is 0; more spread is wider."""
    assert expected(4, 4) == Expected(4, 2, 7)
    assert expected(0.05, 0.05) == Expected(0.05, 0, 0)
    wide = expected(4, 16)
    assert (wide.low, wide.high) == (0, 9)


def test_n4_who_is_sure_to_leave_leaves_no_interval() -> None:
    """N4: each account leaves or does not; where it certainly does there is no chance."""
    stays = Stays()
    for number in range(200):
        stays.ended(number % GROUPS, "a", 14, "b")
    found = outlook(stays, {"a": Counter({3: 50})}, [(1, 10), (11, 20)])
    assert (0, "b", False) not in found
    assert found[1, "b", False] == Expected(50, 50, 50)
    assert found[1, None, True] == found[1, "b", False]


def test_n4_what_was_seen_less_often_is_less_certain() -> None:
    """N4: the same shares from 40 stays and from 4,000."""
    dice = Random(7)
    few, many = Stays(), Stays()
    for stays, number in ((few, 40), (many, 4_000)):
        for one in range(number):
            stays.ended(one % GROUPS, "a", dice.randrange(30), dice.choice("bbc"))
    standing: dict[str | None, Counter[int]] = {"a": Counter({0: 500})}
    wide, narrow = (outlook(one, standing, [(1, 15)])[0, "b", False] for one in (few, many))
    assert wide.high - wide.low > 1.5 * (narrow.high - narrow.low)


def test_n4_the_jackknife_of_a_mean_is_its_variance() -> None:
    """N4: of 1, 2, 3, 4, 5 the mean's variance is that of the sample, 2.5, divided by 5."""
    numbers = [1, 2, 3, 4, 5]
    without = [(sum(numbers) - one) / 4 for one in numbers]
    assert jackknifed(without) == pytest.approx(0.5)
