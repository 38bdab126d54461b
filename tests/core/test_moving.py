"""Moves by automation: forward only, one a lifecycle, the first line that applies (R3, R23, V13)."""

from __future__ import annotations

from dataclasses import replace

from lifecycle.core import changes as c
from lifecycle.core.conditions import Exists, Field
from lifecycle.core.inputs import Undo
from lifecycle.core.model import AsSoonAs, Automation, Book, Place, SetFields

from .journey import Journey, day, disabling, flow, shipped, small

ORDERED = flow("""
    start: [{name: begin, when: kickoff.held, to: b}]
    stages:
      a: {label: A}
      b:
        label: B
        move:
          - {name: own_back, when: configuration.reopened, to: a}
      c: {label: C}
      done:
        label: Done
        end: true
        move: [{name: again, when: contract.renewed, to: b}]
    from any stage:
      - {name: any_a, when: configuration.completed, to: a}
      - {name: any_c, when: configuration.completed, to: c}
      - {name: finish, when: product.went_live, to: done}
    from anywhere:
      - {name: anywhere_b, when: training.completed, to: b}
    """)


def journey_at(stage: str | None, book: Book | None = None) -> Journey:
    journey = Journey(book or small(ORDERED))
    journey.create()
    if stage:
        journey.set("flow", stage)
    return journey


def test_r3_a_second_deal_does_not_throw_a_mature_account_back() -> None:
    """R3, L8: only what the deal tells is taken over, and the journal says why the stage stays."""
    journey = Journey()
    journey.won(csm="Ann")
    journey.set("customer_stages", "mature_adoption")
    journey.at(9).won(csm="Bob")
    assert journey.stage("customer_stages") == "mature_adoption"
    assert journey.state.fields["csm"] == "Bob"
    assert journey.codes("onboarding_updates") == ["would_move_back"]


def test_r3_a_line_that_names_the_stage_it_leaves_may_move_back() -> None:
    """R3: `move` of the stage itself."""
    journey = journey_at("b")
    journey.event("configuration.reopened")
    assert journey.stage("flow") == "a"


def test_r3_a_refused_line_is_recorded_and_the_search_goes_on() -> None:
    """R3: `any_a` would move back; `any_c` below it moves."""
    journey = journey_at("b")
    journey.event("configuration.completed")
    assert journey.codes("any_a") == ["would_move_back"]
    assert journey.stage("flow") == "c"


def test_r3_the_present_stage_again_is_already_there_and_resets_nothing() -> None:
    """R3: by automation and by a person alike."""
    journey = journey_at("b")
    before = journey.track("flow")
    visit, entered = before.visit, before.entered_at
    journey.at(3).event("training.completed")
    journey.set("flow", "b")
    assert journey.codes("anywhere_b") == ["already_there"]
    assert (journey.track("flow").visit, journey.track("flow").entered_at) == (visit, entered)
    assert len(journey.notes("already_there")) == 2


def test_r3_nothing_but_its_own_line_a_person_or_undo_leaves_an_end_stage() -> None:
    """R3: `from any stage` and `from anywhere` never do."""
    journey = journey_at("done")
    for kind in ("configuration.completed", "product.went_live", "training.completed"):
        [entry] = journey.event(kind)
        assert entry.notes, f"{kind} changed nothing and does not say why (N3)"
    assert journey.stage("flow") == "done"
    journey.event("contract.renewed")
    assert journey.stage("flow") == "b"


def test_r3_set_stage_as_an_action_leaves_no_end_stage_either() -> None:
    """R3, V13: `set stage` of another lifecycle is under the rules of `from …`."""
    lines = flow(
        """
        stages:
          z: {label: Z}
        also:
          - {name: push, when: user.logged_in, set stage: flow.c}
          - {name: pull, when: notice.given, set stage: flow.a}
        """,
        id="other",
    )
    journey = journey_at("done", small(ORDERED, lines))
    journey.event("user.logged_in")
    assert journey.stage("flow") == "done"
    assert journey.codes("push") == ["end_stage"]
    journey.set("flow", "b")
    journey.event("notice.given")
    assert journey.codes("pull") == ["would_move_back"]
    journey.event("user.logged_in")
    assert journey.stage("flow") == "c"


def test_v13_set_stage_none_clears() -> None:
    """V13, T14: `set stage: flow.None`."""
    lines = flow(
        """
        stages:
          z: {label: Z}
        also:
          - {name: clear, when: notice.given, set stage: flow.None}
        """,
        id="other",
    )
    journey = journey_at("b", small(ORDERED, lines))
    journey.event("notice.given")
    assert journey.stage("flow") is None
    assert journey.track("flow").seconds == {}


