"""CTAs and values as of a day before and after they changed, on both databases (G11, G12, N5, R13)."""

import csv
import io
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta

import pytest

from lifecycle.contract import RecordRequest
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import CloseCta, Command, DoTask, SetFields, SetStage, Undo
from lifecycle.files import records
from lifecycle.files.exports import Export
from lifecycle.files.scope import Scope
from lifecycle.files.writing import Format, write
from lifecycle.store.accounts import stored_state
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.moment import AsOf, Moment, Now
from lifecycle.store.record import record
from tests.admin.book import NOW, fill, shipped

BOOK = shipped()
CTA = "onboarding.plan_kickoff:2"


def hour(number: int) -> datetime:
    return NOW + timedelta(hours=number)


COMMANDS: list[Command] = [
    DoTask(hour(1), "dee", CTA, "hold_call"),
    DoTask(hour(2), "ann", CTA, "read_handover"),
    CloseCta(hour(3), "ann", CTA, "all agreed"),
    SetFields(hour(4), "ann", {"arr": "12.50", "name": "Globex, Inc."}, "renamed"),
    SetStage(hour(5), "ann", "they signed", "sales", "customer"),
    Undo(hour(6), "ann", "not yet"),
]


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """The book, and what a person did to one account in the hours after."""
    await fill(database_url)
    store = Store(make_engine(database_url))
    state = await stored_state(store, "globex")
    assert state is not None
    fold = Fold(BOOK, state)
    for command in COMMANDS:
        entries = fold.take(command)
        assert entries[-1].refused is None, entries[-1].refused
        await record(store, RecordRequest("globex", entries), command.at)
    yield store
    await store.close()


async def rows(
    store: Store, export: Callable[[Scope], Export], moment: Moment
) -> list[dict[str, str]]:
    """One export of the account, read back."""
    text, made = io.StringIO(newline=""), export(Scope(store, BOOK, moment))
    number = await write(made, text, Format.CSV, lambda _: None)
    assert made.count is not None
    assert await made.count() == number
    text.seek(0)
    return [row for row in csv.DictReader(text) if row["account"] == "globex"]


def at(number: int) -> AsOf:
    """Half an hour after that hour, as it was known then."""
    return AsOf(hour(number) + timedelta(minutes=30), hour(number) + timedelta(minutes=30))


@pytest.mark.parametrize(
    ("moment", "status", "outcome", "tasks"),
    [
        (at(0), "open", "", ""),
        (at(1), "open", "", '{"hold_call": "2026-06-01T10:00:00+00:00 dee"}'),
        (at(3), "closed", "all agreed", "read_handover"),
        (Now(hour(9)), "closed", "all agreed", "read_handover"),
    ],
)
async def test_g12_a_cta_and_its_tasks(
    store: Store, moment: Moment, status: str, outcome: str, tasks: str
) -> None:
    (cta,) = [row for row in await rows(store, records.ctas, moment) if row["id"] == CTA]
    assert (cta["status"], cta["outcome"], cta["playbook"]) == (status, outcome, "kickoff")
    assert tasks in cta["tasks_done"]
    assert bool(cta["tasks_done"]) == bool(tasks)
    assert bool(cta["closed_at"]) == (status == "closed")


async def test_n5_values_as_they_were(store: Store) -> None:
    async def value(moment: Moment, name: str) -> str:
        found = await rows(store, records.fields, moment)
        return [row["value"] for row in found if row["field"] == name][-1]

    assert await value(at(3), "arr") == "9000.50"
    assert await value(at(4), "arr") == "12.50"
    assert await value(Now(hour(9)), "name") == "Globex, Inc."


async def test_r13_a_visit_that_was_undone_stands_there_until_and_after(store: Store) -> None:
    async def sales(moment: Moment) -> list[tuple[str, bool, bool]]:
        found = await rows(store, records.visits, moment)
        return [
            (row["stage"], bool(row["left_at"]), bool(row["withdrawn_at"]))
            for row in found
            if row["lifecycle"] == "sales"
        ]

    assert await sales(at(4)) == [("lead", False, False)]
    assert await sales(at(5)) == [("lead", True, False), ("customer", False, False)]
    after = [("lead", False, False), ("customer", False, True)]
    assert await sales(at(6)) == after
    assert [(one, undone) for one, _, undone in await sales(Now(hour(9)))] == [
        (one, undone) for one, _, undone in after
    ]
