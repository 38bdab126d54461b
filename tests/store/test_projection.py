"""Whatever the core decides, the tables say the same as the folded state."""

import asyncio
from itertools import count, pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlmodel import col
from sqlmodel import select as select_rows

from lifecycle.contract import RecordRequest
from lifecycle.core import changes as c
from lifecycle.core import conditions as cond
from lifecycle.core.evolve import apply
from lifecycle.core.fold import Fold, forecast
from lifecycle.core.state import AccountState, Track
from lifecycle.store.accounts import history, journal_rows, stored_state, visits
from lifecycle.store.ahead import FAR, MOST
from lifecycle.store.ctas import ctas_of
from lifecycle.store.definitions import parts_of, publish
from lifecycle.store.engine import Store
from lifecycle.store.journal import broken_at
from lifecycle.store.moment import Now
from lifecycle.store.record import record
from lifecycle.store.state_rows import track_rows, value_columns
from lifecycle.store.tables import (
    AccountRow,
    AheadRow,
    CtaStatus,
    FieldChangeRow,
    TrackRow,
    VisitRow,
    table_of,
)
from lifecycle.store.where import where
from tests.core.test_properties import BOOK, STEPS, Step, placed
from tests.store.lives import NOW

NUMBERS = count()
ACCOUNT = table_of(AccountRow)
KINDS: dict[type, str] = {
    c.StageEntered: "move",
    c.BecameLate: "late",
    c.BecameStuck: "stuck",
    c.CtaBecameOverdue: "cta",
    c.MailDue: "mail",
}
ASKED: list[cond.Condition] = [
    cond.HasOpenCta(),
    *(cond.Exists(cond.Field(name)) for name in BOOK.account.fields),
    *(cond.Completed(lifecycle) for lifecycle in BOOK.lifecycles),
    *(cond.Changed(lifecycle, cond.Last(30)) for lifecycle in BOOK.lifecycles),
    *(
        cond.InStage(lifecycle.id, (stage.id, cond.NONE), more_than=stage.expected)
        for lifecycle in BOOK.lifecycles.values()
        for stage in lifecycle.stages
        if stage.expected is None or stage.expected.unit.value != "business days"
    ),
]


def folded(steps: list[Step]) -> tuple[Fold, list[c.Entry]]:
    """A life of its own account through the shipped definitions."""
    fold = Fold(BOOK, AccountState(f"account-{next(NUMBERS)}"))
    entries: list[c.Entry] = []
    for now, item in placed(steps):
        entries += [*fold.take(item), *fold.catch_up(now)]
    return fold, entries


async def recorded(store: Store, account: str, entries: list[c.Entry], cuts: list[int]) -> None:
    """The entries in batches, cut anywhere; every third batch is sent twice."""
    places = sorted({0, len(entries), *(cut % (len(entries) + 1) for cut in cuts)})
    for number, (first, last) in enumerate(pairwise(places)):
        state = AccountState(account)
        for entry in entries[:last]:
            apply(state, entry)
        runs = state.versions, state.pending
        request = RecordRequest(account, entries[first:last], state.lead, None, *runs)
        answers = [await record(store, request, NOW) for _ in range(2 if number % 3 == 0 else 1)]
        assert answers[0] == answers[-1]


async def compare(store: Store, state: AccountState, entries: list[c.Entry]) -> None:
    """Every table against the state."""
    assert await stored_state(store, state.account) == state
    assert await history(store, state.account, limit=500) == entries[::-1][:500]
    assert broken_at(await journal_rows(store, state.account)) is None
    rows = await ctas_of(store, state.account)
    assert {one.cta.id for one in rows if one.cta.status is CtaStatus.OPEN} == set(state.ctas)
    await compare_tracks(store, state)
    await compare_answers(store, state)
    await compare_past(store, state)
    await compare_ahead(store, state)


