"""Why and why not, shadows, unpublished lines (N3, N11, V12, R17)."""

from __future__ import annotations

from hypothesis import given, settings

from lifecycle.core import changes as c
from lifecycle.core.conditions import Facts, InStage, OneOf
from lifecycle.core.conditions import Field as AccountField
from lifecycle.core.inputs import Event

from .journey import START, Journey, flow, shipped, small
from .test_properties import RELAXED, STEPS, Step, driven


@settings(parent=RELAXED)
@given(STEPS)
def test_n3_every_event_that_changed_nothing_says_why(steps: list[Step]) -> None:
    """N3: an entry without a change of the account has a note or a refusal, whatever happened before."""
    _, entries = driven(steps, looks=1)
    for entry in entries:
        changed = any(
            not isinstance(x, c.InputTaken | c.DuplicateSeen | c.MessageRefused)
            for x in entry.changes
        )
        if not changed:
            assert entry.notes or entry.refused, entry


@settings(parent=RELAXED)
@given(STEPS)
def test_n3_every_change_names_its_automation_version_or_actor(steps: list[Step]) -> None:
    """N3: the event is the entry's input; the move names line, version, actor and reason."""
    book = shipped()
    _, entries = driven(steps, looks=1)
    for entry in entries:
        for move in (x for x in entry.changes if isinstance(x, c.StageEntered)):
            assert move.version == book.lifecycles[move.lifecycle].version
            assert move.automation or move.actor or move.kind == "reactivation"
            assert move.kind != "person" or (move.actor and move.reason)


def test_n3_a_guard_shows_the_values_that_decided() -> None:
    """N3: when it says no, and when it says yes."""
    journey = Journey()
    journey.event("opportunity.stage_changed", stage="Proposal")
    [note] = journey.notes("guard")
    assert note.automation == "customer_stages.pre_onboarding_notification"
    assert note.deciding == ["event.stage is Negotiations Completed: no (event.stage = Proposal)"]
    journey.event("opportunity.stage_changed", stage="Negotiations Completed")
    assert "yes" in journey.notes("because")[0].deciding[0]


def test_n3_a_guard_on_time_in_a_stage_shows_the_time() -> None:
    """N3, T17: how long it has been is what decided."""
    lines = flow("""
        stages:
          a: {label: A}
        also:
          - {name: tell, when: user.logged_in, if: flow is a for more than 30 days, email: welcome, to: csm}
        """)
    journey = Journey(small(lines))
    journey.create()
    journey.set("flow", "a")
    journey.at(12).event("user.logged_in")
    assert journey.notes("guard")[0].deciding == [
        "flow is a for more than 30 days: no (flow = a for 12 days)"
    ]


def test_n3_a_guard_on_a_past_move_shows_the_move() -> None:
    """N3, T19."""
    lines = flow("""
        stages:
          a: {label: A}
          b: {label: B}
        also:
          - {name: tell, when: user.logged_in, if: flow changed in the last 5 days, email: welcome, to: csm}
        """)
    journey = Journey(small(lines))
    journey.create()
    journey.set("flow", "a")
    journey.set("flow", "b")
    journey.at(12).event("user.logged_in")
    [deciding] = journey.notes("guard")[0].deciding
    assert deciding.endswith("no (flow: a → b on 2026-01-05)")


def test_n3_a_set_line_that_changes_nothing_says_so() -> None:
    """N3, R4: the value is there already, or the event brings none."""
    journey = Journey()
    journey.create()
    journey.event("usage.reported", active_users=3)
    [entry] = journey.event("usage.reported", active_users=3)
    assert "same_value" in [note.code for note in entry.notes]


def test_n3_the_reasons_for_nothing() -> None:
    """N3: would move back, held, parked, duplicate and no line are told apart."""
    journey = Journey()
    journey.won()
    journey.set("customer_stages", "mature_adoption")
    journey.won()
    journey.hold(3)
    journey.event("product.went_live", id="x")
    journey.event("product.went_live", id="x")
    journey.event("kickoff.held")
    journey.event("configuration.reopened")
    assert {"would_move_back", "held", "duplicate", "no_line"} <= set(journey.codes())


SHADOWED = flow("""
    stages:
      a:
        label: A
        stuck after: 5 days
        do:
          - {name: mail, email: welcome, to: contact, shadow: true}
          - {name: stuck_shadow, when: stage.stuck, email: welcome, to: csm, shadow: true}
        move:
          - {name: ghost, when: product.went_live, to: b, shadow: true}
          - {name: real, when: product.went_live, to: c}
          - {name: ghost_timer, after: 2 days, to: b, shadow: true}
      b: {label: B}
      c: {label: C}
    from any stage:
      - {name: back_ghost, when: training.completed, to: a, shadow: true}
    also:
      - {name: field, when: usage.reported, set: {active_users: event.active_users}, shadow: true}
      - {name: off, when: usage.reported, email: welcome, to: csm, published: false}
    """)


