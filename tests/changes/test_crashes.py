"""Change-sets that are broken off anywhere: nothing is lost, and nothing done twice (R13, R20)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from activities import changing
from lifecycle import contract
from lifecycle.core.inputs import SetStage, Undo
from lifecycle.core.refusal import Refusal
from lifecycle.core.share import bucket_of
from lifecycle.store import change_sets
from lifecycle.store.change_sets import NewChangeSet, Outcome, draw_up
from lifecycle.store.change_tables import ChangeItemRow, ChangeRow
from lifecycle.store.engine import Store
from tests.changes.crowd import Crowd
from tests.clock import until
from tests.workflows.failpoints import AFTER, BEFORE, Crash, breaking
from tests.workflows.test_crashes import start_worker
from tests.workflows.town import Town
from worker import make_activities


async def once_each(crowd: Crowd, accounts: Sequence[str], undone: bool = True) -> None:
    """Every account was moved once, and undone once; what came again changed nothing."""
    for account in accounts:
        entries = await crowd.town.journal(account)
        again = {one.revision for one in entries for note in one.notes if note.code == "duplicate"}
        given = [one.input for one in entries if one.revision not in again]
        assert sum(isinstance(one, SetStage) for one in given) == 1
        assert sum(isinstance(one, Undo) for one in given) == undone


ACTIVITIES = (contract.OPEN_CHANGE_SET, contract.CHANGE_PAGE, contract.ORDER_CHANGE_SET)


@pytest.mark.parametrize("when", [BEFORE, AFTER])
async def test_every_activity_may_be_carried_out_again(quiet_town: Town, when: str) -> None:
    activities = make_activities(quiet_town.store, quiet_town.settings)
    for name in ACTIVITIES:
        activities = breaking(activities, name, when)
    crowd = Crowd(quiet_town)
    async with quiet_town.open(activities):
        accounts = await crowd.accounts(2)
        await crowd.begin(crowd.items(accounts))
        assert (await crowd.ended()).counts == {"done": 2}
        await crowd.order(contract.UNDO)
        assert (await crowd.ended(back=True)).counts == {"undone": 2}
    await once_each(crowd, accounts)


Write = Callable[[Store, ChangeRow, Sequence[Outcome]], Awaitable[None]]


async def test_a_page_that_breaks_between_the_command_and_its_record(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the journal holds is told as it was the first time, not as done already."""
    accounts = await crowd.accounts(3)
    write: Write = change_sets.write_outcomes
    left = [1, 1]

    async def broken(store: Store, row: ChangeRow, outcomes: Sequence[Outcome]) -> None:
        if outcomes and left[row.back]:
            left[row.back] = 0
            raise Crash("a failpoint")
        await write(store, row, outcomes)

    monkeypatch.setattr(change_sets, "write_outcomes", broken)
    await crowd.begin(crowd.items(accounts))
    assert (await crowd.ended()).counts == {"done": 3}
    await crowd.order(contract.UNDO)
    assert (await crowd.ended(back=True)).counts == {"undone": 3}
    assert left == [0, 0]
    await once_each(crowd, accounts)


async def test_a_killed_worker_process(quiet_town: Town) -> None:
    """kill -9, some accounts done and others not; another worker goes on."""
    crowd = Crowd(quiet_town)
    process = await start_worker(quiet_town)
    accounts = await crowd.accounts(8)
    await crowd.begin(crowd.items(accounts), per_minute=60)
    await crowd.until(done=5)
    process.kill()
    await process.wait()
    async with quiet_town.open():
        await crowd.order(contract.SET_PACE, per_minute=None)
        assert (await crowd.ended()).counts == {"done": 8}
    await once_each(crowd, accounts, undone=False)


async def test_one_that_was_terminated_goes_on_when_it_is_resumed(crowd: Crowd) -> None:
    accounts = await crowd.accounts(3)
    await crowd.begin(crowd.items(accounts), per_minute=1)
    await crowd.until(done=1)
    await crowd.changes.handle(crowd.name).terminate("an operator's slip")
    await crowd.order(contract.SET_PACE, per_minute=None)
    assert (await crowd.ended()).counts == {"done": 3}
    await once_each(crowd, accounts, undone=False)


