"""The rows of change-sets, on both databases: orders, shares and ends that meet."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from lifecycle import contract
from lifecycle.contract import ChangeOrder
from lifecycle.core.refusal import Refusal
from lifecycle.core.share import BUCKETS, bucket_of, is_in_share
from lifecycle.store import change_sets
from lifecycle.store.change_orders import orders_for
from lifecycle.store.change_sets import NewChangeSet, NewItem, Outcome
from lifecycle.store.change_tables import ItemStatus
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.errors import DataRefused
from lifecycle.store.migrate import migrate_database

NOW = datetime(2026, 3, 14, 9, tzinfo=UTC)
MESSAGE = {"command": contract.RELEASE}


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    await migrate_database(database_url)
    store = Store(make_engine(database_url))
    yield store
    await store.close()


async def drawn(store: Store, name: str, items: int = 1, **more: int) -> None:
    new = NewChangeSet(name, "release", "End the hold", "ana", "why", **more)  # type: ignore[arg-type]
    await change_sets.draw_up(
        store, new, [NewItem(f"a{number}", MESSAGE) for number in range(items)], NOW
    )


async def done(store: Store, name: str, *numbers: int) -> None:
    row = await change_sets.change_row(store, name)
    outcomes = [Outcome(number, ItemStatus.DONE, NOW, 7) for number in numbers]
    await change_sets.write_outcomes(store, row, outcomes)


def order(name: str, wanted: str, id_: str = "", **more: int) -> ChangeOrder:
    return ChangeOrder(name, wanted, NOW, "ben", "", id=id_, **more)


async def test_an_undo_at_the_very_end_is_not_called_done(store: Store) -> None:
    """The last page finds that nothing waits while somebody orders undo: one comes first, and nothing is lost."""
    for number in range(15):
        name = f"race-{number}"
        await drawn(store, name)
        await done(store, name, 1)
        await asyncio.gather(
            change_sets.settle(store, name, NOW),
            change_sets.order(store, order(name, contract.UNDO)),
        )
        seen = await change_sets.progress(store, name)
        assert (seen.status, seen.back, seen.left) == ("running", True, 1)


async def test_an_order_counts_once(store: Store) -> None:
    await drawn(store, "one")
    for _ in range(2):
        seen = await change_sets.order(store, order("one", contract.PAUSE, "first"))
        assert seen.status == "paused"
    with pytest.raises(Refusal, match="is paused"):
        await change_sets.order(store, order("one", contract.PAUSE, "second"))


async def test_an_outcome_is_written_once(store: Store) -> None:
    """Whoever comes late, from a page that was thought dead, changes nothing."""
    await drawn(store, "one", 2)
    row = await change_sets.change_row(store, "one")
    await done(store, "one", 1)
    late = Outcome(1, ItemStatus.FAILED, NOW, None, "no_answer", "late")
    await change_sets.write_outcomes(store, row, [late])
    assert (await change_sets.progress(store, "one")).counts == {"done": 1, "waiting": 1}
    await change_sets.order(store, order("one", contract.UNDO))
    await done(store, "one", 2)  # as on the way back, where it may not: it was never given
    assert (await change_sets.progress(store, "one")).counts == {"done": 1, "waiting": 1}


async def test_orders_make_sense_where_it_stands_only(store: Store) -> None:
    await drawn(store, "one", 2)
    running = orders_for(await change_sets.change_row(store, "one"))
    assert {contract.PAUSE, contract.STOP, contract.UNDO, contract.SET_SHARE} <= set(running)
    await done(store, "one", 1, 2)
    await change_sets.settle(store, "one", NOW)
    assert orders_for(await change_sets.change_row(store, "one")) == [
        contract.UNDO,
        contract.RETRY,
    ]
    for wrong in (
        order("one", contract.SET_PACE, per_minute=0),
        order("one", contract.SET_SHARE, share=101),
        order("one", contract.SET_SHARE),
        order("one", "hurry"),
    ):
        with pytest.raises(Refusal):
            await change_sets.order(store, wrong)


async def test_what_no_database_can_keep_is_drawn_up_not_at_all(store: Store) -> None:
    new = NewChangeSet("one", "stage", "Move", "ana", "why")
    items = [NewItem("a", MESSAGE), NewItem("b", {"command": "x", "reason": "nul \x00"})]
    with pytest.raises(DataRefused):
        await change_sets.draw_up(store, new, items, NOW)
    with pytest.raises(Refusal, match="There is no change-set 'one'"):
        await change_sets.change_row(store, "one")


def test_shares_are_even_stable_and_grow_n7() -> None:
    buckets = [bucket_of("journey", 3, f"account-{number}") for number in range(20_000)]
    assert buckets[:3] == [bucket_of("journey", 3, f"account-{number}") for number in range(3)]
    assert 0 <= min(buckets) < max(buckets) < BUCKETS
    for share in (1, 5, 50, 100):
        inside = sum(is_in_share(one, share) for one in buckets)
        assert abs(inside / 20_000 - share / 100) < 0.01
    assert all(is_in_share(one, 50) for one in buckets if is_in_share(one, 5))
