"""What was recorded is read back: states, windows, lists, histories."""

import pytest

from lifecycle.contract import RecordRequest
from lifecycle.core import changes as c
from lifecycle.core.evolve import WINDOW
from lifecycle.core.keys import event_key
from lifecycle.core.refusal import Refusal
from lifecycle.core.state import HoldState
from lifecycle.store.accounts import (
    Wanted,
    account_row,
    find_account,
    history,
    journal_rows,
    list_accounts,
    seen,
    stored_state,
    visits,
)
from lifecycle.store.engine import Store
from lifecycle.store.journal import broken_at
from lifecycle.store.record import record
from tests.store.lives import NOW, Life, cta, day


async def listed(store: Store, **wanted: object) -> list[str]:
    page = await list_accounts(store, Wanted(**wanted))  # type: ignore[arg-type]
    return [found.account.id for found in page.accounts]


@pytest.fixture
async def three(store: Store) -> Store:
    """Three accounts that differ in everything a list can ask for."""
    acme = Life("acme").create(name="Acme GmbH", type="Customer", csm="Ann")
    acme.move(1, "journey", "onboarding", restart=True)
    acme.event(2, "late", c.BecameLate("journey"), c.BecameStuck("journey"))
    bolt = Life("bolt").create(name="Bolt", type="Prospect", csm="Bob")
    bolt.move(1, "sales", "lead", restart=True)
    hold = HoldState(day(2), day(9), "ann", "on holiday")
    bolt.event(2, "held", c.HoldStarted(hold))
    core = Life("core").create(name="bolt", type="Customer")
    core.move(1, "journey", "onboarding", restart=True)
    core.move(2, "journey", None)
    for life in (acme, bolt, core):
        await record(store, life.batch(), NOW)
    return store


async def test_a_stored_state_is_the_folded_state(store: Store) -> None:
    """N9: fields, tracks, units, CTAs and the window of events come back as the core left them."""
    life = Life().create(name="Acme", arr=5, renewal=day(40).date())
    life.move(1, "journey", "onboarding", c.CtaOpened(cta("c1")), restart=True)
    life.event(2, "e2", c.TurnTaken("journey.x", "journey"))
    life.move(3.5, "journey", "launched")
    life.undo(4)
    await record(store, life.batch(), NOW)
    assert await stored_state(store, "acme") == life.state
    assert await stored_state(store, "nobody") is None


async def test_the_window_is_rebuilt_from_the_journal(store: Store) -> None:
    """R20: the newest thousand keys, oldest first, and the newest own time that was dropped."""
    life = Life().create()
    for number in range(WINDOW + 40):
        life.event(1, f"e{number}")
        life.state.clock = day(1)
        if len(life.pending) == 333:
            await record(store, life.batch(), NOW)
    await record(store, life.batch(), NOW)
    found = await stored_state(store, "acme")
    assert found == life.state
    assert found is not None
    assert next(iter(found.window)) == event_key("crm", "e40")
    assert found.window_floor == day(1).timestamp()


async def test_the_journal_knows_events_older_than_the_window(store: Store) -> None:
    """R20."""
    life = Life().create()
    life.event(1, "e1")
    life.add(day(2), life.entries[-1].input, c.DuplicateSeen())
    await record(store, life.batch(), NOW)
    keys = [event_key("crm", name) for name in ("e0", "e1")]
    assert await seen(store, "acme", keys) == keys[1:]
    assert await seen(store, "other", keys) == []


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["acme", "bolt", "core"]),
        ({"lifecycle": "journey"}, ["acme"]),
        ({"lifecycle": "journey", "stage": "onboarding"}, ["acme"]),
        ({"lifecycle": "journey", "stage": "None"}, ["bolt", "core"]),
        ({"csm": "ann"}, ["acme"]),
        ({"type": "Customer"}, ["acme", "core"]),
        ({"late": True}, ["acme"]),
        ({"late": False, "lifecycle": "sales"}, ["bolt"]),
        ({"stuck": True, "lifecycle": "sales"}, []),
        ({"on_hold": True}, ["bolt"]),
        ({"on_hold": False}, ["acme", "core"]),
        ({"search": "GMBH"}, ["acme"]),
        ({"search": "CO"}, ["core"]),
        ({"search": "%"}, []),
        ({"type": "Customer", "search": "o"}, ["core"]),
    ],
)
async def test_lists_are_filtered(
    three: Store, wanted: dict[str, object], found: list[str]
) -> None:
    """T8, T22."""
    assert await listed(three, **wanted) == found


async def test_lists_come_in_pages(three: Store) -> None:
    first = await list_accounts(three, Wanted(limit=2))
    assert ([one.account.id for one in first.accounts], first.after) == (["acme", "bolt"], "bolt")
    last = await list_accounts(three, Wanted(limit=2, after=first.after))
    assert ([one.account.id for one in last.accounts], last.after) == (["core"], None)
    assert first.accounts[0].tracks["journey"].stage == "onboarding"
    assert last.accounts[0].tracks["journey"].stage is None


async def test_an_account_is_found_by_id_or_name(three: Store) -> None:
    assert (await find_account(three, "acme")).id == "acme"
    assert (await find_account(three, "acme gmbh")).id == "acme"
    with pytest.raises(Refusal, match=r"'BOLT' is the name of bolt, core\. Name one by its id\."):
        await find_account(three, "BOLT")
    with pytest.raises(Refusal, match=r"There is no account 'acne'\. Did you mean acme\?"):
        await find_account(three, "acne")
    with pytest.raises(Refusal, match="lifecycle admin list shows the accounts"):
        await find_account(three, "zzz")


async def test_history_is_read_newest_first_in_pages(store: Store) -> None:
    life = Life().create()
    for number in range(5):
        life.event(number, f"e{number}")
    await record(store, life.batch(), NOW)
    newest = await history(store, "acme", limit=4)
    assert newest == life.entries[:1:-1]
    assert await history(store, "acme", before=newest[-1].revision) == life.entries[1::-1]
    assert broken_at(await journal_rows(store, "acme")) is None


async def test_visits_are_shown_without_those_undone(store: Store) -> None:
    """R5, R13."""
    life = Life().create()
    life.move(1, "journey", "onboarding", restart=True)
    life.move(2, "journey", "launched")
    life.undo(3)
    await record(store, life.batch(), NOW)
    assert [row.stage for row in await visits(store, "acme")] == ["onboarding"]
    both = await visits(store, "acme", "journey", withdrawn=True)
    assert [row.stage for row in both] == ["onboarding", "launched"]
    assert await visits(store, "acme", "sales") == []


async def test_the_row_shows_where_the_account_stands(store: Store) -> None:
    life = Life().create(name="Acme", arr=True, plan="Pro")
    life.event(1, "h", c.HoldStarted(HoldState(day(1), day(5), "ann", "x")), c.MessageRefused())
    life.event(2, "l", c.LeadSet(3_600), c.FieldSet("plan", None, "Pro"))
    request = life.batch()
    await record(store, RecordRequest("acme", request.entries, next_deadline=day(5)), NOW)
    row = await account_row(store, "acme")
    assert row is not None
    assert (row.hold_until, row.next_deadline, row.lead) == (day(5), day(5), 3_600)
    assert (row.refused, row.created_at, row.clock) == (1, day(0), day(2))
    # A yes is no amount of money, and a cleared field is gone.
    assert (row.arr, row.plan, row.name) == (None, None, "Acme")
