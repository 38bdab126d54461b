"""Versions: what an account runs after a publication (R14, R15, R24, T24, T25)."""

from __future__ import annotations

import pytest

from lifecycle.core import changes as c
from lifecycle.core.clock import days_in, days_overall
from lifecycle.core.model import Book

from .journey import Journey, day, disabling, flow, small

OLD = """
    stages:
      a:
        label: A
        move:
          - {name: go, after: 20 days, to: b}
          - {name: live, when: product.went_live, to: b}
          - {name: over, when: notice.given, to: c}
      b: {label: B}
      c: {label: C}
    """
NEW = """
    migration: {a: first, b: None}
    stages:
      first:
        label: First
        do: [{name: soon, after: 5 days, email: welcome, to: contact}]
        move: [{name: live, when: product.went_live, to: c}]
      c: {label: C, do: [{name: hello, email: renewal_notice, to: contact}]}
      d: {label: D}
    """


def book(body: str = OLD, version: int = 1) -> Book:
    return small(flow(body, version=version))


@pytest.fixture
def journey() -> Journey:
    made = Journey(book())
    made.create()
    made.set("flow", "a")
    return made


def test_r24_never_changes_nothing_for_a_running_account(journey: Journey) -> None:
    """R24: it keeps the version it has; doors check against that version (T27)."""
    journey.adopt(book(NEW, 2), "never")
    journey.set("flow", "d")
    assert journey.refusals() == ["unknown_stage"]
    journey.event("product.went_live")
    assert journey.stage("flow") == "b"
    assert journey.state.versions["flow"] == 1


def test_r24_at_once_maps_the_stage_and_keeps_the_clock(journey: Journey) -> None:
    """R24, T24: the stage has another id; visit, cycle and days go on, and no entry line runs."""
    journey.at(3).adopt(book(NEW, 2))
    track = journey.track("flow")
    assert (track.stage, track.entered_at, track.cycle) == ("first", day(0), 1)
    assert track.last_entered == {"first": day(0)}
    assert journey.state.versions["flow"] == 2
    assert journey.mails() == []


def test_r24_timers_made_overdue_by_adoption_fire_then(journey: Journey) -> None:
    """R24: `after: 5 days` comes into force on day 9."""
    journey.at(9).adopt(book(NEW, 2))
    journey.at(9)
    assert journey.mails() == ["soon"]
    [mail_entry] = [
        entry for entry in journey.entries if any(isinstance(x, c.MailDue) for x in entry.changes)
    ]
    assert mail_entry.at == day(9)
    journey.at(90)
    assert journey.mails() == ["soon"]


def test_r24_a_removed_stage_leads_to_none(journey: Journey) -> None:
    """R24, T14: `b: None`; the count is reset."""
    journey.set("flow", "b")
    journey.at(4).adopt(book(NEW, 2))
    track = journey.track("flow")
    assert (track.stage, track.seconds, track.cycle_started_at) == (None, {}, None)
    journey.set("flow", "c")
    assert journey.track("flow").cycle == 2


def test_r24_at_the_next_move_the_old_version_decides(journey: Journey) -> None:
    """R24: until then the old version runs, timers too; then the migration maps the target."""
    journey.adopt(book(NEW, 2), "at the next move")
    journey.at(6)
    assert journey.mails() == []
    assert journey.state.versions["flow"] == 1
    journey.event("notice.given")
    track = journey.track("flow")
    assert (track.stage, track.last_entered["c"]) == ("c", day(6))
    assert journey.state.versions["flow"] == 2
    assert journey.mails() == ["hello"]
    assert days_in(journey.state, track, "first", day(7)) == 6
    assert track.cycle == 1


def test_r24_the_stage_left_may_be_one_that_is_removed(journey: Journey) -> None:
    """R24, R9: B to C is one move, not a reset through None."""
    journey.set("flow", "b")
    journey.adopt(book(NEW, 2), "at the next move")
    journey.at(4).set("flow", "c")
    track = journey.track("flow")
    assert (track.stage, track.cycle, track.cycle_started_at) == ("c", 1, day(0))
    assert days_overall(journey.state, track, day(5)) == 5
    assert [move.entered for move in track.moves] == ["first", "b", "c"]


