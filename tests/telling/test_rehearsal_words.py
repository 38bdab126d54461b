"""Why two lives part, as people read it (N2, N3)."""

from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest

from lifecycle.core.model import Book
from lifecycle.store.engine import Store
from lifecycle.telling.rehearsal import OwnerLoad, TeamLoad, load_words, seconds_words, signed
from lifecycle.telling.rehearsal_words import why_words
from lifecycle.telling.viewer import Viewer
from tests.core.journey import Journey, day
from tests.core.test_rehearsing import TIMED, book, changed, rehearsed, won

NOBODY: Any = None


def why(journey: Journey, draft: Book, live: Book | None = None) -> str:
    """In words, on the day the journey has come to."""
    store: Store = NOBODY
    viewer = Viewer(store, journey.now, UTC)
    before = live or journey.fold.book
    return why_words(rehearsed(journey, draft, live), before, draft, viewer)


def held() -> Journey:
    """Moved by time on day 14, on hold from day 20 on."""
    journey = won().at(20)
    journey.hold(40)
    return journey.at(30)


LIVE = book(14)
GONE = book(14, text=TIMED.replace("      - {name: hello, email: welcome, to: contact}\n", ""))
CASES = {
    "not yet": (won().at(30), book(45), None, "By time: day 45 not reached, 19 Feb"),
    "held": (held(), book(45), None, "Held until 6 Mar; By time: day 45 not reached, 31 Mar"),
    "later": (won().at(60), book(45), None, "Entered Second 31 days later"),
    "earlier": (won().at(60), book(3), None, "Entered Second 11 days earlier"),
    "off": (
        won().at(2),
        changed(LIVE, "hello", published=False),
        None,
        "Hello is switched off: no longer sends “welcome”",
    ),
    "on": (
        won().at(2),
        LIVE,
        changed(LIVE, "hello", published=False),
        "Hello is switched on: sends “welcome”",
    ),
    "shadow": (
        won().at(2),
        changed(LIVE, "call", shadow=True),
        None,
        "Call: only recorded (shadow), no longer opens the CTA “Call them”",
    ),
    "gone": (won().at(2), GONE, None, "Hello is gone: no longer sends “welcome”"),
    "new": (won().at(2), LIVE, GONE, "Hello is new: sends “welcome”"),
    "guard": (
        won(arr=150).at(40),
        book(14, text=TIMED.replace("arr > 100", "arr > 200")),
        None,
        "On: arr > 200: no (arr = ",
    ),
}


@pytest.mark.parametrize("case", list(CASES))
def test_the_first_point_at_which_they_part(case: str) -> None:
    """N2: one sentence for each cause."""
    journey, draft, live, said = CASES[case]
    assert why(journey, draft, live).startswith(said), why(journey, draft, live)


def test_a_date_of_another_year_has_it() -> None:
    """House style: 24 Nov, with the year where it is another."""
    assert why(won().at(360), book(600)) == "By time: day 600 not reached, 28 Aug 2027"
    assert day(600).year == 2027


def test_what_a_person_did_and_the_draft_refuses() -> None:
    """T27: the stage is not there in the draft; the refusal says so."""
    journey = won().at(3)
    journey.set("flow", "c")
    text = TIMED.replace("  c:\n    label: Third\n", "").replace(
        "    move:\n      - {name: on, after: 20 days, if: arr > 100, to: c}\n", ""
    )
    assert "has no stage 'c'" in why(journey, book(14, text=text))


def test_what_was_taken_back_but_its_mail_is_told_by_the_mail() -> None:
    """R13: the move never was, the mail of the second stage went out."""
    journey = won().at(15)
    journey.undo()
    said = "Greet: no longer sends “welcome”; the draft is in First"
    assert why(journey, book(45)) == said


def test_numbers() -> None:
    """House style: a minus sign, whole seconds, one decimal."""
    assert [signed(number) for number in (2, 0, -1_200)] == ["+2", "0", "−1,200"]
    assert [seconds_words(seconds) for seconds in (0.2, 41, 300)] == [
        "1 second",
        "41 seconds",
        "5 minutes",
    ]
    ann = OwnerLoad("Ann", 8, 10)
    load = TeamLoad(2, 3.5, 3.6, ann, [ann])
    assert load_words(load) == (
        "CTAs per person and week go from 3.5 to 3.6. The most for one person: Ann, +2."
    )
    assert load_words(replace(load, draft=3.5, most=None)).endswith("stay at 3.5.")
    few = replace(load, live=0.04, draft=0.04, most=None)
    assert load_words(few) == "CTAs per person and week stay below 0.1."
    none = replace(load, live=0.0, draft=0.0, most=None, owners=[])
    assert load_words(none) == "No CTA opened in the whole weeks looked at."
