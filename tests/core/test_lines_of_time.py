"""Lines of time and condition: `after`, `at`, `as soon as` (R15, R19, R23; the grammar's notes on them)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from lifecycle.core import changes as c
from lifecycle.core.conditions import Compare, Const, Facts, Field, Op
from lifecycle.core.durations import LAST, zone_of
from lifecycle.core.state import AccountState

from .journey import Journey, day, flow, small


def begin(body: str, **fields: object) -> Journey:
    """An account that enters stage `a` now."""
    journey = Journey(small(flow(body)))
    journey.create(**fields)  # type: ignore[arg-type]
    journey.set("flow", "a")
    return journey


GUARDED = """
    stages:
      a: {label: A, move: [{name: go, after: 3 days, unless: arr > 100, to: b}]}
      b: {label: B}
    """


def test_a_move_once_due_stays_due_until_its_guard_agrees() -> None:
    """R23, G4: asked again at every change."""
    journey = begin(GUARDED, arr=500)
    journey.at(9)
    assert journey.codes("go") == ["guard"]
    journey.fields(seats=3)
    assert journey.stage("flow") == "a"
    journey.at(11).fields(arr=50)
    assert journey.track("flow").entered_at == day(11)


def test_a_due_move_is_forgotten_when_the_account_leaves() -> None:
    """R18: the timers of the stage left are cancelled."""
    journey = begin(GUARDED, arr=500)
    journey.at(9).set("flow", "b")
    journey.set("flow", "a")
    journey.fields(arr=50)
    assert journey.stage("flow") == "a"
    journey.at(12)
    assert journey.stage("flow") == "b"


def test_a_guard_that_turns_by_time_lets_the_move_go_at_that_very_instant() -> None:
    """N4: no polling; the instant at which the guard will agree is a deadline."""
    lines = """
        stages:
          a: {label: A, move: [{name: go, after: 3 days, if: other is x for more than 5 days, to: b}]}
          b: {label: B}
        """
    other = flow("stages:\n  x: {label: X}\n", id="other")
    journey = Journey(small(flow(lines), other))
    journey.create()
    journey.set("flow", "a")
    journey.at(1).set("other", "x")
    journey.at(30)
    assert journey.track("flow").entered_at == day(6)


def test_an_action_asks_its_guard_once() -> None:
    """R23: when it falls due, and never again in the visit."""
    lines = """
        stages:
          a: {label: A, do: [{name: nag, after: 3 days, unless: arr > 100, email: welcome, to: contact}]}
        """
    journey = begin(lines, arr=500)
    journey.at(4).fields(arr=5)
    journey.at(40)
    assert journey.mails() == []
    assert journey.codes("nag") == ["guard"]


DATED = """
    stages:
      a:
        label: A
        do: [{name: notice, at: 30 days before renewal_date, email: renewal_notice, to: contact}]
      b: {label: B}
    """


def test_at_fires_once_per_value_and_a_new_date_arms_it_again() -> None:
    """R22: also in another visit of the stage."""
    journey = begin(DATED, renewal_date="2026-03-01")
    journey.at(100)
    assert journey.mails() == ["notice"]
    journey.set("flow", "b")
    journey.set("flow", "a")
    journey.at(101)
    assert journey.mails() == ["notice"]
    journey.set("flow", "b")
    journey.set("flow", "a")
    journey.fields(renewal_date="2026-08-01")
    journey.at(200)
    assert journey.mails() == ["notice", "notice"]


def test_at_a_date_past_on_entering_is_due_at_once_and_a_cleared_one_never() -> None:
    """R23, R24."""
    journey = begin(DATED, renewal_date="2026-01-10")
    journey.at(0)
    assert journey.mails() == ["notice"]
    journey.fields(renewal_date="2026-06-01")
    journey.fields(renewal_date=None)
    journey.at(300)
    assert journey.mails() == ["notice"]


def test_at_falls_due_when_the_day_begins_in_the_accounts_zone() -> None:
    """R12, R19: nine o'clock in Auckland, summer time and winter time."""
    lines = """
        stages:
          a: {label: A}
        also: [{name: notice, at: 30 days before renewal_date, email: renewal_notice, to: contact}]
        """
    journey = begin(lines, time_zone="Pacific/Auckland", renewal_date="2026-03-03")
    journey.at(200)
    journey.fields(renewal_date="2026-10-01")
    journey.at(300)
    times = [
        entry.at
        for entry in journey.entries
        if any(isinstance(x, c.MailDue) for x in entry.changes)
    ]
    assert times == [datetime(2026, 1, 31, 20, tzinfo=UTC), datetime(2026, 8, 31, 21, tzinfo=UTC)]


