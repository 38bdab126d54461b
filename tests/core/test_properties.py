"""Properties of the fold: whatever happens, the invariants hold and the way of driving makes no difference."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lifecycle.core import changes as c
from lifecycle.core.codec import from_data, to_data
from lifecycle.core.conditions import Facts
from lifecycle.core.deciding.going_back import KEPT, changed_lines
from lifecycle.core.durations import Duration
from lifecycle.core.evolve import apply, copy_state
from lifecycle.core.fold import Fold, decide, forecast
from lifecycle.core.inputs import (
    Adopt,
    AssignCta,
    CloseCta,
    CreateAccount,
    DoTask,
    EndHistory,
    Event,
    GoBack,
    Hold,
    Input,
    OpenCta,
    Release,
    SetFields,
    SetStage,
    SnoozeCta,
    Undo,
)
from lifecycle.core.model import After, Book, Lifecycle, Place
from lifecycle.core.scoring import is_current, score
from lifecycle.core.state import AccountState, Unit
from lifecycle.core.values import Value
from lifecycle.core.wakes import all_dues, next_due

from .journey import START, shipped

BOOK = shipped()
KINDS = ["opportunity.created", "opportunity.closed_won", "opportunity.closed_lost", *BOOK.events]
STAGES = [(one.id, stage.id) for one in BOOK.lifecycles.values() for stage in one.stages]
DATES = ["2026-02-01", "2026-04-15", "2026-12-31", "2027-06-30", None]


def _data(kind: str) -> st.SearchStrategy[dict[str, Value]]:
    values: dict[str, st.SearchStrategy[Value]] = {
        "order_id": st.sampled_from(["a", "b"]),
        "stage": st.sampled_from(["Negotiations Completed", "Proposal"]),
        "active_users": st.integers(0, 30),
        "weekly_logins": st.integers(0, 40),
        "seats_used": st.integers(0, 9),
        "renewal_date": st.sampled_from(DATES),
        "csm": st.sampled_from(["Ann", "", None]),
        "amount": st.integers(0, 9_000),
        "arr": st.integers(0, 200_000),
    }
    declared = BOOK.events[kind].data
    return st.fixed_dictionaries({name: values.get(name, st.just("x")) for name in declared})


@st.composite
def events(draw: st.DrawFn, historic: bool = False) -> Event:
    """An event at a moment that is filled in later; now and then late, early or with a known id."""
    kind = draw(st.sampled_from(KINDS))
    lag = draw(st.sampled_from([0, 0, 0, 0, 1, 50, -1, -0.05]))
    event_id = draw(st.integers(0, 60))
    return Event(
        f"e{event_id}",
        "test",
        kind,
        START - timedelta(hours=lag),
        START,
        draw(_data(kind)),
        historic,
    )


@st.composite
def commands(draw: st.DrawFn) -> Input:
    """What a person may do, sensible or not."""
    lifecycle, stage = draw(st.sampled_from(STAGES))
    values: dict[str, Value] = {
        "type": "Customer",
        "renewal_date": draw(st.sampled_from(DATES)),
        "arr": 1,
    }
    choices: list[Input] = [
        SetStage(START, "ann", "because", lifecycle, stage),
        SetStage(START, "ann", "because", lifecycle, None),
        Undo(START, "ann"),
        Hold(START, "ann", START + timedelta(days=20), "wait"),
        Release(START, "ann"),
        SetFields(START, "ann", values),
        SetFields(START, "ann", {"status": "cancelled"}),
        SetFields(START, "ann", {"status": "active"}),
        SetFields(START, "ann", {"health_score": 3}),
        CloseCta(START, "ann", "onboarding.plan_kickoff:3"),
        SetFields(START, "ann", {"active_users": draw(st.sampled_from([0, 7, 15, 30, None]))}),
        OpenCta(START, "ann", "Call", within=Duration(5), lifecycle=lifecycle),
        OpenCta(START, "ann", "Write", playbook="kickoff", owner="owner"),
        SnoozeCta(START, "ann", f"by_hand:{draw(st.integers(2, 12))}", START + timedelta(days=20)),
        AssignCta(START, "ann", f"by_hand:{draw(st.integers(2, 12))}", "Bob Berg"),
        DoTask(START, "ann", f"by_hand:{draw(st.integers(2, 12))}", "hold_call"),
    ]
    return draw(st.sampled_from(choices))


Step = tuple[float, Input]
STEPS: st.SearchStrategy[list[Step]] = st.lists(
    st.tuples(
        st.sampled_from([0, 0, 0.01, 0.5, 3, 8, 15, 40, 120]),
        st.one_of(events(), events(), commands()),
    ),
    max_size=30,
)
RELAXED = settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def placed(steps: list[Step], on_time: bool = False) -> list[tuple[datetime, Input]]:
    """The inputs at their instants: each so many days after the one before."""
    now = START
    found: list[tuple[datetime, Input]] = [(START, CreateAccount(START))]
    for days, item in steps:
        now += timedelta(days=days)
        found.append((now, _at(item, now, on_time)))
    return found


def _at(item: Input, now: datetime, on_time: bool) -> Input:
    if isinstance(item, Event):
        own = now if on_time else item.time + (now - START)
        return replace(item, time=own, received=now)
    if isinstance(item, Hold | SnoozeCta):
        return replace(item, at=now, until=now + timedelta(days=20))
    return replace(item, at=now)


def driven(steps: list[Step], looks: int) -> tuple[Fold, list[c.Entry]]:
    """Fold the steps; between two, look `looks` times at the deadlines (0: never, only the inputs drive)."""
    fold, entries = Fold(BOOK, AccountState("acme")), []
    before = START
    for now, item in placed(steps, on_time=True):
        for look in range(1, looks + 1):
            entries += fold.catch_up(before + (now - before) * look / looks)
        entries += fold.take(item)
        before = now
    entries += fold.catch_up(before + timedelta(days=60))
    return fold, entries


@RELAXED
@given(STEPS)
def test_no_sequence_of_inputs_breaks_an_invariant(steps: list[Step]) -> None:
    """R3, R20, R22, R23 and that every deadline, once applied, is due no more."""
    fold, seen_mail = Fold(BOOK, AccountState("acme")), set[str]()
    for now, item in placed(steps):
        clock = fold.state.clock
        entries = [*fold.take(item), *fold.catch_up(now)]
        for entry in entries:
            assert clock is None or entry.at >= clock or entry.refused or _is_duplicate(entry)
            _check_entry(entry, seen_mail)
        assert fold.catch_up(now) == []
        due = next_due(fold.book, fold.state)
        assert due is None or due.at > now or (fold.state.clock or now) > now
        assert fold.next_due() == due, "the remembered deadline went stale"
        _check_state(fold.state)
        _check_scores(fold, now)


def _is_duplicate(entry: c.Entry) -> bool:
    return any(isinstance(change, c.DuplicateSeen) for change in entry.changes)


def _check_entry(entry: c.Entry, seen_mail: set[str]) -> None:
    moved = [x for x in entry.changes if isinstance(x, c.StageEntered) and x.kind != "reactivation"]
    retried = isinstance(entry.input, Release) or getattr(entry.input, "what", "") == "hold"
    assert retried or len({move.lifecycle for move in moved}) == len(moved), (
        "a lifecycle moved twice (R23)"
    )
    for move in moved:
        if move.kind == "automation":
            _check_direction(move)
    for change in entry.changes:
        if isinstance(change, c.MailDue):
            assert change.id not in seen_mail, "a mail twice (R22)"
            seen_mail.add(change.id)


def _check_direction(move: c.StageEntered) -> None:
    lifecycle = BOOK.lifecycles[move.lifecycle]
    line = next((one for one in lifecycle.automations if one.key == move.automation), None)
    if line is not None and line.place is not Place.MOVE and move.left is not None:
        assert lifecycle.position(move.entered) > lifecycle.position(move.left), (
            "automation moved back (R3)"
        )
        left = lifecycle.stage(move.left)
        assert left is not None
        assert not left.end, "automation left an end stage (R3)"


def _check_scores(fold: Fold, now: datetime) -> None:
    """T16: no field of a scorecard ever says something else than the card."""
    facts = Facts(fold.state, max(now, fold.state.clock or now), segments=fold.book.segments)
    for card in fold.book.scorecards.values():
        assert is_current(card, facts, score(card, facts)), card.id


def _check_state(state: AccountState) -> None:
    assert len(state.window) <= 1_000
    assert len(state.units) <= 10
    lines = [cta.automation for cta in state.ctas.values() if cta.automation]
    assert len(set(lines)) == len(lines), "one line has two open CTAs"
    for track in state.tracks.values():
        lifecycle = BOOK.lifecycles[track.lifecycle]
        assert track.visit <= track.last_visit
        assert (track.stage is None) == (track.entered_at is None) == (track.counting_since is None)
        assert all(seconds >= 0 for seconds in track.seconds.values())
        if track.stage is None:
            assert track.seconds == {}, "None resets all counts (T14)"
            continue
        stage = lifecycle.stage(track.stage)
        assert stage is not None
        assert track.entered_at is not None
        assert state.clock is not None
        assert track.entered_at <= state.clock
        assert (track.ended_at is not None) == stage.end, (
            "the clock stops in an end stage only (T12)"
        )


@RELAXED
@given(STEPS)
def test_recorded_changes_fold_to_the_same_state(steps: list[Step]) -> None:
    """N9: the changes alone, written and read as JSON, give the stored state; nothing else is needed."""
    fold, entries = driven(steps, looks=1)
    again = AccountState("acme")
    for entry in entries:
        written = to_data(entry)
        read = from_data(c.Entry, written)
        assert to_data(read) == written
        apply(again, read)
    assert again == fold.state
    assert from_data(AccountState, to_data(fold.state)) == fold.state


@RELAXED
@given(STEPS, st.integers(1, 7))
def test_looking_often_or_never_gives_the_same(steps: list[Step], looks: int) -> None:
    """Processing at once or deadline by deadline, in one batch or many, gives the same state and journal (R20)."""
    once, entries = driven(steps, looks=0)
    often, others = driven(steps, looks)
    assert others == entries
    assert often.state == once.state


@RELAXED
@given(STEPS)
def test_deciding_and_forecasting_leave_the_state_alone(steps: list[Step]) -> None:
    """N4, N6: the same three functions, driven elsewhere, do nothing to the account."""
    fold, _ = driven(steps, looks=1)
    before = copy_state(fold.state)
    assert asdict(before) == asdict(fold.state)
    assert fold.state.clock is not None
    forecast(fold.book, fold.state, fold.state.clock + timedelta(days=90))
    decide(fold.book, fold.state, SetStage(fold.state.clock, "ann", "why", "sales", "customer"))
    assert before == fold.state


@RELAXED
@given(STEPS, st.sampled_from(STAGES))
def test_set_and_undo_restore_the_clock(steps: list[Step], target: tuple[str, str]) -> None:
    """N1, R13: undo restores stage, timestamps, counters, timers and fields, whatever went before."""
    fold, _ = driven(steps, looks=1)
    before = copy_state(fold.state)
    assert before.clock is not None
    at = before.clock
    [entry, *_] = fold.take(SetStage(at, "ann", "a slip", *target))
    if not any(isinstance(change, c.StageEntered) for change in entry.changes):
        return
    [*_, undone] = fold.take(Undo(at, "bob", "was a slip"))
    assert undone.refused is None
    assert _clocks(fold.state) == _clocks(before)
    assert fold.state.fields == before.fields
    assert fold.state.ctas == before.ctas
    assert all_dues(fold.book, fold.state) == all_dues(fold.book, before), "the timers are restored"


def _clocks(state: AccountState) -> dict[str, object]:
    return {
        key: (
            track.stage,
            track.visit,
            track.entered_at,
            track.counting_since,
            track.cycle,
            track.cycle_started_at,
            track.ended_at,
            track.seconds,
            track.cycles,
            track.first_entered,
            track.last_entered,
            list(track.moves),
        )
        for key, track in state.tracks.items()
        if track.last_visit and (track.visit or track.cycle)
    }


@RELAXED
@given(STEPS, STEPS)
def test_an_import_tells_nobody(past: list[Step], more: list[Step]) -> None:
    """R21: nobody is e-mailed, called or given a CTA for the past."""
    fold, entries = Fold(BOOK, AccountState("acme")), []
    told = placed([*past, *more])
    for _, item in told[1:]:
        if isinstance(item, Event):
            entries += fold.take(replace(item, historic=True))
    entries += fold.take(EndHistory(told[-1][0], told[-1][0]))
    effects = (c.MailDue, c.WebhookDue, c.CtaOpened)
    assert not [x for entry in entries for x in entry.changes if isinstance(x, effects)]
    assert fold.state.importing_since is None


def _hastier(book: Book) -> Book:
    """Another version of every lifecycle: its timers take a third of the time, and one condition less is asked."""
    found = {}
    for lifecycle in book.lifecycles.values():
        lines = [
            replace(line, trigger=After(replace(line.trigger.duration, amount=2)), guard=None)
            if isinstance(line.trigger, After)
            else line
            for line in lifecycle.automations
        ]
        found[lifecycle.id] = replace(lifecycle, version=99, automations=tuple(lines))
    return replace(book, lifecycles=found)


HASTIER = _hastier(BOOK)
BACK = GoBack(START, "ops", "b1", left=dict.fromkeys(BOOK.lifecycles, 99))
AT_ONCE = Adopt(START, "ops", "b2", dict.fromkeys(BOOK.lifecycles, "at once"))


@RELAXED
@given(STEPS, STEPS)
def test_r24_nothing_of_a_version_that_is_taken_back_is_left_without_a_word(
    before: list[Step], since: list[Step]
) -> None:
    """R24, R13: every account runs the version brought back, and what it keeps of the other is said."""
    fold, entries = Fold(BOOK, AccountState("acme")), []
    now = START
    for now, item in placed(before):
        entries += [*fold.take(item), *fold.catch_up(now)]
    entries += fold.take(replace(AT_ONCE, at=now), HASTIER)
    for moment, item in placed(since)[1:]:
        now = max(now, moment)
        entries += [*fold.catch_up(now), *fold.take(_at(item, now, True)), *fold.catch_up(now)]
    adopted = dict(fold.state.since)
    entries += (last := fold.take(replace(BACK, at=now), BOOK))
    assert fold.state.versions == {one.id: one.version for one in BOOK.lifecycles.values()}
    assert fold.next_due() == next_due(fold.book, fold.state), "the remembered deadline went stale"
    if not any(note.code == KEPT for entry in last for note in entry.notes):
        lines = {key for one in HASTIER.lifecycles.values() for key in _changed(one)}
        left = [unit for unit in fold.state.units if not lines.isdisjoint(_lines(unit, adopted))]
        assert left == []
    folded = AccountState("acme")
    for entry in entries:
        apply(folded, entry)
    assert asdict(folded) == asdict(fold.state)


def _changed(lifecycle: Lifecycle) -> frozenset[str]:
    return changed_lines(lifecycle, BOOK.lifecycles[lifecycle.id])


def _lines(unit: Unit, adopted: dict[str, int]) -> list[str]:
    """The automations that moved their own lifecycle in this unit, under the version that was taken back."""
    return [
        line
        for lifecycle, lines in unit.spent.items()
        for line in lines
        if unit.revision >= adopted[lifecycle] and line.startswith(f"{lifecycle}.")
    ]
