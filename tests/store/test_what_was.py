"""Rows that remember: values of fields, stays that became late, CTAs that undo touched, stages renamed."""

from dataclasses import replace
from typing import Any

from sqlmodel import SQLModel, select

from lifecycle.core import changes as c
from lifecycle.core.inputs import SetFields
from lifecycle.core.inputs import Undo as UndoCommand
from lifecycle.core.state import Unit
from lifecycle.store.engine import Store
from lifecycle.store.record import record
from lifecycle.store.tables import AccountRow, CtaRow, FieldChangeRow, VisitRow
from tests.store.lives import NOW, START, Life, cta, day


async def rows(store: Store, model: type[SQLModel], *order: str) -> list[Any]:
    columns = [getattr(model, name) for name in order]
    async with store.reading() as session:
        return list((await session.exec(select(model).order_by(*columns))).all())


def set_by_hand(life: Life, number: float, name: str, value: str | None) -> None:
    """A person sets a field; it can be undone."""
    before = life.state.fields.get(name)
    unit = Unit(
        life.state.revision + 1, day(number), "set", fields={name: before}, after={name: value}
    )
    changes: list[c.Change] = [c.FieldSet(name, value, before), c.UnitOpened(unit)]
    life.add(day(number), SetFields(day(number), "ann", {name: value}), *changes)


async def test_every_value_a_field_had_is_kept(store: Store) -> None:
    """N5: with when, by whom, and when it was known; a lost value is a row without one."""
    life = Life().create(plan="Pro")
    set_by_hand(life, 3, "plan", "Enterprise")
    set_by_hand(life, 4, "plan", None)
    await record(store, life.batch(), NOW)
    found = await rows(store, FieldChangeRow, "revision")
    assert [(row.text, row.at, row.actor) for row in found] == [
        ("Pro", START, ""),
        ("Enterprise", day(3), "ann"),
        (None, day(4), "ann"),
    ]
    assert {row.recorded_at for row in found} == {NOW}
    assert found[-1].folded is None


async def test_r13_what_undo_takes_back_was_never_so(store: Store) -> None:
    """R13, N5: marked with when, in the batch of the undo or in one before it."""
    life = Life().create(plan="Pro")
    set_by_hand(life, 3, "plan", "Enterprise")
    await record(store, life.batch(), NOW)
    life.undo(5)
    set_by_hand(life, 6, "plan", "Standard")
    life.undo(7)
    await record(store, life.batch(), NOW)
    found = await rows(store, FieldChangeRow, "revision")
    assert [(row.text, row.withdrawn_at) for row in found] == [
        ("Pro", None),
        ("Enterprise", day(5)),
        ("Standard", day(7)),
    ]


async def test_r13_a_later_value_is_kept(store: Store) -> None:
    life = Life().create(plan="Pro")
    set_by_hand(life, 3, "plan", "Enterprise")
    unit = life.state.units[-1]
    life.fields(4, plan="Standard")
    undone = c.Undone(unit, day(5), "ann", "by mistake", kept=["plan"])
    life.add(day(5), UndoCommand(day(5), "ann"), undone)
    await record(store, life.batch(), NOW)
    found = await rows(store, FieldChangeRow, "revision")
    assert [row.withdrawn_at for row in found] == [None, None, None]
    assert life.state.fields["plan"] == "Standard"


async def test_r19_when_a_stay_became_late_and_stuck(store: Store) -> None:
    """R19, G15: of a visit of the same batch, and of one that is there already."""
    life = Life().create()
    life.move(1, "journey", "onboarding", restart=True)
    life.event(5, "late", c.BecameLate("journey"))
    await record(store, life.batch(), NOW)
    life.event(9, "stuck", c.BecameStuck("journey"))
    life.move(10, "journey", "launched")
    await record(store, life.batch(), NOW)
    first, second = await rows(store, VisitRow, "revision")
    assert (first.late_at, first.stuck_at) == (day(5), day(9))
    assert (second.late_at, second.stuck_at) == (None, None)


async def test_r13_lateness_is_undone_with_its_input(store: Store) -> None:
    life = Life().create()
    life.move(1, "journey", "onboarding", restart=True)
    life.move(2, "journey", "launched", c.BecameLate("journey"))
    await record(store, life.batch(), NOW)
    life.undo(3)
    await record(store, life.batch(), NOW)
    first, second = await rows(store, VisitRow, "revision")
    assert (first.left_at, first.late_at) == (None, None)
    assert (second.withdrawn_at, second.late_at) == (day(3), day(2))


async def test_r24_what_was_goes_by_the_ids_that_run(store: Store) -> None:
    """R24: every stay, in the batch and before it; a stage that is gone keeps its name in what was."""
    life = Life().create()
    life.move(1, "journey", "onboarding", restart=True)
    life.move(2, "journey", "gone")
    await record(store, life.batch(), NOW)
    life.move(3, "journey", "launched")
    renamed = c.Adopted(
        "journey", 2, mapping={"onboarding": "start", "launched": "live", "gone": None}
    )
    life.event(4, "adopted", renamed)
    await record(store, life.batch(), NOW)
    found = await rows(store, VisitRow, "revision")
    assert [(row.from_stage, row.stage, row.to_stage) for row in found] == [
        (None, "start", "gone"),
        ("start", "gone", "live"),
        ("gone", "live", None),
    ]
    moves = life.state.tracks["journey"].moves
    assert [(move.left, move.entered) for move in moves] == [
        (row.from_stage, row.stage) for row in found
    ]


async def test_a_cta_is_snoozed_and_given_away(store: Store) -> None:
    """G11: by a person, in a batch of its own."""
    life = Life().create()
    life.event(1, "opened", c.CtaOpened(cta("c1", 1)))
    await record(store, life.batch(), NOW)
    life.event(2, "snoozed", c.CtaSnoozed("c1", day(20), day(2), "ann"))
    life.event(3, "given", c.CtaAssigned("c1", "Bob", "csm", day(3), "ann"))
    await record(store, life.batch(), NOW)
    [row] = await rows(store, CtaRow)
    assert (row.status, row.snoozed_until, row.owner, row.recorded_at) == (
        "open",
        day(20),
        "Bob",
        NOW,
    )


async def test_r13_ctas_that_undo_closes_and_opens_say_when(store: Store) -> None:
    """R13, N5: as of a day between, the one was open and the other closed."""
    life = Life().create()
    life.move(1, "journey", "onboarding", restart=True)
    life.event(2, "opened", c.CtaOpened(cta("old", 2)))
    closing = c.CtaClosed("old", "done", day(5), "ann")
    life.move(5, "journey", "launched", c.CtaOpened(cta("new", 5)), closing)
    await record(store, life.batch(), NOW)
    life.undo(8)
    await record(store, life.batch(), NOW)
    new, old = await rows(store, CtaRow, "id")
    assert (new.status, new.withdrawn_at, new.closed_at) == ("withdrawn", day(8), day(8))
    assert (old.status, old.closed_at) == ("open", None)
    assert (old.reopened_from, old.reopened_at) == (day(5), day(8))


async def test_an_account_is_known_from_when_it_was_recorded(store: Store) -> None:
    """N5, R21: but the import door tells the past."""
    await record(store, Life("live").create().batch(), NOW)
    batch = Life("told").create().batch()
    past = [replace(entry, historic=True) for entry in batch.entries]
    await record(store, replace(batch, entries=past), NOW)
    live, told = await rows(store, AccountRow, "id")
    assert (live.known_from, told.known_from) == (NOW, START)