async def test_runs_are_continued_without_losing_pace_or_place(crowd: Crowd) -> None:
    accounts = await crowd.accounts(12)
    new = NewChangeSet(crowd.name, "stage", "Move", "ana", "why", per_minute=12)
    await draw_up(crowd.town.store, new, crowd.items(accounts), datetime.now(UTC))
    handle = await crowd.town.client.start_workflow(
        contract.CHANGE_WORKFLOW,
        {"events": 50},
        id=contract.change_set_id(crowd.name),
        task_queue=crowd.town.settings.task_queue,
    )
    first = (await handle.describe()).run_id
    handle = crowd.changes.handle(crowd.name)
    for number in range(1, 13):
        await crowd.until(done=number)
        if number < 12:
            await crowd.town.env.fast_forward(handle, timedelta(seconds=5))
    await crowd.ended()
    assert (await handle.describe()).run_id != first
    await once_each(crowd, accounts, undone=False)


async def test_what_nobody_understands_changes_nothing(crowd: Crowd) -> None:
    (account,) = await crowd.accounts(1)
    seed = next(seed for seed in map(str, count()) if bucket_of(seed, account) >= 100)
    await crowd.begin(crowd.items([account]), share=1, seed=seed)
    handle = crowd.changes.handle(crowd.name)
    await handle.signal("hurry", "now")

    async def refused() -> list[dict[str, Any]]:
        seen = await handle.query(contract.PROGRESS)
        return list(seen["refused"])

    assert [one["door"] for one in await until(refused)] == ["hurry"]
    wrong: tuple[Any, ...] = ({"actor": ""}, {"actor": "ben", "share": "x"}, [], None)
    for bad in wrong:
        with pytest.raises(Exception, match="Workflow update failed"):
            await handle.execute_update(contract.SET_SHARE, bad)
    # What no database keeps would be tried for ever.
    for order in ({"actor": "a NUL \x00"}, {"actor": "ben", "reason": "a NUL \x00"}):
        with pytest.raises(Exception, match="Workflow update failed"):
            await handle.execute_update(contract.PAUSE, order)
    await asyncio.gather(*(crowd.order(contract.PAUSE) for _ in range(1)))
    assert (await crowd.progress()).status == "paused"


def second_waits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The second command is on its way until it was seen that the change-set is held up, however slow the machine.

    The numbers of those that were sent, as they are.
    """
    was_seen, sent = asyncio.Event(), list[int]()
    item, goes_on = changing.Page._item, changing.Changing._goes_on

    async def one(page: changing.Page, of: ChangeItemRow) -> Outcome:
        sent.append(of.number)
        if len(sent) == 2:
            await was_seen.wait()
        return await item(page, of)

    async def then_go(pages: changing.Changing, row: ChangeRow) -> bool:
        answer = await goes_on(pages, row)
        if not answer:
            was_seen.set()
        return answer

    monkeypatch.setattr(changing.Page, "_item", one)
    monkeypatch.setattr(changing.Changing, "_goes_on", then_go)
    return sent


async def test_a_pause_reaches_a_page_under_way(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those on their way land, and no others go; resumed, it is whole, and nothing was sent twice."""
    monkeypatch.setattr(changing, "AT_ONCE", 1)
    monkeypatch.setattr(changing, "BEAT", 0.01)
    accounts = await crowd.accounts(12)
    write: Write = change_sets.write_outcomes
    sent = second_waits(monkeypatch)

    async def then_paused(store: Store, row: ChangeRow, outcomes: Sequence[Outcome]) -> None:
        await write(store, row, outcomes)
        if outcomes and row.said == "":
            pause = contract.ChangeOrder(row.name, contract.PAUSE, datetime.now(UTC), "ben")
            with suppress(Refusal):
                await change_sets.order(store, pause)

    monkeypatch.setattr(change_sets, "write_outcomes", then_paused)
    await crowd.begin(crowd.items(accounts))
    await crowd.ended("paused")
    handle = crowd.changes.handle(crowd.name)
    await until(lambda: handle.query(contract.PROGRESS), lambda seen: not seen["under_way"])
    assert (await crowd.progress()).counts == {"done": 2, "waiting": 10}
    await crowd.order(contract.RESUME)
    assert (await crowd.ended()).counts == {"done": 12}
    assert len(sent) == 12
    await once_each(crowd, accounts, undone=False)
