"""Properties of the fold under a book made to trip it: scores that ask each other, segments in segments with
windows, lines that enter and leave them, dates outside stages, guards that wait, holds, versions.

After every step: the remembered deadline is the one reckoned anew, scores are true, nothing due is left, and the
recorded changes fold to the same state.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from lifecycle.core import changes as c
from lifecycle.core.codec import from_data, to_data
from lifecycle.core.conditions import Facts
from lifecycle.core.evolve import apply, copy_state
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import (
    Adopt,
    CloseCta,
    CreateAccount,
    EndHistory,
    Event,
    Hold,
    Input,
    OpenCta,
    Release,
    SetFields,
    SetLead,
    SetStage,
    SnoozeCta,
    Undo,
)
from lifecycle.core.model import Book
from lifecycle.core.scoring import is_current, score
from lifecycle.core.state import AccountState
from lifecycle.core.values import Value
from lifecycle.core.wakes import all_dues, next_due

from .journey import DEFINITIONS, START, disabling, flow, small

ACCOUNT = (
    (DEFINITIONS / "account.yaml")
    .read_text()
    .split("\npage:")[0]
    .replace(
        "  time_zone:",
        "  effort_score: {label: Effort, is: whole number, range: 0 to 100, written by: scorecard}\n"
        "  effort: {label: Effort band, picklist: [low, high], written by: scorecard}\n"
        "  time_zone:",
    )
)
SCORECARDS = """
scorecards:
  a_health:                    # asks what the card after it writes
    title: Health
    score field: health_score
    band field: health
    for: type is Customer
    measures:
      ease:
        title: Ease
        weight: 3
        points:
          - {if: effort is low, give: 100}
          - {if: effort_score < 40, give: 30}
      pace:
        title: Pace
        weight: 2
        points:
          - {if: in segment slow, give: 0}
          - {if: flow exists, give: 80}
    bands:
      green:  {from: 75, falls below: 60}
      yellow: {from: 45, falls below: 40}
      red:    {from: 0}
  b_effort:
    title: Effort
    score field: effort_score
    band field: effort
    measures:
      use:
        title: Use
        weight: 1
        points:
          - {if: active_users >= 20, give: 100}
          - {if: renewal_date is in the next 20 days, give: 10}
          - {if: flow changed in the last 9 days, give: 70}
          - {if: other is x for less than 4 days, give: 55}
      tasks:
        title: Tasks
        weight: 1
        points:
          - {if: has open cta, give: 0}
          - {otherwise: true, give: 90}
    bands:
      low:  {from: 60, falls below: 50}
      high: {from: 0}
"""
SEGMENTS = """
segments:
  slow:
    title: Slow
    where:
      - flow is one of a, b for more than 10 days
      - type is Customer
  slow_and_red:
    title: Slow and red
    where:
      any of:
        - [in segment slow, health is red]
        - [renewal_date is in the last 6 days, plan is Pro]
  fresh:
    title: Fresh
    where:
      any of:
        - [not: {any of: [in segment slow]}, other changed from x to y in the last 5 days]
        - [flow completed in the last 12 days]