async def compare_tracks(store: Store, state: AccountState) -> None:
    rows = track_rows(state.account, state)
    async with store.reading() as session:
        for lifecycle, row in rows.items():
            found = await session.get(TrackRow, (state.account, lifecycle))
            assert found is not None
            assert found.model_dump() == row
    for lifecycle, track in state.tracks.items():
        compare_visits(track, await visits(store, state.account, lifecycle))


def compare_visits(track: Track, found: list[VisitRow]) -> None:
    """R5, R13: the visits that were not undone are the moves, joined without a gap."""
    assert (found[-1].number if found else 0) == track.visit
    assert [row for row in found if row.left_at is None] == found[-1:]
    for before, after in pairwise(found):
        assert (before.left_at, before.to_stage) == (after.entered_at, after.stage)
        assert before.stage == after.from_stage
    moves = [(row.entered_at, row.from_stage, row.stage, row.ends) for row in found if row.moved]
    assert moves == [(move.at, move.left, move.entered, move.ends) for move in track.moves]


async def compare_answers(store: Store, state: AccountState) -> None:
    now = state.clock or NOW
    columns: list[Any] = [
        where(one, Now(now), BOOK.segments).label(f"asked_{i}") for i, one in enumerate(ASKED)
    ]
    async with store.engine.connect() as connection:
        query = select(*columns).where(ACCOUNT.c.id == state.account)
        answers = (await connection.execute(query)).one()
    for condition, answer in zip(ASKED, answers, strict=True):
        assert answer is condition.holds(cond.Facts(state, now)), condition


async def compare_past(store: Store, state: AccountState) -> None:
    """N5, R13: the latest value of a field that was not undone is the one it has, and so with lateness."""
    async with store.reading() as session:
        query = select_rows(FieldChangeRow).where(col(FieldChangeRow.account) == state.account)
        order = col(FieldChangeRow.revision), col(FieldChangeRow.position)
        changes = (await session.exec(query.order_by(*order))).all()
    latest = {row.name: row for row in changes if row.withdrawn_at is None}
    stood = {name: row for name, row in latest.items() if row.folded is not None}
    assert stood.keys() == state.fields.keys()
    for name, row in stood.items():
        assert value_columns(state.fields[name]).items() <= row.model_dump().items()
    for lifecycle, track in state.tracks.items():
        for visit in await visits(store, state.account, lifecycle):
            if visit.left_at is None:
                assert (visit.late_at is not None, visit.stuck_at is not None) == (
                    track.late,
                    track.stuck,
                )


async def compare_ahead(store: Store, state: AccountState) -> None:
    """N4: what is ahead in the table is what the core foretells of the state."""
    async with store.reading() as session:
        query = select_rows(AheadRow).where(col(AheadRow.account) == state.account)
        rows = (await session.exec(query.order_by(col(AheadRow.position)))).all()
    if state.importing_since is not None or state.clock is None:
        return
    expected = [
        (entry.at, KINDS[type(change)])
        for entry in forecast(BOOK, state, state.clock + FAR, MOST)
        for change in entry.changes
        if type(change) in KINDS
        and not (isinstance(change, c.StageEntered) and change.left == change.entered)
    ]
    seen = [(row.at, row.kind) for row in rows if row.kind != "more"]
    assert seen[: len(expected)] == expected


async def test_the_tables_say_what_the_state_says(store: Store) -> None:
    """N9: stored state equals folded state, wherever batches are cut and however often they are sent."""
    await publish(store, parts_of(BOOK, {}), "ops", NOW)
    loop = asyncio.get_running_loop()

    @settings(
        max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(STEPS, st.lists(st.integers(0, 1_000), max_size=6))
    def agree(steps: list[Step], cuts: list[int]) -> None:
        fold, entries = folded(steps)

        async def check() -> None:
            await recorded(store, fold.state.account, entries, cuts)
            await compare(store, fold.state, entries)

        asyncio.run_coroutine_threadsafe(check(), loop).result(60)

    await asyncio.to_thread(agree)