def test_r3_from_any_stage_does_not_start_a_lifecycle_from_anywhere_does() -> None:
    """R3: None is no stage."""
    journey = journey_at(None)
    journey.event("configuration.completed")
    assert journey.stage("flow") is None
    journey.event("training.completed")
    assert journey.stage("flow") == "b"


def test_r3_a_parked_line_ends_the_search() -> None:
    """R3, R15: `own` leads into a disabled stage; the line below is not asked."""
    lines = flow("""
        start: [{name: begin, when: kickoff.held, to: a}]
        stages:
          a:
            label: A
            move:
              - {name: own, when: product.went_live, to: b}
              - {name: below, when: product.went_live, to: c}
          b: {label: B}
          c: {label: C}
        """)
    journey = journey_at("a", disabling(small(lines), "flow", "b"))
    journey.event("product.went_live")
    assert journey.stage("flow") == "a"
    assert journey.codes("own") == ["parked"]
    assert journey.codes("below") == []


def test_r23_the_first_line_that_applies_wins_and_the_stages_own_come_first() -> None:
    """R23: the stage's own moves, then `from …`, each from the top."""
    lines = flow("""
        stages:
          a:
            label: A
            move:
              - {name: own_1, when: product.went_live, if: arr > 100, to: b}
              - {name: own_2, when: product.went_live, to: c}
          b: {label: B}
          c: {label: C}
          d: {label: D}
        from any stage:
          - {name: any_d, when: product.went_live, to: d}
        """)
    journey = journey_at("a", small(lines))
    journey.event("product.went_live")
    assert journey.entered() == ["a", "c"]
    journey.set("flow", "a")
    journey.fields(arr=200)
    journey.event("product.went_live")
    assert journey.stage("flow") == "b"


def test_r23_one_event_moves_a_lifecycle_once() -> None:
    """R23: B has a line for the same event, and is entered by it."""
    lines = flow("""
        stages:
          a: {label: A, move: [{name: ab, when: product.went_live, to: b}]}
          b: {label: B, move: [{name: bc, when: product.went_live, to: c}]}
          c: {label: C}
        """)
    journey = journey_at("a", small(lines))
    journey.event("product.went_live")
    assert journey.stage("flow") == "b"


def test_r23_the_order_within_one_event() -> None:
    """R23: `set` lines; the move; what entering and changed conditions set off; the other lines."""
    lines = flow("""
        stages:
          a: {label: A, move: [{name: ab, when: usage.reported, if: active_users > 5, to: b}]}
          b: {label: B, do: [{name: hello, email: welcome, to: contact}]}
        also:
          - {name: late_line, when: usage.reported, email: notice_alert, to: csm}
          - {name: turned, "as soon as": active_users > 5, email: payment_failed, to: csm}
          - {name: moved, entered: flow.b, email: renewal_notice, to: contact}
          - {name: early_line, when: usage.reported, set: {active_users: event.active_users}}
        """)
    journey = journey_at("a", small(lines))
    journey.event("usage.reported", active_users=9)
    assert journey.entered() == ["a", "b"]
    assert journey.mails() == ["hello", "moved", "turned", "late_line"]


def test_r23_conditions_changed_by_a_set_line_come_before_the_other_lines() -> None:
    """R23: also where the event moves nothing."""
    lines = flow("""
        stages:
          a: {label: A}
          b: {label: B}
        from any stage:
          - {name: many, "as soon as": active_users > 5, to: b}
        also:
          - {name: in_a, when: usage.reported, if: flow is a, email: notice_alert, to: csm}
          - {name: keep, when: usage.reported, set: {active_users: event.active_users}}
        """)
    journey = journey_at("a", small(lines))
    journey.event("usage.reported", active_users=9)
    assert journey.stage("flow") == "b"
    assert journey.mails() == []


def test_r23_lifecycles_run_in_the_order_of_their_ids() -> None:
    """R23: whatever the order of the files."""
    body = """
        from anywhere: [{name: go, when: product.went_live, to: a}]
        stages:
          a: {label: A}
        """
    journey = Journey(small(flow(body, "zebra"), flow(body, "ant"), flow(body, "mole")))
    journey.create()
    journey.event("product.went_live")
    assert [move.lifecycle for move in journey.changes(c.StageEntered)] == ["ant", "mole", "zebra"]


def chasing() -> Book:
    """Two stages whose conditions always hold; the checker would refuse them, so they are made by hand."""
    book = small(flow("stages:\n  a: {label: A}\n  b: {label: B}\n"))
    holds = AsSoonAs(Exists(Field("type")))
    lines = (
        Automation("ab", "flow", Place.MOVE, holds, stage="a", to="b"),
        Automation("ba", "flow", Place.MOVE, holds, stage="b", to="a"),
    )
    lifecycle = replace(book.lifecycles["flow"], automations=lines)
    return replace(book, lifecycles={"flow": lifecycle})


