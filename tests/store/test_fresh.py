"""What was recorded lately, on both databases: which accounts, how they moved, and what they went through."""

from datetime import UTC, datetime, timedelta

from lifecycle.store.engine import Store
from lifecycle.store.fresh import Move, Since, entries_behind, fresh, moves, newest
from lifecycle.store.record import record
from tests.store.lives import Life

T0 = datetime(2026, 6, 1, tzinfo=UTC)
J = "journey"


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


async def lived(store: Store, *steps: float, account: str = "acme") -> Life:
    """Created, then a move at each of these seconds."""
    life = Life(account).create()
    await record(store, life.batch(), at(0))
    for number, seconds in enumerate(steps, 1):
        life.move(number, J, f"stage{number}")
        await record(store, life.batch(), at(seconds))
    return life


async def behind(store: Store, revision: int | None, seconds: float = 0) -> list[Move]:
    found = await moves(store, {"acme": Since(revision, at(seconds))})
    return found.get("acme", [])


async def test_accounts_recorded_since_an_instant_one_row_each(store: Store) -> None:
    await lived(store, 1, 2, 3)
    await lived(store, account="beta")
    await lived(store, 9, account="gamma")
    found = await fresh(store, at(2), most=10)
    assert [(one.account, one.revision) for one in found] == [("acme", 4), ("gamma", 2)]
    assert [one.account for one in await fresh(store, at(-1), most=1)] == ["beta"]


async def test_what_commits_late_is_found_by_looking_back(store: Store) -> None:
    """The recorder's instant is taken before its transaction waits for its turn."""
    await lived(store, 10)
    await lived(store, account="late")
    assert [one.account for one in await fresh(store, at(5), most=10)] == ["acme"]
    assert "late" in [one.account for one in await fresh(store, at(-1), most=10)]


async def test_a_move_tells_where_from_and_where_to(store: Store) -> None:
    await lived(store, 1, 2, 3)
    assert await behind(store, 2) == [Move(J, "stage1", "stage3")]
    assert await behind(store, 3) == [Move(J, "stage2", "stage3")]
    assert await behind(store, None, 1.5) == [Move(J, "stage1", "stage3")]


async def test_whoever_stays_is_told_where(store: Store) -> None:
    life = await lived(store, 1)
    life.fields(2, plan="Pro")
    await record(store, life.batch(), at(5))
    assert await behind(store, 2) == [Move(J, "stage1", "stage1")]


async def test_undo_tells_what_was_left(store: Store) -> None:
    """R13: no visit begins, one is withdrawn."""
    life = await lived(store, 1, 2)
    life.undo(3)
    await record(store, life.batch(), at(3))
    assert await behind(store, 3) == [Move(J, "stage2", "stage1")]
    assert await behind(store, 2) == [Move(J, "stage1", "stage1")]


async def test_undo_and_a_move_in_one_look(store: Store) -> None:
    life = await lived(store, 1, 2)
    life.undo(3)
    life.move(4, J, "other")
    await record(store, life.batch(), at(3))
    assert await behind(store, 3) == [Move(J, "stage2", "other")]


async def test_removed_from_a_lifecycle(store: Store) -> None:
    """T14."""
    life = await lived(store, 1)
    life.move(5, J, None)
    await record(store, life.batch(), at(3))
    assert await behind(store, 2) == [Move(J, "stage1", None)]
    assert await behind(store, 3) == []


async def test_the_newest_entries_behind_a_revision_in_order(store: Store) -> None:
    await lived(store, 1, 2, 3)
    for up_to, most, expected in ((None, 10, [2, 3, 4]), (3, 10, [2, 3]), (4, 2, [3, 4])):
        found = await entries_behind(store, "acme", 1, most, up_to)
        assert [one.revision for one in found] == expected


async def test_where_an_account_is(store: Store) -> None:
    await lived(store, 1)
    assert await newest(store, "acme") == 2
    assert await newest(store, "nobody") is None


async def test_many_accounts_in_one_question(store: Store) -> None:
    names = [f"a{number:04}" for number in range(600)]
    for name in names[:3] + names[-3:]:
        await lived(store, 1, account=name)
    since = {name: Since(None if number % 2 else 1, at(0.5)) for number, name in enumerate(names)}
    found = await moves(store, since)
    assert sorted(found) == names[:3] + names[-3:]
    assert found["a0001"] == [Move(J, None, "stage1")]