def test_r24_a_target_that_is_removed_leads_to_none(journey: Journey) -> None:
    """R24: the migration maps the target of the old version's line."""
    journey.adopt(book(NEW, 2), "at the next move")
    journey.event("product.went_live")
    assert journey.stage("flow") is None
    assert journey.state.versions["flow"] == 2


def test_r24_a_person_s_set_adopts_first(journey: Journey) -> None:
    """R24, T27: so a stage of the new version can be set, and a removed one is refused."""
    journey.adopt(book(NEW, 2), "at the next move")
    journey.set("flow", "b")
    assert journey.refusals() == ["unknown_stage"]
    assert journey.state.versions["flow"] == 1
    journey.set("flow", "d")
    assert journey.stage("flow") == "d"
    assert journey.state.versions["flow"] == 2


def test_r24_r3_two_stages_made_one_are_already_there(journey: Journey) -> None:
    """R3, R24: the next move would lead where the account is; it is adopted and nothing is reset."""
    merged = """
        migration: {b: a}
        stages:
          a: {label: A}
          c: {label: C}
        """
    journey.adopt(book(merged, 2), "at the next move")
    visit = journey.track("flow").visit
    journey.at(2).event("product.went_live")
    assert journey.state.versions["flow"] == 2
    assert (journey.stage("flow"), journey.track("flow").visit) == ("a", visit)
    assert journey.codes("live") == ["already_there"]


def test_r24_stages_may_swap_their_names(journey: Journey) -> None:
    """R5, R24: every timestamp goes to its stage."""
    swapped = """
        migration: {a: b, b: a}
        stages:
          a: {label: A}
          b: {label: B}
          c: {label: C}
        """
    journey.at(2).set("flow", "b")
    journey.at(5).adopt(book(swapped, 2))
    track = journey.track("flow")
    assert track.stage == "a"
    assert track.first_entered == {"b": day(0), "a": day(2)}
    assert track.seconds == {"b": 2 * 86_400}


def test_r24_undo_after_the_move_that_adopted_restores_the_new_names(journey: Journey) -> None:
    """R13, R24: the version was adopted by the very input, not in between; its stage is there."""
    journey.at(2).adopt(book(NEW, 2), "at the next move")
    journey.event("notice.given")
    journey.at(3).undo()
    track = journey.track("flow")
    assert (track.stage, track.entered_at) == ("first", day(0))
    assert journey.state.versions["flow"] == 2


def test_r24_adoption_survives_a_line_that_the_new_version_lacks(journey: Journey) -> None:
    """R24: conditions of both versions are asked in one turn."""
    old = """
        stages:
          a: {label: A, move: [{name: m, "as soon as": arr > 5, to: b}]}
          b: {label: B}
        also:
          - {name: gone, "as soon as": arr > 7, email: welcome, to: contact}
        """
    new = "stages:\n  a: {label: A}\n  b: {label: B}\n"
    made = Journey(book(old))
    made.create()
    made.set("flow", "a")
    made.adopt(book(new, 2), "at the next move")
    made.fields(arr=10)
    assert (made.stage("flow"), made.state.versions["flow"]) == ("b", 2)


def test_r14_a_changed_edition_of_the_version_is_taken_at_once(journey: Journey) -> None:
    """R14, T24: a label is no new version."""
    journey.adopt(book(OLD.replace("label: B", "label: Renamed")), "never")
    stage = journey.fold.book.lifecycles["flow"].stage("b")
    assert stage is not None
    assert stage.label == "Renamed"
    assert journey.changes(c.Adopted) == []


def test_t25_accounts_inside_a_disabled_stage_stay_and_keep_counting(journey: Journey) -> None:
    """T25, R15: nobody can newly enter it; its timers run."""
    journey.adopt(disabling(book(), "flow", "a", "c"), "never")
    journey.at(4).set("flow", "c")
    assert journey.refusals() == ["disabled_stage"]
    assert journey.days("flow") == 4
    journey.set("flow", "a")
    assert journey.codes()[-1] == "already_there"
    journey.at(20)
    assert journey.stage("flow") == "b"


