"""A recorded life lived again (N2): under what ran it is the same life; under a draft it parts where it must."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from hypothesis import given

from lifecycle.core import changes as c
from lifecycle.core.codec import from_data, to_data
from lifecycle.core.durations import Duration
from lifecycle.core.evolve import copy_state
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import OpenCta
from lifecycle.core.model import After, Automation, Book
from lifecycle.core.parting import Case, Compared, Side, compare, notes_of
from lifecycle.core.rehearsing import Refold, in_force, recorded
from lifecycle.core.state import AccountState
from lifecycle.core.trail import Sort

from .journey import START, Journey, day, flow, small
from .test_properties import BOOK, RELAXED, STEPS, Step, placed

TIMED = """
start:
  - {name: begin, when: opportunity.closed_won, to: a}
stages:
  a:
    label: First
    do:
      - {name: hello, email: welcome, to: contact}
      - {name: call, cta: Call them, owner: csm, on leaving: close}
    move:
      - {name: by_hand_over, when: kickoff.held, to: b}
      - {name: by_time, after: 14 days, to: b}
  b:
    label: Second
    do:
      - {name: greet, email: welcome, to: csm}
      - {name: look, cta: Look at it, owner: csm}
    move:
      - {name: on, after: 20 days, if: arr > 100, to: c}
  c:
    label: Third
