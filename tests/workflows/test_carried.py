"""What a run carries to the next: readable for years, believed only when it was carried."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lifecycle.core.codec import to_data
from lifecycle.core.inputs import Event, SetStage
from lifecycle.core.state import AccountState
from workflows.carried import FEWEST_EVENTS, RUN_EVENTS, Bounds, Refused, Start, read_start
from workflows.life import Life
from workflows.turn import Turn

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def full() -> Start:
    """Everything a run may leave behind."""
    return Start(
        "acme",
        AccountState("acme", created_at=NOW, fields={"arr": 5, "renewal_date": NOW.date()}),
        {"account": {}},
        [Event("1", "crm", "x", NOW, NOW, {"n": 1}), SetStage(NOW, "ann", "r", "j", None)],
        {"acme/j.welcome/v1": NOW},
        [Refused("2026-03-02 00:00", "x", "bad")],
        {"j": "deal won"},
        Bounds(100, 50),
    )


def test_what_is_carried_comes_back() -> None:
    assert read_start(to_data(full()), "account/acme", is_continued=True) == full()


def test_a_person_who_starts_a_run_decides_its_bounds_only() -> None:
    start = read_start(to_data(full()), "account/other", is_continued=False)
    assert start == Start("other", bounds=Bounds(100, 50))


def test_an_older_release_is_read_and_a_newer_one_too() -> None:
    """Additive fields with defaults: what is missing is the default, what is unknown is ignored."""
    data = {"account": "acme", "state": {"account": "acme", "from_the_future": 1}, "more": [1]}
    start = read_start(data, "account/acme", is_continued=True)
    assert start.state == AccountState("acme")


@pytest.mark.parametrize("data", [None, 7, "x", [], {"state": 7}, {"waiting": [{"is": "Nothing"}]}])
def test_what_cannot_be_read_is_as_if_not_given(data: Any) -> None:
    assert read_start(data, "account/acme", is_continued=True) == Start("acme")


@pytest.mark.parametrize("bounds", [{"events": "many"}, {"signals": None}])
def test_bounds_that_are_none_are_the_usual_ones(bounds: Any) -> None:
    assert read_start({"bounds": bounds}, "a", is_continued=False).bounds.events == RUN_EVENTS


def test_no_run_is_too_short_to_work() -> None:
    bounds = read_start({"bounds": {"events": 0, "signals": -3}}, "a", is_continued=False).bounds
    assert bounds == Bounds(FEWEST_EVENTS, 1)


@pytest.mark.parametrize("book", [{"account": 1}, {"nothing": {}}, [1], 7])
def test_a_book_that_cannot_be_read_is_not_carried_on(book: Any) -> None:
    """The account enters anew: what is stored is the truth."""
    life = Life("acme", lambda _: None, Turn("acme", timedelta(minutes=1)))
    life.carry_on(AccountState("acme"), book)
    assert life.fold is None