def test_r15_a_parked_line_of_time_stays_due_and_fires_after_re_enabling(journey: Journey) -> None:
    """R15: due on day 20, parked; enabled on day 30."""
    journey.adopt(disabling(book(), "flow", "b"), "never")
    journey.at(25)
    assert journey.codes("go") == ["parked"]
    assert journey.fold.next_due() is None
    journey.at(30).adopt(book(), "never")
    assert journey.track("flow").entered_at == day(30)


def test_r15_a_parked_event_does_not_fire_later(journey: Journey) -> None:
    """R15: it is recorded as parked, that is all."""
    journey.adopt(disabling(book(), "flow", "b"), "never")
    journey.event("product.went_live")
    journey.at(3).adopt(book(), "never")
    journey.at(4)
    assert journey.codes("live") == ["parked"]
    assert journey.stage("flow") == "a"


def test_r15_the_owner_is_told_once_of_each_parked_automation(journey: Journey) -> None:
    """R15: by a notice whose id names no account, so that all accounts' notices are one."""
    journey.adopt(disabling(book(), "flow", "b"), "never")
    journey.event("product.went_live")
    journey.event("product.went_live")
    [notice] = journey.changes(c.MailDue)
    assert (notice.id, notice.to, notice.stage) == ("parked/flow.live/1", ("cs_ops",), "b")
    journey.at(25)
    assert [mail.id for mail in journey.changes(c.MailDue)] == [
        "parked/flow.live/1",
        "parked/flow.go/1",
    ]


def test_r15_set_stage_into_a_disabled_stage_parks_too() -> None:
    """R15, V13: a line of time whose action sets a stage; mail of the same line waits with it."""
    lines = flow(
        """
        stages:
          x:
            label: X
            do:
              - name: push
                after: 2 days
                do:
                  - {email: welcome, to: contact}
                  - {set stage: flow.b}
        """,
        id="other",
    )
    both = small(flow(OLD), lines)
    journey = Journey(disabling(both, "flow", "b"))
    journey.create()
    journey.set("other", "x")
    journey.at(5)
    assert journey.codes("push") == ["parked"]
    assert [mail.template for mail in journey.changes(c.MailDue)] == ["automation_parked"]
    journey.adopt(both, "never")
    assert journey.stage("flow") == "b"
    assert [mail.template for mail in journey.changes(c.MailDue)][1:] == ["welcome"]


def test_r24_a_new_lifecycle_is_adopted_by_running_accounts(journey: Journey) -> None:
    """R24, T1."""
    both = small(flow(OLD), flow("stages:\n  x: {label: X}\n", id="other"))
    journey.adopt(both, "never")
    journey.set("other", "x")
    assert journey.stage("other") == "x"
    assert journey.state.versions == {"flow": 1, "other": 1}


def test_r24_an_adoption_is_recorded_with_its_mapping(journey: Journey) -> None:
    """R24, N3, N9: the change carries what evolve needs."""
    journey.adopt(book(NEW, 2), "at the next move")
    journey.event("notice.given")
    adopted = journey.changes(c.Adopted)
    assert [(one.version, one.pending) for one in adopted] == [(2, True), (2, False)]
    assert adopted[1].mapping == {"a": "first", "b": None}


def test_t27_r24_set_stage_to_a_stage_that_the_running_version_lacks_is_refused() -> None:
    """T27, R24: the line was published against a version that this account has not adopted."""
    newer = small(
        flow(NEW, version=2),
        flow(
            """
            stages:
              x: {label: X}
            also: [{name: push, when: training.completed, set stage: flow.d}]
            """,
            id="other",
        ),
    )
    journey = Journey(book())
    journey.create()
    journey.adopt(newer, "never")
    [entry] = journey.event("training.completed")
    assert [note.code for note in entry.notes] == ["unknown_stage"]
    assert journey.stage("flow") is None
