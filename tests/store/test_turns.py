"""Turns after an outage (N8): who goes on when, on both databases."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import func, select, update

from lifecycle.contract import AdmitRequest
from lifecycle.store.catching_up_tables import OutageRow, TurnRow, TurnStatus
from lifecycle.store.engine import Store
from lifecycle.store.tables import AccountRow, table_of
from lifecycle.store.turns import Policy, Turn, Whom, ask, hold, let_go, release, told
from tests.store.behind import HOUR, NOW, USUAL, asks, late, name

ACCOUNT = table_of(AccountRow)
OUTAGE, TURN = table_of(OutageRow), table_of(TurnRow)


def second(number: float) -> datetime:
    return NOW + timedelta(seconds=number)


async def give(store: Store, policy: Policy, now: datetime) -> list[str]:
    """Whose turn it is, each told."""
    found = await let_go(store, policy, now)
    for outage, account in found.untold:
        await told(store, outage, [account])
    return [account for _, account in found.untold]


async def give_all(store: Store, policy: Policy) -> dict[str, datetime]:
    """When each goes on, looking when we are told to, and once a minute at least."""
    gone: dict[str, datetime] = {}
    now: datetime | None = NOW
    while now is not None:
        found = await let_go(store, policy, now)
        for outage, account in found.untold:
            assert account not in gone
            gone[account] = now
            await told(store, outage, [account])
        at, longest = found.next_at, now + timedelta(minutes=1)
        now = min(max(at, now + timedelta(seconds=5)), longest) if at else None
    return gone


def most_a_minute(gone: dict[str, datetime]) -> int:
    times = sorted(gone.values())
    return max(sum(at - timedelta(minutes=1) < one <= at for one in times) for at in set(times))


async def statuses(store: Store) -> dict[TurnStatus, int]:
    async with store.connected() as connection:
        found = await connection.execute(
            select(TURN.c.status, func.count()).group_by(TURN.c.status)
        )
        return {row[0]: row[1] for row in found}


@pytest.fixture
async def behind(store: Store) -> Store:
    await late(store, 12)
    return store


async def test_a_short_delay_is_no_outage(behind: Store) -> None:
    """N8: within the patience an account goes on at once, and nothing is kept of it."""
    wish = AdmitRequest(name(0), NOW, 15 * 60.0)
    assert (await ask(behind, wish, USUAL, NOW)).status is TurnStatus.GONE
    assert await statuses(behind) == {}


async def test_turns_are_spread_the_longest_overdue_first(behind: Store) -> None:
    """N8: twelve accounts over half an hour, whoever asks first."""
    turns = [await asks(behind, number, USUAL) for number in (5, 0, 11, 5)]
    assert [turn.at for turn in turns] == [second(5 * 150), NOW, second(11 * 150), second(5 * 150)]
    assert [turn.must_be_driven for turn in turns] == [True, False, False, True]
    gone = await give_all(behind, USUAL)
    assert list(gone) == [name(number) for number in range(12)]
    assert list(gone.values()) == [second(150 * number) for number in range(12)]
    assert (await asks(behind, 5, USUAL, second(1800))).status is TurnStatus.GONE


async def test_no_minute_has_more_than_the_pace_allows(store: Store) -> None:
    """N8: a thousand at 100 a minute take ten minutes, although they were to be spread over one."""
    await late(store, 1000)
    policy = Policy(USUAL.after, timedelta(minutes=1), 100)
    await asks(store, 0, policy)
    gone = await give_all(store, policy)
    assert list(gone) == sorted(gone)
    assert len(gone) == 1000
    assert most_a_minute(gone) <= 100
    assert max(gone.values()) - NOW < timedelta(minutes=12)
    assert await statuses(store) == {TurnStatus.GONE: 1000}


async def test_more_than_a_number_wait_for_a_person(behind: Store) -> None:
    """N8: held for approval above N; what is released goes on spread from then on."""
    policy = Policy(USUAL.after, timedelta(minutes=12), 600, approve_above=11)
    assert await asks(behind, 3, policy) == Turn(TurnStatus.HELD, must_be_driven=True)
    assert await give(behind, policy, second(3600)) == []
    assert await release(behind, Whom(accounts=(name(3), "nobody")), "ana", second(3600)) == 1
    assert await give(behind, policy, second(3600)) == [name(3)]
    assert await release(behind, Whom("customer_journey"), "ana", second(3660)) == 5
    assert await statuses(behind) == {
        TurnStatus.GONE: 1,
        TurnStatus.WAITING: 5,
        TurnStatus.HELD: 6,
    }
    assert await give(behind, policy, second(3660)) == [name(1)]
    assert await give(behind, policy, second(3719)) == []
    assert await give(behind, policy, second(3721)) == [name(5)]
    assert await release(behind, Whom(), "ana", second(3721), at_once=True) == 9
    assert len(await give(behind, policy, second(3722))) == 9
    assert (await let_go(behind, policy, second(3723))).next_at is None


async def test_as_many_as_need_nobody_s_word_go_on(behind: Store) -> None:
    policy = Policy(USUAL.after, USUAL.spread, 600, approve_above=12)
    assert (await asks(behind, 0, policy)).status is TurnStatus.WAITING


async def test_whoever_waits_may_be_held(behind: Store) -> None:
    """N8, at three in the morning: nobody goes on before a person says so."""
    await asks(behind, 0, USUAL)
    assert await hold(behind, Whom("escalation"), "ana", NOW) == 6
    assert list(await give_all(behind, USUAL)) == [name(number) for number in (1, 3, 5, 7, 9, 11)]
    found = await let_go(behind, USUAL, second(1800))
    assert (found.waiting, found.held, found.next_at) == (0, 6, None)


async def test_the_queue_stands_still_while_nobody_gives_turns(behind: Store) -> None:
    """N8: an outage within the catching up. Nobody's turn is lost, and they do not come all at once."""
    await asks(behind, 0, USUAL)
    for minute in range(11):
        await give(behind, USUAL, second(60 * minute))
    back = second(600) + 10 * HOUR
    assert await give(behind, USUAL, back) == []
    assert (await let_go(behind, USUAL, back)).next_at == back + timedelta(seconds=150)
    assert await statuses(behind) == {TurnStatus.GONE: 5, TurnStatus.WAITING: 7}