"""


def lived_again(
    book: Book, entries: list[c.Entry], now: datetime, began: AccountState | None = None
) -> Refold:
    """The record, lived under a book."""
    refold = Refold(book, in_force(book, copy_state(began or AccountState("acme"))))
    for entry in entries:
        refold.take(recorded(entry))
    refold.run_to(now)
    return refold


def side(refold: Refold) -> Side:
    """A life as one side of a comparison."""
    fold = refold.fold
    return Side(fold.book, fold.state, refold.trail, partial(notes_of, refold.told))


def rehearsed(journey: Journey, draft: Book, live: Book | None = None) -> Compared:
    """What a draft would have done with a journey."""
    lives = [
        side(lived_again(book, journey.entries, journey.now))
        for book in (live or journey.fold.book, draft)
    ]
    return compare("acme", *lives)


def what_is_true(state: AccountState) -> dict[str, Any]:
    """What a life comes to, but for how its entries and CTAs are numbered."""
    found = asdict(state)
    for name in ("revision", "root", "duplicates", "refused", "adopted", "window", "window_floor"):
        del found[name]
    for track in found["tracks"].values():
        del track["revision"]
    found["ctas"] = sorted((cta["title"], cta["opened_at"]) for cta in found["ctas"].values())
    del found["units"], found["held"]
    return found


# ── the same life


@RELAXED
@given(STEPS)
def test_what_ran_gives_the_recorded_life_again(steps: list[Step]) -> None:
    """N2, R13, R18, R20: late events, holds, undos, CTAs and commands that were refused among the inputs."""
    fold, entries, now = Fold(BOOK, AccountState("acme")), list[c.Entry](), START
    for now, item in placed(steps):
        entries += [*fold.take(item), *fold.catch_up(now)]
    again = lived_again(BOOK, entries, now)
    assert what_is_true(again.fold.state) == what_is_true(fold.state)
    first = Refold(BOOK, AccountState("acme"))
    first.trail.take(entries)
    live = Side(BOOK, fold.state, first.trail, partial(notes_of, entries))
    assert compare("acme", live, side(again)).same


@RELAXED
@given(STEPS)
def test_a_draft_that_is_the_live_book_parts_nowhere(steps: list[Step]) -> None:
    """N2, from any point on (`--since`)."""
    fold, entries, now, middle = Fold(BOOK, AccountState("acme")), list[c.Entry](), START, None
    for number, (at, item) in enumerate(placed(steps)):
        entries += fold.take(item)
        now = at
        if number == len(steps) // 2:
            middle = copy_state(fold.state)
    assert middle is not None
    rest = [entry for entry in entries if entry.revision > middle.revision]
    same = from_data(Book, to_data(BOOK))
    lives = [side(lived_again(book, rest, now, middle)) for book in (BOOK, same)]
    assert compare("acme", *lives).same


# ── 14 days, 45 days


def book(days: int, *, version: int = 1, text: str = TIMED) -> Book:
    """The small book with another timer."""
    return small(flow(text.replace("14 days", f"{days} days"), version=version))


def won(**fields: Any) -> Journey:
    """An account whose deal was won on day 0."""
    journey = Journey(book(14))
    journey.create(contact_email="a@example.com", **fields)
    journey.won()
    return journey


def test_a_longer_timer_leaves_those_where_they_are_whom_time_moved() -> None:
    """N2: 14 → 45 days, on day 30: still in the first stage, one e-mail and one CTA fewer."""
    journey = won().at(30)
    found = rehearsed(journey, book(45, version=2))
    assert found.stages == {"flow": ("b", "a")}
    assert found.counts[Sort.MAIL] == (2, 1)
    assert found.counts[Sort.CTA] == (2, 1)
    [apart] = found.dates
    assert (apart.stage, apart.live, apart.draft) == ("b", day(14), None)
    parting = found.parting
    assert parting is not None
    assert (parting.at, parting.by_draft, parting.case) == (day(14), False, Case.NOT_YET)
    assert (parting.automation, parting.version) == ("flow.by_time", 1)
    assert (parting.other_at, parting.stage) == (day(45), "a")


def test_a_longer_timer_only_shifts_the_date_where_its_time_has_come_since() -> None:
    """N2."""
    found = rehearsed(won().at(60), book(45, version=2))
    assert not found.stages
    [apart] = found.dates
    assert (apart.live, apart.draft, apart.seconds) == (day(14), day(45), 31 * 86_400)
    assert found.parting is not None
    assert found.parting.case is Case.LATER
    assert found.differ == (Sort.STAGE, Sort.MAIL, Sort.CTA)


def test_whom_an_event_moved_in_time_is_the_same() -> None:
    """N2: the hand-over came on day 5, under both."""
    journey = won().at(5)
    journey.event("kickoff.held")
    assert rehearsed(journey.at(30), book(45, version=2)).same


def test_an_event_that_came_too_late_moves_the_account_by_the_draft() -> None:
    """N2: on day 20 time had moved it already; by the draft the hand-over does."""
    journey = won().at(20)
    journey.event("kickoff.held")
    found = rehearsed(journey.at(30), book(45, version=2))
    assert not found.stages
    [apart] = found.dates
    assert (apart.live, apart.draft) == (day(14), day(20))


def test_a_hold_is_lived_again() -> None:
    """R18, R19: held from day 10 to day 40, the clock of the draft stands at 10 of 45 days."""
    journey = won().at(10)
    journey.hold(30)
    assert rehearsed(journey.at(30), book(45, version=2)).same
    found = rehearsed(journey.at(50), book(45, version=2))
    assert found.stages == {"flow": ("b", "a")}
    assert found.parting is not None
    assert (found.parting.at, found.parting.other_at) == (day(44), day(75))


def test_who_is_on_hold_in_the_draft_is_said_to_be() -> None:
    """R18: time moved it on day 14; the hold of day 20 keeps the draft from it."""
    journey = won().at(20)
    journey.hold(40)
    found = rehearsed(journey.at(30), book(45, version=2))
    assert found.parting is not None
    assert (found.parting.case, found.parting.held_until) == (Case.HELD, day(60))
    assert found.parting.other_at == day(85)


def test_an_undo_takes_back_what_it_took_back() -> None:
    """R13: the move by hand of day 3 is another revision by the draft, and the one that is undone."""
    journey = won().at(3)
    journey.set("flow", "c")
    journey.at(4).undo()
    again = lived_again(book(2, version=2), journey.entries, journey.now)
    assert again.fold.state.tracks["flow"].stage == "b"
    found = rehearsed(journey, book(2, version=2))
    assert found.stages == {"flow": ("a", "b")}
    assert Sort.REFUSED not in found.counts


def test_an_undo_of_a_timers_move_finds_the_timers_move() -> None:
    """R13: by name, though the draft moved on another day."""
    journey = won().at(15)
    journey.undo()
    assert rehearsed(journey, book(13, version=2)).stages == {}


def test_what_was_undone_but_never_happened_is_refused() -> None:
    """R13: by the draft time moved nothing."""
    journey = won().at(15)
    journey.undo()
    found = rehearsed(journey, book(45, version=2))
    assert found.stages == {}
    assert found.counts[Sort.REFUSED] == (0, 1)


def test_ctas_are_closed_by_the_name_they_have_in_that_life() -> None:
    """G7, G11: ids hold revisions, which the draft has otherwise."""
    journey = won().at(3)
    opened = journey.cta(OpenCta, title="By hand")
    by_hand = next(x.cta.id for x in opened[0].changes if isinstance(x, c.CtaOpened))
    by_line = next(one for one in journey.state.ctas if one.startswith("flow.call"))
    journey.at(16).close(by_hand)
    soon = "- {name: soon, after: 1 days, email: welcome, to: csm}\n      - {name: hello"
    earlier = TIMED.replace("- {name: hello", soon)
    again = lived_again(book(45, version=2, text=earlier), journey.entries, journey.now)
    assert [cta.title for cta in again.fold.state.ctas.values()] == ["Call them"]
    journey = won().at(3)
    assert by_line in journey.state.ctas
    journey.close(by_line)
    again = lived_again(book(45, version=2, text=earlier), journey.entries, journey.now)
    assert not again.fold.state.ctas


def test_a_late_event_is_late_again() -> None:
    """R20: told on day 20, of day 13; the clock had come to day 14 by then."""
    journey = won().at(20)
    journey.event("kickoff.held", time=day(13))
    assert rehearsed(journey, journey.fold.book).same
    found = rehearsed(journey, book(45, version=2))
    assert [apart.draft for apart in found.dates] == [day(13)]


def test_a_stage_that_was_renamed_is_no_difference() -> None:
    """R24: people's moves are taken to mean the new name."""
    journey = won().at(3)
    journey.set("flow", "b")
    text = TIMED.replace("  b:\n", "  second:\n").replace("to: b}", "to: second}")
    draft = book(14, version=2, text=text.replace("start:", "migration: {b: second}\nstart:"))
    assert rehearsed(journey, draft).same