def shadowed() -> Journey:
    journey = Journey(small(SHADOWED))
    journey.create()
    journey.set("flow", "a")
    return journey


def test_n11_shadow_lines_are_only_recorded() -> None:
    """N11: mail, fields and moves of shadow lines do nothing; the search goes on below them."""
    journey = shadowed()
    journey.event("usage.reported", active_users=5)
    journey.at(3)
    assert journey.mails() == []
    assert "active_users" not in journey.state.fields
    assert journey.stage("flow") == "a"
    journey.event("product.went_live")
    assert journey.stage("flow") == "c"
    seen = [(x.automation.split(".")[1], x.what) for x in journey.changes(c.EffectShadowed)]
    assert seen == [
        ("mail", "would send welcome to contact"),
        ("field", "would set active_users to 5"),
        ("ghost_timer", "would move flow to b"),
        ("ghost", "would move flow to b"),
    ]


def test_n11_a_shadow_that_would_be_refused_says_so_instead() -> None:
    """N11, R3: live it would not move back either."""
    journey = shadowed()
    journey.set("flow", "c")
    journey.event("training.completed")
    assert journey.codes("back_ghost") == ["would_move_back"]


def test_n11_a_shadow_line_does_not_take_the_plain_cta_away() -> None:
    """N11, R19: no line that acts uses `stage.stuck`."""
    journey = shadowed()
    journey.at(5)
    assert journey.ctas() == ["stage_is_stuck"]
    assert "stuck_shadow" in [x.automation.split(".")[1] for x in journey.changes(c.EffectShadowed)]


def test_n11_shadows_change_nothing_but_what_is_recorded_of_them() -> None:
    """N11: the same life with and without them ends in the same state."""
    without = "\n".join(line for line in SHADOWED.split("\n") if "shadow" not in line)
    without = without.replace("    do:\n    move:", "    move:").replace(
        "from any stage:\nalso", "also"
    )
    states = []
    for text in (SHADOWED, without):
        journey = Journey(small(text))
        journey.create()
        journey.set("flow", "a")
        journey.event("usage.reported", active_users=5)
        journey.at(3).event("product.went_live")
        states.append((journey.entered(), journey.mails(), journey.ctas(), journey.state.fields))
    assert states[0] == states[1]


def test_v12_an_unpublished_line_is_silent() -> None:
    """V12, N3: as if it were not there."""
    journey = shadowed()
    journey.event("usage.reported", active_users=5)
    assert journey.codes("off") == []
    assert journey.mails() == []


def test_v12_a_built_in_line_is_unpublished_and_replaced_by_ones_own() -> None:
    """V12, V14: only big opportunities make a prospect."""
    text = (shipped_text()).replace(
        """      - name: opportunity_makes_prospect   # V7: only from Lead, so a Customer is never demoted
        when: opportunity.created
""",
        """      - name: opportunity_makes_prospect
        published: false
        when: opportunity.created
        to: prospect
      - name: big_opportunity
        when: opportunity.created
        if: event.amount >= 5000
""",
    )
    journey = Journey(small(text))
    journey.event("opportunity.created", amount="100")
    assert journey.stage("sales") == "lead"
    journey.event("opportunity.created", amount="5000")
    assert journey.stage("sales") == "prospect"


def shipped_text() -> str:
    from .journey import DEFINITIONS

    return (DEFINITIONS / "sales.yaml").read_text()


def test_r17_negations_are_the_plain_not() -> None:
    """R17, T18: `is not one of` includes None; a positive comparison with nothing is false."""
    journey = Journey()
    journey.create()
    facts = Facts(journey.state, START)
    assert InStage("flow", ("a",), negated=True).holds(facts)
    assert not InStage("flow", ("a",)).holds(facts)
    assert InStage("flow", ("None",)).holds(facts)
    assert OneOf(AccountField("plan"), ("Pro",), negated=True).holds(facts)
    assert not OneOf(AccountField("plan"), ("Pro",)).holds(facts)


def test_n3_the_journal_keeps_what_was_reported() -> None:
    """N3: only declared data; the event with its own time and the time received."""
    journey = Journey()
    journey.create()
    [entry] = journey.event("user.logged_in", user="u", password="secret")
    assert isinstance(entry.input, Event)
    assert entry.input.data == {"user": "u"}
