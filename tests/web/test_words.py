"""What templates say dates, amounts and names with."""

from datetime import UTC, date, datetime

import pytest

from lifecycle.settings import Settings
from lifecycle.web.pages.words import (
    Words,
    colour,
    initials,
    number,
    percent,
    quoted,
    shade,
    share,
)  # fmt: skip

WORDS = Words(Settings(zone="Europe/Berlin"))
AT = datetime(2026, 3, 14, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("part", "whole", "named"),
    [
        (0, 30, "p0"), (30, 30, "p100"), (35, 30, "p100"), (-1, 30, "p0"), (1, 3, "p33"),
        (0.5, 1, "p50"), (5, 0, "p0"), (199, 200, "p100"),
    ],
)  # fmt: skip
def test_a_share_is_a_class_there_is(part: float, whole: float, named: str) -> None:
    assert share(part, whole) == named


def test_times_are_those_of_the_viewers_zone() -> None:
    """Half an hour before midnight in London is the day after in Berlin."""
    assert ">15 Mar 2026, 00:30</time>" in WORDS.moment(AT)
    assert 'datetime="2026-03-15T00:30:00+01:00"' in WORDS.moment(AT)
    assert "15 Mar 2026, 00:30, CET" in WORDS.distance(AT)
    assert ">15 Mar 2026</time>" in WORDS.day(AT)
    assert ">14 Mar 2026</time>" in WORDS.day(date(2026, 3, 14))


@pytest.mark.parametrize(
    "written", ["2026-03-14T23:30:00+00:00", "2026-03-14T23:30:59.25Z", "2026-03-15T00:30+01:00"]
)
def test_instants_in_a_sentence_are_said_as_a_page_says_them(written: str) -> None:
    """A refusal is written once for every door; people read no `T` and no `+00:00`."""
    assert WORDS.spoken(f"Renewal since {written}.") == "Renewal since 15 Mar 2026, 00:30."
    assert WORDS.spoken("'2026-99-99T23:30Z' is no date") == "'2026-99-99T23:30Z' is no date"
    assert ">00:30</time>" in WORDS.clock(AT)
    assert {WORDS.moment(None), WORDS.day(None), WORDS.clock(None), WORDS.distance(None)} == {"–"}


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Rosie Papadopoulos", "RP"), ("Ana María de la Cruz", "AC"), ("rosie@example.com", "ro"),
        ("Kan-code", "KC"), ("Ø", "Ø"), ("", ""), ("- ", "- "), ("(Acme) Ltd", "Lt"),
    ],
)  # fmt: skip
def test_initials_of_any_name(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_a_name_keeps_its_colour() -> None:
    assert shade("Rosie") == shade("Rosie")
    assert len({shade(str(one)) for one in range(100)}) == 10
    assert (colour("dark green"), colour("")) == ("c-dark-green", "c-grey")


def test_numbers_and_addresses() -> None:
    assert (number(10412), number(None)) == ("10,412", "–")
    assert (percent(1, 20), percent(1, 0)) == ("5 %", "–")
    assert quoted("a/b %?#ö") == "a%2Fb%20%25%3F%23%C3%B6"
