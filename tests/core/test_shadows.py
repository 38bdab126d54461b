"""Lines in shadow (N11): decided as live ones, recorded only, and no live line ever notices them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from hypothesis import given

from lifecycle.core import changes as c
from lifecycle.core.evolve import KEPT_HELD, apply, copy_state
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import AssignCta, CloseCta, DoTask, SnoozeCta
from lifecycle.core.model import Automation, Book, Lifecycle
from lifecycle.core.state import AccountState, Track
from lifecycle.store.ahead import MOST, foretold

from .journey import Journey, disabling, flow, small
from .test_properties import BOOK, RELAXED, STEPS, Step, placed

TWIN = "twin_of_"


def twinned(book: Book) -> Book:
    """The book with a twin in shadow right before every line."""

    def both(lifecycle: Lifecycle) -> Lifecycle:
        pairs = (
            (replace(line, name=TWIN + line.name, shadow=True), line)
            for line in lifecycle.automations
        )
        return replace(lifecycle, automations=tuple(one for pair in pairs for one in pair))

    return replace(book, lifecycles={one.id: both(one) for one in book.lifecycles.values()})


TWINS = twinned(BOOK)
Act = tuple[Any, ...]


def live(entries: Iterable[c.Entry]) -> list[Act]:
    """What was done, with what it is called whatever its revision."""
    found: list[Act] = []
    for entry in entries:
        for change in entry.changes:
            match change:
                case (
                    c.StageEntered()
                    | c.FieldSet()
                    | c.BecameLate()
                    | c.BecameStuck()
                    | c.HoldEnded()
                ):
                    found.append((entry.at, change))
                case c.MailDue() | c.WebhookDue():
                    found.append((entry.at, replace(change, id="")))
                case c.CtaOpened():
                    found.append((entry.at, "cta", change.cta.automation, change.cta.due))
                case c.CtaClosed():
                    found.append((entry.at, "closed", change.id.rpartition(":")[0]))
                case c.EventHeld() if any(TWIN not in key for key in change.event.automations):
                    found.append((entry.at, "held", change.event.type, change.event.id))
    return found


def what_counts(state: AccountState) -> Act:
    """A state but for numbers of entries and the marks of twins."""
    tracks = {key: _unmarked(track) for key, track in state.tracks.items()}
    ctas = sorted(key.rpartition(":")[0] for key in state.ctas)
    marks = {key: at for key, at in state.marks.items() if TWIN not in key}
    facts = {key: value for key, value in state.facts.items() if TWIN not in key}
    return state.fields, tracks, ctas, marks, facts, state.hold, state.window, state.clock


def _unmarked(track: Track) -> Track:
    own: dict[str, Any] = {
        name: [key for key in getattr(track, name) if TWIN not in key]
        for name in ("done", "waiting", "true")
    }
    return replace(track, revision=0, **own)


BY_REVISION = (CloseCta, SnoozeCta, AssignCta, DoTask)


def lived(book: Book, steps: list[Step]) -> tuple[Fold, list[c.Entry]]:
    """The steps but for those that name something by its revision."""
    fold, entries = Fold(book, AccountState("acme")), []
    inputs = placed([step for step in steps if not isinstance(step[1], BY_REVISION)])
    for _, item in inputs:
        entries += fold.take(item)
    return fold, [*entries, *fold.catch_up(inputs[-1][0])]


@RELAXED
@given(STEPS)
def test_n11_no_live_line_notices_its_twin_in_shadow(steps: list[Step]) -> None:
    """N11: with a twin before every line everything happens as without, at the same instants."""
    (plain, without), (fold, entries) = lived(BOOK, steps), lived(TWINS, steps)
    assert live(entries) == live(without)
    mine, other = what_counts(fold.state), what_counts(plain.state)
    assert mine == (*other[:-1], fold.state.clock)


@RELAXED
@given(STEPS)
def test_n11_a_twin_tells_whatever_its_line_does(steps: list[Step]) -> None:
    """N11, R18, R22: guards, limits, holds and once a visit are those of the live line, for every kind of effect."""
    _, entries = lived(TWINS, steps)
    done, told = Counter(acts(entries)), Counter(shadows(entries))
    still_open = {
        note.automation for entry in entries for note in entry.notes if note.code == "cta_open"
    }
    for act, number in done.items():
        if act[2] not in still_open:
            assert told[act] == number, act
    for act in told:
        assert act in done or act[1] == "cta", act


def acts(entries: Iterable[c.Entry]) -> Iterable[Act]:
    """What lines did: the instant, the kind, the line, what."""
    lines = {line.key for one in BOOK.lifecycles.values() for line in one.automations}
    for entry in entries:
        for change in entry.changes:
            found = _act(entry, change)
            if found and found[1] in lines:
                yield entry.at, *found


def _act(entry: c.Entry, change: c.Change) -> Act | None:
    match change:
        case c.StageEntered() if change.kind == "automation":
            return "move", change.automation, (change.lifecycle, change.entered)
        case c.MailDue():
            return "mail", change.automation, change.template
        case c.WebhookDue():
            return "webhook", change.automation, change.name
        case c.CtaOpened():
            return "cta", change.cta.automation, change.cta.kind
        case c.FieldSet() if not _churns(entry, change):
            return "field", change.automation, (change.name, change.value)
    return None


def _churns(entry: c.Entry, change: c.FieldSet) -> bool:
    """Type and status that a move brought with it (R8): the move is what the line did."""
    return change.name in ("type", "status") and any(
        isinstance(one, c.StageEntered) and one.automation == change.automation
        for one in entry.changes
    )


def shadows(entries: Iterable[c.Entry]) -> Iterable[Act]:
    """What twins told, under the names of their lines."""
    for entry in entries:
        for change in entry.changes:
            if isinstance(change, c.EffectShadowed):
                whats: dict[str, object] = {
                    "move": (change.lifecycle, change.stage),
                    "field": (change.name, change.value),
                }
                line = change.automation.replace(TWIN, "")
                yield entry.at, change.kind, line, whats.get(change.kind, change.name)


KINDS = flow("""
    stages:
      a:
        label: A
        do:
          - name: ghost
            when: user.logged_in
            shadow: true
            do:
              - set: {plan: Pro, active_users: 3}
              - email: welcome
                to: contact
          - {name: call, when: user.logged_in, shadow: true, cta: Call, kind: risk}
          - {name: hook, when: user.logged_in, shadow: true, webhook: activate, to: product_platform}
          - {name: further, when: user.logged_in, shadow: true, set stage: flow.b}
        move:
          - {name: go, when: training.completed, to: b, shadow: true}
      b: {label: B}
    """)


def kinds() -> Journey:
    journey = Journey(small(KINDS))
    journey.create()
    journey.set("flow", "a")
    return journey


def told(journey: Journey) -> list[tuple[str, str, str | None, object]]:
    return [
        (x.kind, x.name or x.lifecycle, x.stage, x.value) for x in journey.changes(c.EffectShadowed)
    ]


def test_n11_every_kind_of_effect_is_recorded_as_data() -> None:
    """N11: which fields, mail, CTA, webhook and stage it would have been."""
    journey = kinds()
    journey.event("user.logged_in")
    assert told(journey) == [
        ("field", "plan", None, "Pro"),
        ("field", "active_users", None, 3),
        ("mail", "welcome", None, None),
        ("cta", "risk", None, "Call"),
        ("webhook", "activate", None, "product_platform"),
        ("move", "flow", "b", None),
    ]
    assert journey.stage("flow") == "a"
    assert (journey.mails(), journey.ctas()) == ([], [])


def test_n11_what_would_change_nothing_is_not_told() -> None:
    """N11, R3, R4: a field that holds it already, a stage it is in already."""
    journey = kinds()
    journey.fields(plan="Pro", active_users=3)
    journey.set("flow", "b")
    journey.set("flow", "a")
    journey.event("user.logged_in")
    assert [kind for kind, *_ in told(journey)] == ["mail", "cta", "webhook", "move"]


def test_n11_a_move_is_told_once_a_visit() -> None:
    """N11: live, it would have left the stage the first time."""
    journey = kinds()
    journey.event("training.completed")
    journey.event("training.completed")
    assert told(journey) == [("move", "flow", "b", None)]
    assert journey.codes("go") == ["once_a_visit"]
    journey.set("flow", "b")
    journey.set("flow", "a")
    journey.event("training.completed")
    assert len(told(journey)) == 2


def test_n11_a_hold_stops_a_shadow_as_it_stops_a_live_line() -> None:
    """N11, R18: at its end the event is tried once more."""
    journey = kinds()
    journey.hold(5)
    journey.event("training.completed")
    assert told(journey) == []
    journey.at(6)
    assert told(journey) == [("move", "flow", "b", None)]
    assert journey.stage("flow") == "a"


CROWDED = flow("""
    stages:
      a:
        label: A
        do:
          - {name: ghost, when: user.logged_in, shadow: true, email: welcome, to: csm}
          - {name: real, when: usage.reported, email: welcome, to: csm}
      b: {label: B}
    """)


def test_n11_events_only_shadows_wait_for_make_room_for_others() -> None:
    """N11, R18: of too many held events no live line loses one to a shadow; the journal folds to the same."""
    journey = Journey(small(CROWDED))
    journey.create()
    journey.set("flow", "a")
    journey.hold(5)
    for _ in range(3):
        journey.event("user.logged_in")
    for number in range(KEPT_HELD):
        journey.event("usage.reported", active_users=number)
    kept = [held.type for held in journey.state.held]
    assert kept == ["usage.reported"] * KEPT_HELD
    journey.event("user.logged_in")
    assert [held.type for held in journey.state.held] == kept
    assert journey.codes("").count("held_dropped") == 4
    again = AccountState("acme")
    for entry in journey.entries:
        apply(again, entry)
    assert again.held == journey.state.held


NONE_YET = flow("""
    stages:
      a: {label: A}
    start:
      - {name: begin, when: user.logged_in, to: a, shadow: true}
    """)


def test_n11_a_shadow_begins_no_track() -> None:
    """N11: where the account never was it stays unknown; and it would begin once, not at every login."""
    journey = Journey(small(NONE_YET))
    journey.create()
    journey.event("user.logged_in")
    journey.event("user.logged_in")
    assert told(journey) == [("move", "flow", "a", None)]
    assert journey.state.tracks == {}


PARKED = flow("""
    stages:
      a:
        label: A
        move:
          - {name: ghost, after: 2 days, to: b, shadow: true}
      b: {label: B}
    """)


def test_n11_a_shadow_into_a_disabled_stage_parks_and_tells_nobody() -> None:
    """N11, R15: it waits for the stage as a live line does, but its owner gets no notice of it."""
    book = small(PARKED)
    journey = Journey(disabling(book, "flow", "b"))
    journey.create()
    journey.set("flow", "a")
    journey.at(3)
    assert told(journey) == []
    assert journey.codes("ghost") == ["parked"]
    assert journey.mails() == []
    journey.adopt(book)
    journey.at(4)
    assert told(journey) == [("move", "flow", "b", None)]


def test_n11_lines_in_shadow_take_no_room_in_what_is_ahead() -> None:
    """N11, N4: the same is foretold with a twin before every line as without."""
    rows = []
    for book in (BOOK, TWINS):
        journey = Journey(book)
        journey.won(renewal_date="2026-12-31")
        rows.append(foretold(book, copy_state(journey.state)))
    assert rows[0] == rows[1]
    assert len(rows[0]) > MOST // 2


def line_named(book: Book, key: str) -> Automation:
    lines = (line for one in book.lifecycles.values() for line in one.automations)
    return next(line for line in lines if line.key == key)


def test_n11_the_twins_of_this_module_are_in_shadow() -> None:
    """The properties above look at twins that would act."""
    line = line_named(TWINS, f"sales.{TWIN}{BOOK.lifecycles['sales'].automations[0].name}")
    assert line.shadow
    assert line.published
