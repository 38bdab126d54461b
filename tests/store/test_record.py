"""A batch arrives once, whole, and in order, or says why not."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlmodel import SQLModel

from lifecycle.contract import RecordRequest
from lifecycle.core import changes as c
from lifecycle.core.inputs import Event
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.errors import Conflict, DataRefused, refused_data
from lifecycle.store.journal import broken_at, entry_of
from lifecycle.store.migrate import migrate_database
from lifecycle.store.record import record
from lifecycle.store.stored import state_data
from lifecycle.store.tables import (
    AccountRow,
    CtaRow,
    EffectRow,
    JournalRow,
    TaskRow,
    TrackRow,
    VisitRow,
    table_of,
)
from tests.store.lives import NOW, Life, cta, day, mail, webhook


async def rows(store: Store, model: type[SQLModel], *order: str) -> list[Any]:
    columns = [getattr(model, name) for name in order]
    async with store.reading() as session:
        return list((await session.exec(select(model).order_by(*columns))).scalars())  # type: ignore[call-overload]


async def journey(store: Store) -> Life:
    life = Life().create(name="Acme", type="Customer", arr=120_000_00)
    life.move(1, "journey", "onboarding", restart=True)
    life.move(5, "journey", "launched", mail("m1"), webhook("w1"), c.CtaOpened(cta("c1", 5)))
    await record(store, life.batch(), NOW)
    return life


async def test_a_batch_is_stored_whole(store: Store) -> None:
    life = await journey(store)
    [account] = await rows(store, AccountRow)
    assert (account.name, account.arr, account.revision) == ("Acme", 120_000_00, 3)
    assert account.state == state_data(life.state)
    [track] = await rows(store, TrackRow)
    assert (track.stage, track.counting_since, track.cycle) == ("launched", day(5), 1)
    entries = [entry_of(row) for row in await rows(store, JournalRow, "revision")]
    assert entries == life.entries


async def test_visits_follow_the_moves(store: Store) -> None:
    await journey(store)
    first, second = await rows(store, VisitRow, "revision")
    assert (first.stage, first.left_at, first.to_stage) == ("onboarding", day(5), "launched")
    assert (second.from_stage, second.left_at, second.actor) == ("onboarding", None, "ann")


async def test_effects_are_due_in_order_and_a_retry_is_answered_alike(store: Store) -> None:
    life = Life().create()
    life.event(1, "e1", mail("z"), webhook("a"))
    life.event(2, "e2", mail("b"))
    batch = life.batch()
    answers = [await record(store, batch, NOW) for _ in range(2)]
    assert [answer.due for answer in answers] == [["z", "a", "b"]] * 2
    assert len(await rows(store, JournalRow)) == 3


async def test_another_entry_under_a_recorded_revision_is_a_conflict(store: Store) -> None:
    life = await journey(store)
    edited = replace(life.entries[1], notes=[c.Note("held", "another story")])
    with pytest.raises(Conflict, match="something else is recorded as entry 2"):
        await record(store, RecordRequest("acme", [edited]), NOW)


async def test_a_gap_is_a_conflict(store: Store) -> None:
    life = await journey(store)
    life.event(9, "lost")
    life.event(10, "e10")
    with pytest.raises(Conflict, match="entry 5 would leave a gap after entry 3"):
        await record(store, RecordRequest("acme", life.pending[1:]), NOW)
    with pytest.raises(Conflict, match="entry 5 does not follow"):
        await record(store, RecordRequest("acme", [life.entries[2], life.entries[4]]), NOW)
    assert len(await rows(store, JournalRow)) == 3


async def test_a_batch_cut_elsewhere_goes_on_where_it_was(store: Store) -> None:
    life = await journey(store)
    life.event(9, "e9", mail("late"))
    answer = await record(store, RecordRequest("acme", life.entries[1:]), NOW)
    assert answer.due == ["m1", "w1", "late"]
    assert [row.revision for row in await rows(store, JournalRow, "revision")] == [1, 2, 3, 4]


async def test_two_records_at_once_give_one_history(store: Store) -> None:
    life = Life().create()
    life.event(1, "e1", mail("m"))
    batch = life.batch()
    answers = await asyncio.gather(*(record(store, batch, NOW) for _ in range(8)))
    assert [answer.due for answer in answers] == [["m"]] * 8
    assert len(await rows(store, JournalRow)) == 2


async def test_undo_withdraws_the_visit_and_reopens_the_one_before(store: Store) -> None:
    """R13, R5: undone visits are kept and marked; unsent mail is cancelled; CTAs are withdrawn."""
    life = await journey(store)
    life.undo(6)
    await record(store, life.batch(), NOW)
    first, second = await rows(store, VisitRow, "revision")
    assert (first.left_at, first.to_stage, first.withdrawn_at) == (None, None, None)
    assert second.withdrawn_at == day(6)
    [track] = await rows(store, TrackRow)
    assert (track.stage, track.visit) == ("onboarding", 1)
    assert {row.id: row.status for row in await rows(store, EffectRow)} == {
        "m1": "cancelled",
        "w1": "cancelled",
    }
    [opened] = await rows(store, CtaRow)
    assert (opened.status, opened.closed_by) == ("withdrawn", "ann")


async def test_done_and_undone_in_one_batch(store: Store) -> None:
    """R13 does not depend on where batches are cut."""
    life = Life().create()
    life.move(1, "journey", "onboarding", restart=True)
    life.move(5, "journey", "launched", mail("m1"), c.CtaOpened(cta("c1", 5)))
    life.undo(6)
    life.move(7, "journey", "adopting")
    assert (await record(store, life.batch(), NOW)).due == []
    visits = await rows(store, VisitRow, "revision")
    assert [(row.stage, row.left_at, row.withdrawn_at) for row in visits] == [
        ("onboarding", day(7), None),
        ("launched", None, day(6)),
        ("adopting", None, None),
    ]
    assert [row.status for row in await rows(store, CtaRow)] == ["withdrawn"]


async def test_a_stage_can_be_cleared_again_and_again(store: Store) -> None:
    """T14, T22: a stay in no stage is kept like any other."""
    life = Life().create()
    for number, stage in enumerate(["onboarding", None, "launched", None, "onboarding"]):
        life.move(number, "journey", stage, restart=stage is not None)
        await record(store, life.batch(), NOW)
    visits = await rows(store, VisitRow, "revision")
    assert [(row.stage, row.to_stage, row.left_at) for row in visits] == [
        ("onboarding", None, day(1)),
        (None, "launched", day(2)),
        ("launched", None, day(3)),
        (None, "onboarding", day(4)),
        ("onboarding", None, None),
    ]


async def test_a_cta_is_worked_off_and_undo_brings_it_back(store: Store) -> None:
    """G11, G12, R13."""
    life = await journey(store)
    life.event(6, "t", c.TaskDone("c1", "call", day(6), "ann"), c.CtaBecameOverdue("c1"))
    life.move(8, "journey", "adopting", c.CtaClosed("c1", "done", day(8), "ann"))
    await record(store, life.batch(), NOW)
    [closed] = await rows(store, CtaRow)
    assert (closed.status, closed.outcome, closed.overdue) == ("closed", "done", True)
    life.undo(9)
    await record(store, life.batch(), NOW)
    [reopened] = await rows(store, CtaRow)
    assert (reopened.status, reopened.outcome, reopened.revision) == ("open", None, 3)
    assert [(row.task, row.done_by) for row in await rows(store, TaskRow)] == [("call", "ann")]


async def test_an_edited_row_is_found(store: Store) -> None:
    """N9: recomputing the chain finds the first row that is not what was recorded."""
    await journey(store)
    assert broken_at(await rows(store, JournalRow, "revision")) is None
    journal = table_of(JournalRow)
    async with store.writing() as connection:
        await connection.execute(
            update(journal)
            .where(journal.c.revision == 2)
            .values(notes=[{"code": "x", "text": "y"}])
        )
    assert broken_at(await rows(store, JournalRow, "revision")) == 2


async def test_a_missing_row_is_found(store: Store) -> None:
    """N9."""
    await journey(store)
    found = await rows(store, JournalRow, "revision")
    assert broken_at([found[0], found[2]]) == 2


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("a\x00b", "input.data.value holds a NUL character"),
        ("\ud83d", "input.data.value holds half of a surrogate pair"),
        (2**63, "input.data.value holds a whole number of more than 63 bits"),
        (float("nan"), "input.data.value holds nan, which is no number"),
    ],
)
async def test_unstorable_values_name_their_entry(store: Store, value: Any, reason: str) -> None:
    """The same on both databases, although SQLite would take most of them."""
    life = await journey(store)
    life.event(7, "fine")
    bad = Event("bad", "crm", "x", day(8), day(8), {"value": value})
    life.add(day(8), bad)
    with pytest.raises(DataRefused, match=f"Entry 5: {reason}") as refused:
        await record(store, life.batch(), NOW)
    assert refused.value.revision == 5
    assert len(await rows(store, JournalRow)) == 3


@pytest.mark.parametrize("value", [2**63 - 1, -(2**63 - 1), "ä" * 5_000, "🙂", 0.1, 1e300])
async def test_extreme_values_are_kept(store: Store, value: Any) -> None:
    life = Life().create(notes=value)
    await record(store, life.batch(), NOW)
    [row] = await rows(store, JournalRow)
    assert entry_of(row) == life.entries[0]


@pytest.mark.parametrize("account", ["a\x00b", "", "a" * 256])
async def test_an_account_id_that_is_no_key_is_refused(store: Store, account: str) -> None:
    with pytest.raises(DataRefused, match="the account id"):
        await record(store, Life(account).create().batch(), NOW)


async def test_an_event_taken_in_twice_is_refused_as_data(store: Store) -> None:
    """R20: the journal is the last guard against an event that the window had forgotten."""
    life = await journey(store)
    life.event(8, "once")
    life.event(9, "once")
    await record(store, RecordRequest("acme", life.pending[:1]), NOW)
    with pytest.raises(DataRefused) as refused:
        await record(store, RecordRequest("acme", life.pending[1:]), NOW)
    assert refused.value.revision == 5


async def test_what_only_the_database_refuses_is_a_data_error(postgres_url: str) -> None:
    await migrate_database(postgres_url)
    store = Store(make_engine(postgres_url))
    life = Life().create()
    life.event(1, "e", replace(life.entering(1, "journey", "one"), cycle=2**40))
    with pytest.raises(DataRefused, match="out of int32 range") as refused:
        await record(store, RecordRequest("acme", life.pending), NOW)
    assert refused.value.revision is None
    await record(store, RecordRequest("acme", life.pending[:1]), NOW)
    with pytest.raises(DataRefused) as alone:
        await record(store, RecordRequest("acme", life.pending[1:]), NOW)
    assert alone.value.revision == 2
    await store.close()


async def test_a_naive_instant_is_a_data_error(store: Store) -> None:
    life = Life()
    life.add(day(0).replace(tzinfo=None), Event("e", "crm", "x", day(0), day(0)))
    with pytest.raises(DataRefused, match="has no time zone"):
        await record(store, life.batch(), NOW)


async def test_an_outage_is_not_a_data_error(postgres_url: str) -> None:
    """A database that is away raises what is worth another try."""
    store = Store(make_engine(postgres_url.replace("lifecycle-postgres-", "no-such-folder-")))
    with pytest.raises(OperationalError, match=r"No such file|refused") as outage:
        await record(store, Life().create().batch(), NOW)
    assert refused_data(outage.value) is None
    await store.close()


async def test_a_database_without_tables_is_not_a_data_error(database_url: str) -> None:
    store = Store(make_engine(database_url))
    with pytest.raises(Exception, match="account") as outage:
        await record(store, Life().create().batch(), NOW)
    assert not isinstance(outage.value, DataRefused | Conflict)
    await store.close()