def test_r23_automations_that_chase_each_other_are_stopped_and_recorded() -> None:
    """R23: at most 25 deep, then a recorded stop; the account lives on."""
    journey = Journey(chasing())
    journey.create()
    journey.set("flow", "a")
    journey.at(1)
    assert len(journey.notes("cascade_stopped")) == 1
    assert 25 <= len(journey.entered()) <= 30
    assert journey.fold.next_due() is None
    [undone] = journey.undo()
    assert undone.refused is None, "the whole cascade is one unit (R13)"
    assert isinstance(undone.input, Undo)
    assert journey.stage("flow") is None


def test_r23_fields_that_chase_each_other_are_stopped_and_recorded() -> None:
    """R23: conditions that turn each other without end."""
    lines = flow("""
        stages:
          a: {label: A}
        also:
          - {name: from_3, "as soon as": active_users is 3, set: {active_users: 1}}
          - {name: from_2, "as soon as": active_users is 2, set: {active_users: 3}}
          - {name: from_1, "as soon as": active_users is 1, set: {active_users: 2}}
        """)
    journey = Journey(small(lines))
    journey.create(active_users=1)
    assert len(journey.notes("cascade_stopped")) == 1
    assert len(journey.changes(c.FieldSet)) < 70


def test_r23_a_cascade_across_lifecycles_is_bounded() -> None:
    """R23: thirty lifecycles in a row, each entered by the one before."""
    first = flow(
        "from anywhere: [{name: go, when: product.went_live, to: a}]\nstages:\n  a: {label: A}\n",
        "l00",
    )
    rest = [
        flow(
            f"from anywhere: [{{name: go, entered: l{n - 1:02}.a, to: a}}]\nstages:\n  a: {{label: A}}\n",
            f"l{n:02}",
        )
        for n in range(1, 31)
    ]
    journey = Journey(small(first, *rest))
    journey.create()
    journey.event("product.went_live")
    assert len(journey.notes("cascade_stopped")) == 1
    assert len(journey.changes(c.StageEntered)) == 26


def test_v3_a_stage_is_a_condition_on_a_notification() -> None:
    """V3, R22: sales hear of a Lead's log-in, at most once a day, and not of a Customer's."""
    journey = Journey()
    journey.event("opportunity.created")
    journey.set("sales", "lead")
    for hours in (0, 5, 25):
        journey.now = day(hours / 24)
        journey.event("user.logged_in", user="u")
    assert journey.mails().count("lead_logged_in") == 2
    journey.set("sales", "customer")
    journey.at(9).event("user.logged_in", user="u")
    assert journey.mails().count("lead_logged_in") == 2


def test_several_actions_of_one_line_are_all_done() -> None:
    """G11, R22: two e-mails and two CTAs of one line in one visit, each once, with ids of their own."""
    lines = flow("""
        stages:
          a:
            label: A
            do:
              - name: both
                do:
                  - {email: welcome, to: contact}
                  - {email: notice_alert, to: csm}
                  - {cta: First}
                  - {cta: Second}
        """)
    journey = Journey(small(lines))
    journey.create()
    journey.set("flow", "a")
    assert [mail.template for mail in journey.changes(c.MailDue)] == ["welcome", "notice_alert"]
    assert len({mail.id for mail in journey.changes(c.MailDue)}) == 2
    assert [cta.title for cta in journey.state.ctas.values()] == ["First", "Second"]


def test_changed_entered_and_left_lines_hear_exactly_what_they_name() -> None:
    """V4, V13: `changed:`, `entered … from`, `left … towards`."""
    lines = flow("""
        stages:
          a: {label: A}
          b: {label: B}
          c: {label: C}
        also:
          - {name: from_a, entered: b, from: a, email: welcome, to: contact}
          - {name: from_none, entered: b, from: None, email: welcome, to: contact}
          - {name: to_c, left: a, towards: c, email: welcome, to: contact}
          - {name: to_none, left: b, towards: None, email: welcome, to: contact}
          - {name: plan_changed, changed: plan, email: welcome, to: contact}
        """)
    journey = Journey(small(lines))
    journey.create()
    for stage in ("a", "b", "c", "a", "c", "b", None, "b"):
        journey.set("flow", stage)
    assert journey.mails() == ["from_a", "to_c", "to_none", "from_none"]
    journey.fields(plan="Pro")
    journey.fields(plan="Pro")
    journey.fields(plan=None)
    assert journey.mails()[4:] == ["plan_changed", "plan_changed"]


def test_the_shipped_sets_are_actions_only() -> None:
    """R18: the lines of the shipped definitions that are never held set fields and nothing else."""
    lines = shipped().lifecycles["customer_stages"].automations
    [update] = [line for line in lines if line.name == "won_deal_updates_account"]
    assert all(isinstance(action, SetFields) for action in update.actions)
