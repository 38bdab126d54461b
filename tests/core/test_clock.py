"""Days in: every rule of the clock, on journeys that the real fold made of the shipped definitions."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lifecycle.core.clock import (
    days_in,
    days_in_stage,
    days_of_cycle,
    days_overall,
    days_since_end,
    late_from,
    whole_days,
)
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import Event, Hold, SetFields, SetStage, Undo
from lifecycle.core.model import Book
from lifecycle.core.state import AccountState, Track
from lifecycle.definition import read_folder

SHIPPED = Path(__file__).parents[2] / "definitions"
START = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday


@pytest.fixture(scope="module")
def book() -> Book:
    found = read_folder(SHIPPED, None).book
    assert found is not None
    return found


def day(number: float) -> datetime:
    """That many days after the start."""
    return START + timedelta(days=number)


class Journey:
    """An account that goes through escalation by events and by hand."""

    def __init__(self, book: Book) -> None:
        self.fold = Fold(book, AccountState("acme"))
        self.events = 0
        self.event("opportunity.created", 0)

    def event(self, kind: str, number: float) -> "Journey":
        self.events += 1
        self.fold.take(Event(f"e{self.events}", "test", kind, day(number), day(number)))
        return self

    def set(self, stage: str | None, number: float) -> "Journey":
        [*_, entry] = self.fold.take(SetStage(day(number), "ann", "as agreed", "escalation", stage))
        assert entry.refused is None, entry.refused
        return self

    def status(self, status: str, number: float) -> "Journey":
        self.fold.take(SetFields(day(number), "ann", {"status": status}))
        return self

    def undo(self, number: float) -> "Journey":
        [*_, entry] = self.fold.take(Undo(day(number), "ann"))
        assert entry.refused is None, entry.refused
        return self

    @property
    def state(self) -> AccountState:
        return self.fold.state

    @property
    def track(self) -> Track:
        return self.state.tracks["escalation"]

    def in_stage(self, number: float) -> float | None:
        return days_in_stage(self.state, self.track, day(number))

    def days_in(self, stage: str, number: float) -> float | None:
        return days_in(self.state, self.track, stage, day(number))

    def overall(self, number: float) -> float | None:
        return days_overall(self.state, self.track, day(number))

    def since_end(self, number: float) -> float | None:
        return days_since_end(self.state, self.track, day(number))


@pytest.fixture
def escalated(book: Book) -> Journey:
    """Open for two days, investigated for three, then in Action plan."""
    journey = Journey(book).event("escalation.opened", 0)
    journey.event("escalation.acknowledged", 2)
    return journey.event("escalation.plan_agreed", 5)


@pytest.fixture
def resolved(escalated: Journey) -> Journey:
    """Ended by hand after nine days."""
    return escalated.set("resolved", 9)


def test_t10_time_is_counted_by_itself(escalated: Journey) -> None:
    assert [escalated.in_stage(number) for number in (5, 6.5, 8)] == [0, 1.5, 3]


def test_t11_every_stage_and_the_lifecycle_have_their_days(escalated: Journey) -> None:
    stages = ("open", "investigating", "action_plan", "monitoring")
    assert [escalated.days_in(stage, 7) for stage in stages] == [2, 3, 2, 0]
    assert escalated.overall(7) == 7


def test_t12_an_end_stage_stops_the_counting(resolved: Journey) -> None:
    for later in (9, 30, 300):
        assert resolved.overall(later) == 9
        assert resolved.days_in("action_plan", later) == 4


def test_r10_an_end_stage_has_no_days_but_days_since_end(resolved: Journey) -> None:
    assert resolved.in_stage(30) == resolved.days_in("resolved", 30) == 0
    assert resolved.since_end(30) == 21


def test_r10_there_are_no_days_since_end_while_a_cycle_runs(escalated: Journey) -> None:
    assert escalated.since_end(8) is None


def test_t13_leaving_an_end_stage_restarts_the_clock(resolved: Journey) -> None:
    resolved.event("escalation.opened", 20)
    assert resolved.overall(23) == resolved.in_stage(23) == 3
    assert resolved.days_in("action_plan", 23) == 0
    assert resolved.since_end(23) is None


def test_t13_restarts_for_a_person_too(resolved: Journey) -> None:
    resolved.set("monitoring", 20)
    assert (resolved.overall(22), resolved.days_in("monitoring", 22)) == (2, 2)


def test_r9_end_to_end_is_no_restart(resolved: Journey) -> None:
    resolved.set("withdrawn", 12)
    assert resolved.overall(40) == 9
    assert resolved.since_end(40) == 31
    assert resolved.track.cycle == 1


def test_t14_removing_the_value_resets_all_counts(escalated: Journey) -> None:
    escalated.set(None, 8)
    assert escalated.in_stage(9) is escalated.overall(9) is escalated.days_in("open", 9) is None
    escalated.event("escalation.opened", 10)
    assert escalated.overall(12) == escalated.days_in("open", 12) == 2
    assert escalated.days_in("investigating", 12) == 0


def test_t15_back_to_an_earlier_stage_zeroes_that_stage_only(escalated: Journey) -> None:
    escalated.set("investigating", 8)
    assert escalated.days_in("investigating", 9) == 1
    assert escalated.days_in("open", 9) == 2
    assert escalated.days_in("action_plan", 9) == 3
    assert escalated.overall(9) == 9


def test_r11_forward_again_accumulates(escalated: Journey) -> None:
    escalated.set("investigating", 8).set("action_plan", 10)
    assert escalated.days_in("action_plan", 11) == 4


def test_r12_stages_need_not_add_up_to_the_lifecycle(escalated: Journey) -> None:
    escalated.set("investigating", 8).set("action_plan", 10)
    stages = ("open", "investigating", "action_plan")
    assert sum(escalated.days_in(stage, 11) or 0 for stage in stages) == 8
    assert escalated.overall(11) == 11


def test_r12_days_are_whole_days_of_elapsed_time(escalated: Journey) -> None:
    assert [whole_days(escalated.in_stage(number)) for number in (5.99, 6, 6.99)] == [0, 1, 1]
    assert whole_days(None) is None


def test_r9_and_t21_archived_cycles_keep_their_own_counts(resolved: Journey) -> None:
    resolved.event("escalation.opened", 20).set("resolved", 21)
    first, second = resolved.track.cycles
    assert (days_of_cycle(first), days_of_cycle(first, "action_plan")) == (9, 4)
    assert (days_of_cycle(second), days_of_cycle(second, "open")) == (1, 1)
    assert days_of_cycle(second, "action_plan") == 0


def test_t28_cancelled_accounts_have_no_value_not_zero(resolved: Journey) -> None:
    resolved.status("cancelled", 15)
    assert resolved.in_stage(16) is resolved.overall(16) is resolved.since_end(16) is None
    assert resolved.days_in("open", 16) is None


def test_r25_archived_cycles_stay_readable_while_cancelled(resolved: Journey) -> None:
    resolved.status("cancelled", 15)
    [cycle] = resolved.track.cycles
    assert days_of_cycle(cycle, "investigating") == 3


def test_r25_reactivation_starts_a_new_cycle_in_the_stage(escalated: Journey) -> None:
    escalated.status("cancelled", 8).status("active", 20)
    assert escalated.overall(23) == escalated.days_in("action_plan", 23) == 3
    assert escalated.days_in("open", 23) == 0
    assert escalated.track.cycle == 2


def test_r13_undo_restores_the_clock(escalated: Journey) -> None:
    escalated.set("investigating", 8).undo(9)
    assert escalated.days_in("action_plan", 10) == 5
    assert escalated.days_in("investigating", 10) == 3


def test_r13_undo_of_an_end_takes_the_archived_cycle_back(resolved: Journey) -> None:
    resolved.undo(10)
    assert resolved.track.cycles == []
    assert resolved.overall(11) == 11
    assert resolved.days_in("action_plan", 11) == 6


def test_r18_a_hold_leaves_days_in_alone(escalated: Journey) -> None:
    escalated.fold.take(Hold(day(6), "ann", day(20), "waiting for the customer"))
    assert escalated.days_in("action_plan", 10) == 5


def test_r19_late_is_past_expected_in_business_days(book: Book, escalated: Journey) -> None:
    # Action plan is expected to take 20 business days, from Saturday the 7th of March on.
    assert late_from(book, escalated.state, escalated.track) == datetime(2026, 4, 3, 9, tzinfo=UTC)


def test_r19_an_end_stage_is_never_late(book: Book, resolved: Journey) -> None:
    assert late_from(book, resolved.state, resolved.track) is None