def test_at_a_waiting_move_is_due_no_more_when_the_date_moves_ahead() -> None:
    """R23: the guard agrees after the contract was prolonged; the move waits for the new date."""
    lines = """
        stages:
          a: {label: A, move: [{name: go, at: renewal_date, unless: arr > 100, to: b}]}
          b: {label: B}
        """
    journey = begin(lines, arr=500, renewal_date="2026-01-08")
    journey.at(5)
    assert journey.codes("go") == ["guard"]
    journey.fields(renewal_date="2026-02-01")
    journey.fields(arr=5)
    assert journey.stage("flow") == "a"
    journey.at(40)
    assert journey.track("flow").entered_at == datetime(2026, 2, 1, 9, tzinfo=UTC)


def test_at_a_date_held_in_a_visit_that_was_left_is_still_to_fire_in_the_next() -> None:
    """R18, R22: once per value means that it fired."""
    journey = begin(DATED, renewal_date="2026-02-06")
    journey.hold(20)
    journey.at(4)
    assert journey.codes("notice") == ["held"]
    journey.set("flow", "b")
    journey.set("flow", "a")
    journey.at(20)
    journey.at(60)
    assert journey.mails() == ["notice"]


def test_as_soon_as_fires_on_the_edge_and_is_ready_again_when_it_turned_false() -> None:
    """R22, T16: a CTA each time usage falls, not each time it is low."""
    lines = """
        stages:
          a: {label: A}
        also: [{name: low_all, "as soon as": active_users < 5, webhook: low, to: product_platform}]
        """
    journey = begin(lines)
    for number, users in enumerate((9, 4, 3, 9, 2)):
        journey.at(number).fields(active_users=users)
    assert len(journey.changes(c.WebhookDue)) == 2


def test_as_soon_as_fires_on_entering_when_it_holds_already() -> None:
    """G7: asked on entering and at every change."""
    lines = """
        stages:
          a: {label: A, move: [{name: go, "as soon as": active_users > 5, to: b}]}
          b: {label: B}
        """
    journey = begin(lines, active_users=9)
    journey.at(0)
    assert journey.stage("flow") == "b"


def test_as_soon_as_a_threshold_of_time_fires_at_that_very_instant() -> None:
    """T16, T17, R10: `for more than 30 days`, though nothing happens to the account."""
    lines = """
        stages:
          a: {label: A}
        also: [{name: long, "as soon as": flow is a for more than 30 days, email: notice_alert, to: csm}]
        """
    journey = begin(lines)
    assert journey.fold.wakes_at() == day(30)
    journey.at(200)
    [entry] = [
        entry for entry in journey.entries if any(isinstance(x, c.MailDue) for x in entry.changes)
    ]
    assert entry.at == day(30)
    assert len(journey.mails()) == 1


def test_as_soon_as_can_turn_false_by_time_and_true_again() -> None:
    """T17, T19: `for less than 2 days` ceases to hold by itself and holds again in the next visit."""
    lines = """
        stages:
          a: {label: A}
          b: {label: B}
        also: [{name: fresh, "as soon as": flow is b for less than 2 days, email: welcome, to: contact}]
        """
    journey = begin(lines)
    journey.set("flow", "b")
    assert journey.mails() == ["fresh"]
    journey.at(5)
    assert journey.state.true == []
    journey.fields(seats=2)
    journey.set("flow", "a")
    journey.set("flow", None)
    journey.set("flow", "b")
    assert journey.mails() == ["fresh", "fresh"]


def test_as_soon_as_changed_in_the_last_days_turns_false_by_time() -> None:
    """T19: the move drops out of the window."""
    lines = """
        stages:
          a: {label: A}
          b: {label: B}
        also: [{name: quiet, "as soon as": {not: flow changed in the last 10 days}, email: welcome, to: contact}]
        """
    journey = Journey(small(flow(lines)))
    journey.create()
    assert journey.mails() == ["quiet"], "asked when the account begins"
    journey.set("flow", "a")
    journey.at(6).set("flow", "b")
    journey.at(15.9)
    assert journey.mails() == ["quiet"]
    journey.at(16)
    assert journey.mails() == ["quiet", "quiet"]


def test_r23_a_move_with_a_limit_that_is_used_up_is_refused_not_tried_for_ever() -> None:
    """R22, R23: `at most` on a line of time; the deadline is due no more."""
    lines = """
        stages:
          a: {label: A, move: [{name: go, after: 2 days, at most: once in 90 days, to: b}]}
          b: {label: B}
        """
    journey = begin(lines)
    journey.at(2)
    assert journey.stage("flow") == "b"
    journey.set("flow", "a")
    before = len(journey.entries)
    journey.at(30)
    assert journey.stage("flow") == "a"
    assert journey.codes("go") == ["at_most"]
    assert len(journey.entries) == before + 1


