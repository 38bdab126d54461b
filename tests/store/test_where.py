"""The SQL meaning of every condition is its Python meaning, on both databases, with None in every field (R17)."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select

from lifecycle.core import conditions as c
from lifecycle.core.durations import Duration
from lifecycle.core.durations import Unit as Of
from lifecycle.core.model import Segment
from lifecycle.core.state import AccountState, Cta, Moved, Track
from lifecycle.store.engine import Store
from lifecycle.store.moment import Now, now_of
from lifecycle.store.state_rows import account_columns, field_rows, track_rows
from lifecycle.store.tables import (
    AccountRow,
    CtaRow,
    CtaStatus,
    FieldRow,
    TrackRow,
    VisitRow,
    table_of,
)
from lifecycle.store.where import where
from tests.store.lives import cta

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
STAGES = ("one", "two", "three")
LIFECYCLES = ("journey", "sales")
KINDS: dict[str, tuple[str, ...]] = {
    "text": ("plan", "note"),
    "number": ("seats", "seats_used", "score"),
    "day": ("renewal", "trained"),
}

# Few values, so that two of them are often the same, beside each other, or one inside the other.
some_texts = ["", "Pro", "pro", "Straße", "STRASSE", "%", "_r", "p", "ß", "x" * 70, "x" * 71]
any_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=4)
texts = st.one_of(st.sampled_from(some_texts), st.sampled_from(some_texts), any_text)
some_numbers = [0.1, 2.0, -0.0, 2**53, 2**53 + 1, 2**63 - 1, float(2**53), 1e300, True]
numbers = st.one_of(st.integers(0, 2), st.sampled_from(some_numbers), st.floats(-5, 5))
days = st.integers(-2, 2).map(lambda shift: NOW.date() + timedelta(days=shift))
VALUES: dict[str, st.SearchStrategy[Any]] = {"text": texts, "number": numbers, "day": days}
instants = st.integers(-5, 1).map(lambda halves: NOW + timedelta(hours=12 * halves))


@st.composite
def fields(draw: st.DrawFn) -> dict[str, Any]:
    present = {
        "text": texts | texts | st.none(),
        "number": numbers | st.none(),
        "day": days | st.none(),
    }
    drawn = {name: draw(present[kind]) for kind, names in KINDS.items() for name in names}
    drawn["status"] = draw(st.sampled_from([None, "active", "cancelled"]))
    return {name: value for name, value in drawn.items() if value is not None}


@st.composite
def tracks(draw: st.DrawFn, lifecycle: str) -> Track:
    stages = st.sampled_from([None, *STAGES])
    track = Track(lifecycle)
    for at in sorted(draw(st.lists(instants, max_size=4))):
        entered = draw(stages.filter(lambda stage: stage != track.stage))
        track.moves.append(Moved(at, track.stage, entered, draw(st.booleans())))
        track.stage, track.entered_at, track.visit = entered, at, track.visit + 1
        shift = timedelta(hours=12 * draw(st.integers(0, 2)))
        track.counting_since = at - shift if entered else None
    return track


@st.composite
def states(draw: st.DrawFn) -> AccountState:
    state = AccountState(draw(st.sampled_from(["a", "b"])), fields=draw(fields()))
    for lifecycle in draw(st.sets(st.sampled_from(LIFECYCLES))):
        state.tracks[lifecycle] = draw(tracks(lifecycle))
    for kind in draw(st.sets(st.sampled_from(["risk", "task"]))):
        state.ctas[kind] = cta(kind, kind=kind)
    return state


def operands(kind: str) -> st.SearchStrategy[Any]:
    fields_of_kind = st.sampled_from(KINDS[kind]).map(c.Field)
    return st.one_of(fields_of_kind, VALUES[kind].map(c.Const), st.just(c.EventField("x")))


OPS = {
    "text": [c.Op.IS, c.Op.IS_NOT, c.Op.CONTAINS, c.Op.LT, c.Op.GE],
    "number": [c.Op.IS, c.Op.IS_NOT, c.Op.LT, c.Op.LE, c.Op.GT, c.Op.GE, c.Op.CONTAINS],
    "day": [c.Op.IS, c.Op.IS_NOT, c.Op.BEFORE, c.Op.AFTER, c.Op.CONTAINS],
}


@st.composite
def compares(draw: st.DrawFn) -> c.Condition:
    kind = draw(st.sampled_from(sorted(KINDS)))
    both = operands(kind)
    return c.Compare(draw(both), draw(st.sampled_from(OPS[kind])), draw(both))


@st.composite
def field_leaves(draw: st.DrawFn) -> c.Condition:
    kind, negated = draw(st.sampled_from(sorted(KINDS))), draw(st.booleans())
    values = tuple(draw(st.lists(VALUES[kind] | st.none(), max_size=3)))
    made: list[c.Condition] = [
        c.OneOf(draw(operands(kind)), values, negated),
        c.Exists(draw(operands(kind)), negated),
        c.Within(draw(operands(kind)), draw(st.integers(0, 3)), draw(st.booleans())),
    ]
    return draw(st.sampled_from(made))


durations = st.integers(0, 6).map(lambda halves: Duration(12 * halves, Of.HOURS))
windows = st.one_of(
    st.integers(0, 3).map(c.Last),
    st.tuples(days, days).map(lambda pair: c.Between(*pair)),
)
stage_words = st.sampled_from([c.NONE, *STAGES])
names = st.sampled_from([*LIFECYCLES, "unknown"])
in_stage = st.builds(
    c.InStage,
    names,
    st.lists(stage_words, max_size=3).map(tuple),
    st.booleans(),
    st.none() | durations,
)
stage_leaves = st.one_of(
    in_stage,
    in_stage.map(lambda leaf: replace(leaf, more_than=None, less_than=leaf.more_than)),
    st.builds(c.Changed, names, windows, st.none() | stage_words, st.none() | stage_words),
    st.builds(c.Completed, names, st.none() | windows),
    st.builds(c.HasOpenCta, st.none() | st.sampled_from(["risk", "gone"])),
)
in_segment = st.builds(c.InSegment, st.sampled_from(["inner", "outer", "unknown"]))
leaves = st.one_of(compares(), compares(), field_leaves(), stage_leaves)
trees: st.SearchStrategy[c.Condition] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda of: c.All(tuple(of))),
        st.lists(inner, max_size=3).map(lambda of: c.AnyOf(tuple(of))),
        inner.map(c.Not),
    ),
    max_leaves=5,
)
conditions = st.one_of(leaves, leaves, leaves, trees, in_segment, in_segment.map(c.Not))


@st.composite
def segments(draw: st.DrawFn) -> dict[str, Segment]:
    """Two segments, one of which asks the other."""
    inner = Segment("inner", "Inner", draw(trees))
    asks = c.InSegment("inner")
    parts: list[c.Condition] = [c.AnyOf((draw(trees), asks)), c.All((draw(trees), c.Not(asks)))]
    return {"inner": inner, "outer": Segment("outer", "Outer", draw(st.sampled_from(parts)))}


def visit_rows(state: AccountState) -> list[dict[str, Any]]:
    """The visits that these moves leave behind, and an undone one that must not count."""
    rows = []
    for lifecycle, track in state.tracks.items():
        undone = Moved(NOW - timedelta(hours=1), "one", "two", True)
        for number, move in enumerate([*track.moves, undone], start=1):
            rows.append(
                {
                    "account": state.account,
                    "lifecycle": lifecycle,
                    "number": number,
                    "stage": move.entered,
                    "from_stage": move.left,
                    "entered_at": move.at,
                    "moved": True,
                    "ends": move.ends,
                    "cycle": 1,
                    "version": 1,
                    "revision": number,
                    "position": 0,
                    "cause": "person",
                    "automation": "",
                    "actor": "",
                    "reason": "",
                    "historic": False,
                    "recorded_at": NOW,
                    "withdrawn_at": NOW if move is undone else None,
                }
            )
    return rows


def cta_row(account: str, found: Cta, status: CtaStatus) -> dict[str, Any]:
    names = ("title", "kind", "owner", "priority", "lifecycle", "automation", "visit", "opened_at")
    return {
        **{name: getattr(found, name) for name in names},
        "account": account,
        "id": found.id,
        "status": status,
        "overdue": False,
        "recorded_at": NOW,
        "revision": 1,
    }


@dataclass
class Asked:
    """Puts accounts into the database and asks it, inside one transaction that is never committed."""

    store: Store

    async def put(self, connection: Any, states: list[AccountState]) -> None:
        for model in (VisitRow, TrackRow, FieldRow, CtaRow, AccountRow):
            await connection.execute(delete(table_of(model)))
        for state in states:
            row = {"id": state.account, "events": 0, "chain": "", "state": {}}
            row |= account_columns(state) | {"created_at": NOW - timedelta(days=30)}
            await connection.execute(insert(table_of(AccountRow)), [row])
            gone = cta_row(state.account, cta("gone", kind="gone"), CtaStatus.CLOSED)
            opened = [cta_row(state.account, one, CtaStatus.OPEN) for one in state.ctas.values()]
            rows: list[tuple[Any, list[dict[str, Any]]]] = [
                (FieldRow, list(field_rows(state.account, state).values())),
                (TrackRow, list(track_rows(state.account, state).values())),
                (VisitRow, visit_rows(state)),
                (CtaRow, [gone, *opened]),
            ]
            for model, found in rows:
                if found:
                    await connection.execute(insert(table_of(model)), found)

    async def hits(
        self,
        states: list[AccountState],
        asked: Sequence[c.Condition],
        segments: Mapping[str, Segment] | None = None,
    ) -> dict[str, list[Any]]:
        """What the database answers to each condition, by account."""
        asks = [where(one, Now(NOW), segments or {}) for one in asked]
        columns = [one.label(f"asked_{number}") for number, one in enumerate(asks)]
        connection = await self.store.engine.connect()
        try:
            await self.put(connection, states)
            answers = await connection.execute(select(table_of(AccountRow).c.id, *columns))
            return {account: list(found) for account, *found in answers}
        finally:
            await connection.rollback()
            await connection.close()


@pytest.fixture
def asked(store: Store) -> Asked:
    return Asked(store)


async def test_sql_means_what_python_means(asked: Asked) -> None:
    """R17, T17, T18, T19, T20, T22, R10."""
    loop = asyncio.get_running_loop()

    @settings(
        max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(
        st.lists(states(), min_size=1, max_size=2, unique_by=lambda state: state.account),
        st.lists(conditions, min_size=30, max_size=40),
        segments(),
    )
    def agree(
        found: list[AccountState], said: list[c.Condition], saved: dict[str, Segment]
    ) -> None:
        future = asyncio.run_coroutine_threadsafe(asked.hits(found, said, saved), loop)
        answers = future.result(60)
        for state in found:
            for condition, answer in zip(said, answers[state.account], strict=True):
                assert answer is condition.holds(c.Facts(state, NOW, segments=saved)), (
                    state,
                    condition,
                )

    await asyncio.to_thread(agree)


async def test_contains_looks_for_texts_not_patterns(asked: Asked) -> None:
    for inner in some_texts:
        state = AccountState("a", fields={"note": "Straße 100%_r", "plan": inner})
        operands: tuple[c.Operand, ...] = (c.Field("plan"), c.Const(inner))
        said = [c.Compare(c.Field("note"), c.Op.CONTAINS, right) for right in operands]
        said += [c.Compare(left, c.Op.CONTAINS, c.Field("note")) for left in operands]
        meant = [one.holds(c.Facts(state, NOW)) for one in said]
        assert await asked.hits([state], said) == {"a": meant}, inner


async def test_each_account_is_asked_at_its_own_clock(asked: Asked) -> None:
    """An account that was moved ahead is compared with its own now."""
    ahead, present = AccountState("ahead", lead=10 * 86_400), AccountState("present")
    for state in (ahead, present):
        state.tracks["journey"] = Track("journey", "one", 1, 1, NOW, NOW)
    waited = c.InStage("journey", ("one",), more_than=Duration(7))
    account = table_of(AccountRow)
    async with asked.store.writing() as connection:
        await asked.put(connection, [ahead, present])
    found = await now_of(asked.store, NOW)
    async with asked.store.engine.connect() as connection:
        query = select(account.c.id).where(where(waited, found, {}))
        assert list((await connection.execute(query)).scalars()) == ["ahead"]


async def test_a_window_longer_than_time(asked: Asked) -> None:
    state = AccountState("a")
    state.tracks["journey"] = Track(
        "journey", "one", 1, 1, NOW, NOW, moves=[Moved(NOW, None, "one")]
    )
    long = Duration(10**6)
    asked_for: list[c.Condition] = [
        c.InStage("journey", ("one",), more_than=long),
        c.InStage("journey", ("one",), less_than=long),
        c.Changed("journey", c.Last(10**6)),
    ]
    assert await asked.hits([state], asked_for) == {"a": [False, True, True]}
