"""`catch-up` (N8): what it says, whom it lets go on, what it refuses."""

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from lifecycle import contract
from lifecycle.console.desk import wall_clock
from lifecycle.publishing import publish_first
from lifecycle.settings import load
from lifecycle.store.catching_up_tables import TurnRow, TurnStatus
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import migrate_database
from lifecycle.store.tables import table_of
from lifecycle.store.turns import Policy
from tests.admin.conftest import Admin, Doing
from tests.clock import until
from tests.store.behind import USUAL, asks, late, name
from tests.workflows.town import Town

TURN = table_of(TurnRow)
ASKS_FIRST = Policy(USUAL.after, USUAL.spread, USUAL.per_minute, approve_above=5)


async def behind(store: Store, now: datetime) -> None:
    """Twelve accounts, all held."""
    await late(store, 12, now)
    await asks(store, 3, ASKS_FIRST, now, since=now)


@pytest.fixture
async def held(surroundings: Path, at_now: datetime) -> AsyncIterator[None]:
    url = f"sqlite:///{surroundings / 'lifecycle.db'}"
    await migrate_database(url)
    store = Store(make_engine(url))
    await publish_first(store, load())
    await behind(store, at_now)
    yield
    await store.close()


async def test_who_is_behind_since_when_and_what_is_held(admin: Admin, held: None) -> None:
    said = admin("catch-up", "--limit", "2").out
    assert "12 overdue, 12 held for approval." in said
    assert "Outage 1: timers missed since 1 Jun 2026, 06:00, noticed 1 Jun 2026, 09:00." in said
    assert "They go on by: lifecycle admin catch-up release --all" in said
    assert "Account 0" in said
    assert "There is more: --after a0001" in said
    data = json.loads(admin("catch-up", "--status", "held", "--after", "a0009", "--json").out)
    assert [turn["account"] for turn in data["turns"]] == ["a0010", "a0011"]
    assert (data["outage"]["held"], data["timers"]["overdue"]) == (12, 12)
    assert {due["kind"]: due["accounts"] for due in data["due"]} == {"move": 6}


async def test_without_an_outage(admin: Admin, surroundings: Path) -> None:
    await migrate_database(f"sqlite:///{surroundings / 'lifecycle.db'}")
    assert admin("catch-up").out.splitlines() == ["No timer is set.", "There was no outage yet."]


async def test_behind_while_no_worker_runs(
    admin: Admin, surroundings: Path, at_now: datetime
) -> None:
    """Nobody has asked for a turn: the database says since when, and what is due."""
    url = f"sqlite:///{surroundings / 'lifecycle.db'}"
    await migrate_database(url)
    store = Store(make_engine(url))
    await publish_first(store, load())
    await late(store, 12, at_now)
    await store.close()
    said = admin("catch-up", COLUMNS="300").out
    assert "12 overdue." in said
    assert "Overdue since 1 Jun 2026, 06:00, and no account has asked for its turn" in said
    assert "There was no outage yet." not in said
    data = json.loads(admin("catch-up", "--json").out)
    assert {due["kind"]: due["accounts"] for due in data["due"]} == {"move": 6}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("hold",), "It is not said which accounts, or in two ways."),
        (("hold", "acme", "--all"), "Name some, or give --lifecycle, or --all."),
        (("hold", "a003"), "Did you mean a0003?"),
        (("hold", "--all"), "lifecycle admin catch-up shows who waits, and who is held."),
    ],
    ids=["nobody", "two ways", "a slip", "nobody waits"],
)
async def test_what_cannot_be_meant_is_refused(
    admin: Admin, held: None, words: tuple[str, ...], said: str
) -> None:
    answer = admin("catch-up", *words)
    assert answer.status == 1
    assert said in answer.err


async def test_released_by_hand_they_are_given_their_turns(doing: Doing, town: Town) -> None:
    """N8: the workflow that gives turns looks at once; accounts that do not run are told of."""
    found = await doing("catch-up", "--json")
    assert json.loads(found.out)["outage"] is None
    await behind(town.store, wall_clock())
    some = await doing("catch-up", "release", name(3), name(4), "--at-once")
    assert (some.status, some.out) == (0, "2 accounts released.\n")
    rest = await doing("catch-up", "release", "--all", "--at-once", "--json")
    assert json.loads(rest.out) == {"order": "release", "accounts": 10, "is_told": True}

    async def absent() -> int:
        query = select(func.count()).where(TURN.c.status == TurnStatus.GONE, TURN.c.is_absent)
        async with town.store.connected() as connection:
            return int((await connection.execute(query)).scalar_one())

    await until(absent, lambda number: number == 12, within=60)
    said = (await doing("catch-up")).out
    assert "12 accounts did not run when their turn came: lifecycle admin nudge --all" in said
    conductor = town.client.get_workflow_handle(contract.catch_up_id(town.settings.task_queue))
    assert await conductor.result(rpc_timeout=timedelta(seconds=30)) >= 10