def test_a_line_from_any_stage_that_waits_moves_nobody_out_of_none() -> None:
    """R3: due by its date, refused by its guard, and the value is removed meanwhile."""
    lines = """
        stages:
          a: {label: A}
          b: {label: B}
        from any stage: [{name: go, at: renewal_date, unless: arr > 100, to: b}]
        """
    journey = begin(lines, arr=500, renewal_date="2026-01-08")
    journey.at(5).set("flow", None)
    journey.fields(arr=5)
    journey.at(6)
    assert journey.stage("flow") is None
    journey.set("flow", "a")
    journey.at(6)
    assert journey.stage("flow") == "b"


def test_r19_late_and_stuck_measure_the_cycle_and_after_the_visit() -> None:
    """R10, R19: twenty days in A, away, and back forward: late soon, `after` from the new visit."""
    lines = """
        stages:
          z: {label: Z}
          a:
            label: A
            expected: 10 days
            stuck after: 15 days
            do: [{name: nag, after: 4 days, email: welcome, to: contact}]
        """
    journey = begin(lines)
    journey.at(8).set("flow", "z")
    journey.at(20).set("flow", "a")
    assert not journey.track("flow").late
    journey.at(22)
    assert journey.track("flow").late
    assert not journey.track("flow").stuck
    journey.at(26.9)
    assert journey.ctas() == []
    journey.at(27)
    assert journey.ctas() == ["stage_is_stuck"]
    sent = [
        entry.at
        for entry in journey.entries
        if any(isinstance(x, c.MailDue) for x in entry.changes)
    ]
    assert sent == [day(4), day(24)]


def test_as_soon_as_is_asked_when_the_account_begins() -> None:
    """R23: a condition about a field that is empty from the start."""
    lines = """
        stages:
          a: {label: A}
        also: [{name: nobody, "as soon as": csm does not exist, cta: Name a CSM, owner: owner}]
        """
    journey = Journey(small(flow(lines)))
    journey.create(arr=5)
    assert journey.ctas() == ["nobody"]


def test_at_hours_before_a_date_are_hours() -> None:
    """R12, R19: twelve hours before the day begins."""
    lines = """
        stages:
          a: {label: A}
          b: {label: B}
        from any stage: [{name: go, at: 12 hours before renewal_date, to: b}]
        """
    journey = begin(lines, renewal_date="2026-01-12")
    assert journey.fold.wakes_at() == datetime(2026, 1, 11, 21, tzinfo=UTC)


FOR_EVER = """
    stages:
      a: {label: A, do: [{name: ring, at: 90 days before renewal_date, cta: Renew}]}
    also:
      - {name: near, as soon as: renewal_date is in the next 30 days, cta: Near}
      - {name: past, as soon as: renewal_date is in the last 30 days, cta: Past}
    """


@pytest.mark.parametrize("written", ["9999-12-31", "9999-01-01", "0001-01-01", "1899-12-31"])
def test_a_date_at_the_end_of_all_time_stops_no_account(written: str) -> None:
    """R16, R19: CRMs write "for ever" as the last day there is; it is kept, and everything else goes on."""
    journey = begin(FOR_EVER, renewal_date=written)
    assert journey.state.fields["renewal_date"] == date.fromisoformat(written)
    journey.at(30).fields(renewal_date="2026-03-01")
    journey.at(120)
    assert sorted(journey.ctas()) == ["near", "past", "ring"]
    assert journey.fold.wakes_at() is None


def test_a_date_that_lies_beyond_all_time_is_due_at_the_last_instant() -> None:
    """R19: the account's next deadline is one that every database and every clock can hold."""
    assert begin(FOR_EVER, renewal_date="9999-12-31").fold.wakes_at() == LAST


def test_a_zone_that_is_no_zone_is_utc() -> None:
    """R12: the name of a folder of zones is none, wherever it came from."""
    assert zone_of("Europe").key == zone_of("x" * 400).key == "UTC"


def test_a_value_of_another_kind_is_none() -> None:
    """R17: left from before its field's kind was changed: false, and its negation true; nothing breaks."""
    state = AccountState("acme", fields={"seats": "many"})
    for op in Op:
        asked = Compare(Field("seats"), op, Const(5))
        assert asked.holds(Facts(state, day(0))) is (op is Op.IS_NOT)