async def test_whoever_was_not_told_is_named_again(behind: Store) -> None:
    """The worker was killed between giving the turn and telling so."""
    await asks(behind, 0, USUAL)
    first = (await let_go(behind, USUAL, NOW)).untold
    assert (await let_go(behind, USUAL, second(1))).untold == first == [(1, name(0))]
    await told(behind, *first[0][:1], [name(0)])
    assert (await let_go(behind, USUAL, second(2))).untold == []


async def test_what_happened_first_needs_no_turn(behind: Store) -> None:
    """R20: an input folds the deadlines before it, and the account is behind no more."""
    await asks(behind, 0, USUAL)
    async with behind.writing() as connection:
        for number, at in ((1, NOW + 24 * HOUR), (2, None), (3, NOW - HOUR)):
            moved = update(ACCOUNT).where(ACCOUNT.c.id == name(number)).values(next_deadline=at)
            await connection.execute(moved)
    gone = await give_all(behind, USUAL)
    assert list(gone) == [name(number) for number in range(12) if number not in (1, 2)]
    assert await statuses(behind) == {TurnStatus.GONE: 10, TurnStatus.DONE: 2}


async def test_who_was_not_known_to_be_behind_gets_a_place(store: Store) -> None:
    """An account whose clock was moved ahead: by the wall clock its deadline is in the future."""
    policy = Policy(USUAL.after, USUAL.spread, 600, approve_above=2)
    wishes = [
        AdmitRequest(name(number), second(HOUR.total_seconds()), 7200.0) for number in (1, 2, 3)
    ]
    turns = [await ask(store, wish, policy, second(number)) for number, wish in enumerate(wishes)]
    waiting, held = TurnStatus.WAITING, TurnStatus.HELD
    assert [turn.status for turn in turns] == [waiting, waiting, held]
    assert [await ask(store, wish, policy, second(9)) for wish in wishes[:1]] == [
        Turn(waiting, turns[0].at, must_be_driven=True)
    ]
    assert NOW <= turns[0].at <= second(1800)  # type: ignore[operator]
    assert len(await give_all(store, policy)) == 2


async def test_the_next_outage_is_another_one(behind: Store) -> None:
    """Those who are waiting still keep their places."""
    await asks(behind, 0, USUAL)
    await give(behind, USUAL, NOW)
    later = NOW + 24 * HOUR
    async with behind.writing() as connection:
        anew = update(ACCOUNT).where(ACCOUNT.c.id == name(0)).values(next_deadline=later - HOUR)
        await connection.execute(anew)
    wish = AdmitRequest(name(0), later - HOUR, 3600.0)
    assert await ask(behind, wish, USUAL, later) == Turn(
        TurnStatus.WAITING, later, must_be_driven=True
    )
    async with behind.connected() as connection:
        places = list(
            await connection.execute(select(TURN.c.outage).where(TURN.c.account == name(0)))
        )
        many = (await connection.execute(select(func.count()).select_from(TURN))).scalar_one()
    assert ([row[0] for row in places], many) == ([1, 2], 13)


async def test_thousands_get_their_places_in_order(store: Store) -> None:
    """N8: the whole queue is there with the first question."""
    await late(store, 9_000)
    await asks(store, 9, USUAL)
    async with store.connected() as connection:
        query = select(TURN.c.account, TURN.c.place).order_by(TURN.c.place)
        rows = [tuple(row) for row in await connection.execute(query)]
    assert [account for account, _ in rows] == [name(number) for number in range(9_000)]
    assert all(after[1] - before[1] == pytest.approx(1 / 9_000) for before, after in pairwise(rows))