# ── why


def changed(of: Book, name: str, **what: Any) -> Book:
    """The book with one automation otherwise."""

    def line(one: Automation) -> Automation:
        return replace(one, **what) if one.name == name else one

    flow_ = of.lifecycles["flow"]
    lines = tuple(line(one) for one in flow_.automations)
    return replace(of, lifecycles={"flow": replace(flow_, automations=lines)})


def test_an_automation_that_is_gone_switched_off_or_in_shadow_is_named() -> None:
    """N2, N11, V12."""
    journey = won().at(20)
    live = journey.fold.book
    found = rehearsed(journey, changed(live, "hello", published=False))
    assert found.parting is not None
    assert (found.parting.case, found.parting.sort) == (Case.OFF, Sort.MAIL)
    found = rehearsed(journey, changed(live, "hello", shadow=True))
    assert found.parting is not None
    assert found.parting.case is Case.SHADOW
    text = TIMED.replace("      - {name: hello, email: welcome, to: contact}\n", "")
    found = rehearsed(journey, book(14, text=text))
    assert found.parting is not None
    assert (found.parting.case, found.parting.automation) == (Case.GONE, "flow.hello")
    found = rehearsed(journey, live, book(14, text=text))
    assert found.parting is not None
    assert (found.parting.case, found.parting.by_draft) == (Case.NEW, True)


def test_a_condition_that_says_no_is_quoted_with_its_values() -> None:
    """N3: the guard of the draft asks for more."""
    journey = won(arr=150).at(40)
    draft = book(14, text=TIMED.replace("arr > 100", "arr > 200"))
    found = rehearsed(journey, draft)
    assert found.stages == {"flow": ("c", "b")}
    assert found.parting is not None
    assert (found.parting.case, found.parting.at) == (Case.GUARD, day(34))
    assert any(": no (" in said for said in found.parting.deciding)


def test_a_stage_that_is_entered_earlier_is_said_to_be() -> None:
    """N2."""
    found = rehearsed(won().at(20), changed(book(14), "by_time", trigger=After(Duration(10))))
    assert found.parting is not None
    assert (found.parting.case, found.parting.at) == (Case.EARLIER, day(10))
    assert found.parting.other_at == day(14)
    assert found.dates[0].seconds == timedelta(days=-4).total_seconds()