"""
FLOW = """
    stages:
      a:
        label: A
        expected: 4 days
        stuck after: 3 business days
        do:
          - {name: date_in_a, at: 7 days before renewal_date, cta: Date}
          - {name: slow_in_a, enters segment: slow, at most: once a week, cta: Slow, due: 2 days}
        move:
          - {name: later, after: 15 days, unless: plan is Pro, to: b}
      b:
        label: B
        do:
          - {name: in_b, as soon as: health is red for_, cta: Red}
        move:
          - {name: fine, as soon as: [in segment fresh, arr > 500], to: c}
      c: {label: C}
      out: {label: Out, end: true}
    from any stage:
      - {name: dated, at: 3 days before renewal_date, unless: plan is Standard, to: c}
      - {name: gone, as soon as: in segment slow_and_red, to: out}
      - {name: on, when: kickoff.held, to: b}
    also:
      - {name: red, enters segment: slow_and_red, at most: once a day, email: notice_alert, to: csm}
      - {name: calm, leaves segment: slow_and_red, if: plan is Pro, set: {plan: Free}}
      - {name: freshly, leaves segment: fresh, email: renewal_notice, to: contact}
      - {name: follow, changed: health, if: health is green, set: {plan: Standard}}
      - {name: date_out, at: 10 days before renewal_date, if: arr > 500, cta: Out, due: 1 day}
      - {name: tight, as soon as: effort_score < 30, set stage: other.x}
    """.replace("health is red for_", "[health is red, flow is b for more than 2 days]")
OTHER = """
    stages:
      x: {label: X, move: [{name: over, after: 5 days, if: type is Customer, to: y}]}
      y: {label: Y}
      z: {label: Z, end: true, churn: true}
    from any stage:
      - {name: churned, when: subscription.cancelled, to: z}
    also:
      - {name: watch, enters segment: fresh, webhook: fresh, to: product_platform}
    """


def book(body: str = FLOW, version: int = 1, cards: str = SCORECARDS) -> Book:
    """The book, or another version of it."""
    return small(
        flow(body, version=version),
        flow(OTHER, "other"),
        account=ACCOUNT,
        scorecards=cards,
        segments=SEGMENTS,
    )


BOOK = book()
BARE = "\n".join(line for line in FLOW.splitlines() if "name: calm" not in line)
ONE_CARD = SCORECARDS[: SCORECARDS.index("  b_effort")].replace("effort is low", "plan is Pro")
BOOKS = [
    BOOK,
    disabling(BOOK, "flow", "c"),
    book(FLOW.replace("after: 15 days", "after: 2 days"), 2),
    book(BARE, 3, SCORECARDS.replace("weight: 3", "weight: 9")),
    book(BARE, 4, ONE_CARD.replace("effort_score < 40", "arr < 600")),
]
LATEST = "the latest"
"""Stands for the id of the CTA that was opened last."""
POLICIES = ["at once", "at the next move", "never"]


# ── steps


def _events() -> st.SearchStrategy[Input]:
    kinds = ["kickoff.held", "subscription.cancelled", "usage.reported", "contract.renewed"]
    data: dict[str, st.SearchStrategy[dict[str, Value]]] = {
        "usage.reported": st.builds(dict, active_users=st.sampled_from([0, 19, 20, 40])),
        "contract.renewed": st.builds(dict, renewal_date=_dates()),
    }

    def made(kind: str, number: int, lag: float, historic: bool) -> st.SearchStrategy[Input]:
        own = START - timedelta(days=lag)
        return data.get(kind, st.just({})).map(
            lambda facts: Event(f"e{number}", "test", kind, own, START, facts, historic)
        )

    return st.tuples(
        st.sampled_from(kinds),
        st.integers(0, 40),
        st.sampled_from([0, 0, 0, 2]),
        st.sampled_from([False] * 7 + [True]),
    ).flatmap(lambda parts: made(*parts))


def _dates() -> st.SearchStrategy[Value]:
    near = st.integers(-10, 40).map(lambda days: (START + timedelta(days=days)).date().isoformat())
    return st.one_of(near, st.sampled_from([None, "9999-12-31", "0001-01-01"]))


def _fields() -> st.SearchStrategy[Input]:
    values = st.one_of(
        st.builds(dict, renewal_date=_dates()),
        st.builds(dict, plan=st.sampled_from(["Pro", "Standard", "Free", None])),
        st.builds(dict, arr=st.sampled_from([5, 600, None])),
        st.builds(dict, active_users=st.sampled_from([5, 20, None])),
        st.builds(dict, type=st.sampled_from(["Customer", "Prospect"])),
        st.builds(dict, status=st.sampled_from(["cancelled", "active"])),
        st.builds(dict, time_zone=st.sampled_from(["Asia/Tokyo", "America/Los_Angeles"])),
    )
    return values.map(lambda found: SetFields(START, "ann", found))


def _stages() -> st.SearchStrategy[SetStage]:
    pairs = [("flow", one) for one in ("a", "b", "c", "out", None)]
    pairs += [("other", one) for one in ("x", "y", "z", None)]
    return st.sampled_from(pairs).map(lambda to: SetStage(START, "ann", "why", *to))


def _others() -> st.SearchStrategy[Input]:
    return st.one_of(
        st.just(Undo(START, "ann")),
        st.just(Undo(START, "ann")),
        st.just(Hold(START, "ann", START, "wait")),
        st.just(Release(START, "ann")),
        st.just(OpenCta(START, "ann", "Call", due=START)),
        st.just(OpenCta(START, "ann", "Stay", lifecycle="flow", close_on_leaving=True)),
        st.just(SnoozeCta(START, "ann", LATEST, START)),
        st.just(CloseCta(START, "ann", LATEST)),
        st.just(SetLead(START, 3_600)),
        st.just(EndHistory(START, START)),
        st.builds(
            lambda number, policy: Adopt(
                START, "ops", str(number), {"flow": policy, "other": policy}
            ),
            st.integers(0, len(BOOKS) - 1),
            st.sampled_from(POLICIES),
        ),
    )


Step = tuple[float, Input]
STEPS: st.SearchStrategy[list[Step]] = st.lists(
    st.tuples(
        st.sampled_from([0, 0, 0, 0.5, 1, 2, 3, 5, 10]),
        st.one_of(_events(), _fields(), _fields(), _stages(), _stages(), _others(), _others()),
    ),
    max_size=25,
)
RELAXED = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def placed(steps: list[Step]) -> list[tuple[datetime, Input]]:
    """The inputs at their instants: each so many days after the one before."""
    now = START
    renewal = (START + timedelta(days=18)).date().isoformat()
    fields: dict[str, Value] = {"type": "Customer", "arr": 600, "renewal_date": renewal}
    found: list[tuple[datetime, Input]] = [
        (START, CreateAccount(START, fields)),
        (START, SetStage(START, "ann", "why", "flow", "a")),
        (START, SetStage(START, "ann", "why", "other", "x")),
    ]
    for days, item in steps:
        now += timedelta(days=days)
        found.append((now, _at(item, now)))
    return found


def _at(item: Input, now: datetime) -> Input:
    if isinstance(item, Event):
        return replace(item, time=item.time + (now - START), received=now)
    if isinstance(item, Hold | SnoozeCta):
        return replace(item, at=now, until=now + timedelta(days=6))
    if isinstance(item, OpenCta) and item.due:
        return replace(item, at=now, due=now + timedelta(days=3))
    if isinstance(item, EndHistory):
        return replace(item, at=now, until=now)
    return replace(item, at=now)


def took(fold: Fold, item: Input) -> list[c.Entry]:
    """Fold an input; an adoption with the book it names."""
    if isinstance(item, SnoozeCta | CloseCta) and item.cta == LATEST:
        item = replace(item, cta=next(reversed(fold.state.ctas), LATEST))
    return fold.take(item, BOOKS[int(item.book)] if isinstance(item, Adopt) else None)


def caught_up(fold: Fold, now: datetime) -> list[c.Entry]:
    """What is due up to now: a bounded number of deadlines, whatever they set off."""
    if fold.state.importing_since is not None:
        return fold.catch_up(now)
    entries: list[c.Entry] = []
    while (due := fold.next_due()) is not None and due.at <= now:
        entries.append(fold.apply_due(due))
        assert len(entries) < 400, f"deadlines without end: {due}"
    return entries


# ── properties


@RELAXED
@given(STEPS)
def test_what_is_remembered_is_what_is_so(steps: list[Step]) -> None:
    """N9, R23, T16: no deadline is stale or endless, no score is wrong, changes alone give the state."""
    fold, again = Fold(BOOK, AccountState("acme")), AccountState("acme")
    for now, item in placed(steps):
        entries = [*caught_up(fold, _until(fold, item, now)), *took(fold, item)]
        entries += caught_up(fold, now)
        for entry in entries:
            apply(again, from_data(c.Entry, to_data(entry)))
        assert fold.next_due() == next_due(fold.book, fold.state), "the deadline is stale"
        assert again == fold.state
        _check_scores(fold)
    _check_ends(fold)


def _until(fold: Fold, item: Input, now: datetime) -> datetime:
    """What an input finds due already; one that is historic or late drives the deadlines itself."""
    return now if not isinstance(item, Event) else (fold.state.clock or now)


def _check_scores(fold: Fold) -> None:
    if fold.state.clock is None or fold.state.importing_since is not None:
        return
    facts = Facts(fold.state, fold.state.clock, segments=fold.book.segments)
    for card in fold.book.scorecards.values():
        assert is_current(card, facts, score(card, facts)), card.id
    if "b_effort" not in fold.book.scorecards:
        assert not {"effort", "effort_score"} & fold.state.fields.keys(), "a score nobody reckons"


def _check_ends(fold: Fold) -> None:
    """Left alone, the account comes to rest: nothing polls, and nothing fires without end."""
    if fold.state.importing_since is None and fold.state.clock is not None:
        caught_up(fold, fold.state.clock + timedelta(days=4_000))


@RELAXED
@given(STEPS)
def test_one_batch_or_many_with_the_way_through_json(steps: list[Step]) -> None:
    """R20: continued as new after every input, by whoever, the account lives the same life."""
    whole, parted = Fold(BOOK, AccountState("acme")), Fold(BOOK, AccountState("acme"))
    for now, item in placed(steps):
        one = [*took(whole, item), *caught_up(whole, now)]
        state = from_data(AccountState, to_data(parted.state))
        parted = Fold(parted.book, state)
        assert [*took(parted, item), *caught_up(parted, now)] == one
        assert parted.state == whole.state


@RELAXED
@given(STEPS, _stages())
def test_a_move_undone_gives_everything_back(steps: list[Step], move: SetStage) -> None:
    """N1, R13: fields, scores, CTAs and timers, under scores and segments too."""
    fold = Fold(BOOK, AccountState("acme"))
    for now, item in placed(steps):
        took(fold, item)
        caught_up(fold, now)
    before = copy_state(fold.state)
    assume(before.clock is not None and before.importing_since is None)
    assert before.clock is not None
    [entry, *_] = fold.take(replace(move, at=before.clock))
    assume(entry.refused is None and any(isinstance(x, c.StageEntered) for x in entry.changes))
    assume(before.adopted == fold.state.adopted)
    caught_up(fold, before.clock)
    assume(before.adopted == fold.state.adopted)
    [*_, undone] = fold.take(Undo(before.clock, "bob"))
    assert undone.refused is None
    assert fold.state.fields == before.fields
    assert fold.state.ctas == before.ctas
    assert all_dues(fold.book, fold.state) == all_dues(fold.book, before)
