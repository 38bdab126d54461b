"""What will happen, and what would: forecast and sandbox (N4, N6, G13)."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.core import changes as c
from lifecycle.core.codec import to_data
from lifecycle.core.evolve import copy_state
from lifecycle.core.fold import Cue, Fold, check, decide, forecast, play
from lifecycle.core.inputs import SetStage
from lifecycle.core.refusal import Refusal
from lifecycle.core.state import AccountState
from lifecycle.core.wakes import all_dues

from .journey import START, Journey, day
from .test_properties import BOOK, RELAXED, STEPS, Step, driven, placed


@settings(parent=RELAXED)
@given(STEPS, st.sampled_from([1, 30, 90, 400]))
def test_n4_the_forecast_is_what_then_happens(steps: list[Step], days: int) -> None:
    """N4: entry for entry, when nothing else happens until then."""
    fold, _ = driven(steps, looks=1)
    assert fold.state.clock is not None
    until = fold.state.clock + timedelta(days=days)
    foretold = forecast(fold.book, fold.state, until)
    happened = fold.catch_up(until)
    assert foretold == happened


@settings(parent=RELAXED)
@given(STEPS)
def test_n6_a_sandbox_with_inputs_is_what_then_happens(steps: list[Step]) -> None:
    """N6: a copy driven through the same inputs gives the same journal, and the account knows nothing of it."""
    fold, _ = driven(steps, looks=1)
    assert fold.state.clock is not None
    before, later = copy_state(fold.state), fold.state.clock + timedelta(days=3)
    copy = Fold(fold.book, copy_state(fold.state))
    items = [
        SetStage(later, "ann", "why", "sales", "prospect"),
        SetStage(later, "ann", "why", "escalation", "open"),
    ]
    dreamt = [*copy.take_all(items), *copy.catch_up(later + timedelta(days=90))]
    assert to_data(fold.state) == to_data(before)
    real = [*fold.take_all(items), *fold.catch_up(later + timedelta(days=90))]
    assert dreamt == real


@settings(parent=RELAXED)
@given(STEPS, st.lists(st.sampled_from([0, 0, 1, 7, 40]), max_size=4))
def test_n6_a_play_is_what_then_happens_an_instant_at_a_time(
    steps: list[Step], gaps: list[int]
) -> None:
    """N6: the same journal as the inputs taken in turn; between two instants the copy stands as the account did."""
    fold, _ = driven(steps, looks=1)
    assert fold.state.clock is not None
    start, number = fold.state.clock, 0
    cues: list[Cue] = []
    for gap in gaps:
        number += gap
        at = start + timedelta(days=number)
        stage = "prospect" if gap % 2 else "lead"
        cues.append(Cue(at, lambda _, at=at, to=stage: SetStage(at, "ann", "why", "sales", to)))  # type: ignore[misc]
    until = start + timedelta(days=90)
    copy, dreamt = Fold(fold.book, copy_state(fold.state)), []
    for at, entries in play(copy, until, cues):
        dreamt += entries
        assert copy.state.revision == entries[-1].revision
        assert all(entry.at == at for entry in entries)
    real = [entry for cue in cues if cue.at <= until for entry in taken(fold, cue)]
    assert dreamt == [*real, *fold.catch_up(until)]


def taken(fold: Fold, cue: Cue) -> list[c.Entry]:
    """An input in real life: what is due before it, itself, what is due then."""
    before = fold.catch_up(cue.at)
    return [*before, *fold.take(cue.input(fold.state)), *fold.catch_up(cue.at)]


@settings(parent=RELAXED)
@given(STEPS)
def test_r16_a_door_that_checks_first_says_what_the_fold_says(steps: list[Step]) -> None:
    """R16: the same refusal, asked before or told after."""
    fold = Fold(BOOK, AccountState("acme"))
    for now, item in placed(steps):
        fold.catch_up(now)
        try:
            check(fold.book, fold.state, item)
            refused = None
        except Refusal as refusal:
            refused = refusal
        entry = fold.take(item)[-1]
        if not any(isinstance(change, c.DuplicateSeen) for change in entry.changes):
            assert entry.refused == refused


def test_n4_per_account_what_happens_next_and_when() -> None:
    """N4, G13: the armed deadlines of a fresh customer, first one first."""
    journey = Journey()
    journey.won(renewal_date="2026-12-31")
    dues = all_dues(journey.fold.book, journey.state)
    assert [(due.what, due.at) for due in dues if "customer_journey" in due.what] == [
        ("customer_journey.training_reminder", day(7)),
        ("customer_journey.two_weeks_passed", day(14)),
        ("late:customer_journey", day(14)),
        ("stuck:customer_journey", day(30)),
    ]


def test_n4_the_forecast_tells_stages_and_ctas_by_day() -> None:
    """N4: launched on day 14, the check-in CTA with it; nothing of it is done."""
    journey = Journey()
    journey.won(renewal_date="2026-12-31")
    foretold = forecast(journey.fold.book, journey.state, day(400))
    moves = [
        (x.entered, entry.at)
        for entry in foretold
        for x in entry.changes
        if isinstance(x, c.StageEntered)
    ]
    assert moves[:1] == [("launched", day(14))]
    assert moves[1][0] == "renewal"
    assert journey.stage() == "onboarding"


def test_n4_a_hold_is_part_of_the_forecast() -> None:
    """N4, R18, R19: the move comes later by the hold's length."""
    journey = Journey()
    journey.won()
    journey.at(2).hold(10)
    foretold = forecast(journey.fold.book, journey.state, day(40))
    [moved] = [
        entry for entry in foretold if any(isinstance(x, c.StageEntered) for x in entry.changes)
    ]
    assert moved.at == day(24)


def test_n4_a_forecast_has_an_end() -> None:
    """N4: at most so many deadlines."""
    journey = Journey()
    journey.won()
    assert len(forecast(journey.fold.book, journey.state, day(4_000), most=3)) == 3


def test_n6_decide_is_pure() -> None:
    """N6: what a command would change, without changing it."""
    journey = Journey()
    journey.won()
    before = to_data(journey.state)
    [*_, entry] = decide(
        journey.fold.book,
        journey.state,
        SetStage(START, "ann", "why", "customer_journey", "churned"),
    )
    assert any(isinstance(x, c.StageEntered) for x in entry.changes)
    assert to_data(journey.state) == before
