"""Change-sets, carried out and undone by their workflow on a real server and real databases (R13, R18, R20)."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from lifecycle import contract
from lifecycle.core.inputs import Adopt, SetStage, Undo
from lifecycle.core.refusal import Refusal
from lifecycle.core.share import bucket_of
from lifecycle.store.change_sets import NewItem
from lifecycle.store.definitions import current_book
from tests.changes.crowd import Crowd


async def test_every_account_is_moved_once_and_all_is_undone_as_one_r13(both: Crowd) -> None:
    accounts = await both.accounts(5)
    await both.begin(both.items(accounts))
    done = await both.ended()
    assert done.counts == {"done": 5}
    assert done.total == 5
    assert await both.stages(accounts) == {"launched"}
    await both.order(contract.UNDO, reason="a slip")
    undone = await both.ended(back=True)
    assert undone.counts == {"undone": 5}
    assert await both.stages(accounts) == {"onboarding"}
    for account in accounts:
        given = [one.input for one in await both.town.journal(account)]
        moves = [one for one in given if isinstance(one, SetStage)]
        taken = [one for one in given if isinstance(one, Undo)]
        assert [(one.actor, one.reason) for one in moves] == [("ana", "a campaign")]
        assert [(one.actor, one.reason) for one in taken] == [("ben", "a slip")]


async def test_what_has_something_newer_on_it_is_kept_with_the_reason_r13(crowd: Crowd) -> None:
    first, second = await crowd.accounts(2)
    await crowd.begin(crowd.items([first, second]))
    await crowd.ended()
    move = {"lifecycle": "customer_journey", "stage": "adopting", "reason": "they use it"}
    await crowd.town.update(first, contract.SET_STAGE, actor="eve", **move)
    await crowd.order(contract.UNDO)
    undone = await crowd.ended(back=True)
    assert undone.counts == {"kept": 1, "undone": 1}
    kept = (await crowd.items_now())[0]
    assert kept.code == "not_newest"
    assert "Undo the newest first" in kept.reason
    assert await crowd.stages([first]) == {"adopting"}
    assert await crowd.stages([second]) == {"onboarding"}
    # Once the newer change is undone, so can this one be.
    await crowd.town.update(first, contract.UNDO, actor="eve")
    await crowd.order(contract.RETRY)
    assert (await crowd.until(undone=2)).counts == {"undone": 2}
    assert await crowd.stages([first]) == {"onboarding"}


async def test_refused_unchanged_and_failed_are_told_apart(crowd: Crowd) -> None:
    first, second = await crowd.accounts(2)
    items = [
        *crowd.items([first], stage="onboarding"),
        *crowd.items([second], stage="nowhere"),
        *crowd.items([crowd.town.account("nobody")]),
    ]
    await crowd.begin(items)
    done = await crowd.ended()
    assert done.counts == {"unchanged": 1, "refused": 1, "failed": 1}
    rows = await crowd.items_now()
    assert [row.code for row in rows] == ["", "unknown_stage", "not_running"]
    assert "nudge" in rows[2].reason


async def test_a_failed_account_is_tried_again_when_it_runs(crowd: Crowd) -> None:
    late = crowd.town.account("late")
    await crowd.begin(crowd.items([late]))
    await crowd.until(failed=1)
    await crowd.town.win(late)
    await crowd.order(contract.RETRY)
    assert (await crowd.until(done=1)).counts == {"done": 1}
    assert await crowd.stages([late]) == {"launched"}


async def test_pause_resume_stop(crowd: Crowd) -> None:
    accounts = await crowd.accounts(4)
    await crowd.begin(crowd.items(accounts), per_minute=1)
    await crowd.until(done=1)
    paused = await crowd.order(contract.PAUSE, reason="wait")
    assert paused.status == "paused"
    assert paused.said == "paused by ben: wait"
    await crowd.order(contract.SET_PACE, per_minute=None)
    assert (await crowd.progress()).counts == {"done": 1, "waiting": 3}
    with pytest.raises(Refusal, match="is paused"):
        await crowd.order(contract.PAUSE)
    await crowd.order(contract.RESUME)
    assert (await crowd.ended()).counts == {"done": 4}
    with pytest.raises(Refusal, match="is done"):
        await crowd.order(contract.STOP)


async def test_a_stopped_one_leaves_the_rest_alone_and_can_be_undone(crowd: Crowd) -> None:
    accounts = await crowd.accounts(3)
    await crowd.begin(crowd.items(accounts), per_minute=1)
    await crowd.until(done=1)
    stopped = await crowd.order(contract.STOP)
    assert stopped.status == "stopped"
    with pytest.raises(Refusal, match="is stopped"):
        await crowd.order(contract.RESUME)
    await crowd.order(contract.UNDO)
    assert (await crowd.ended(back=True)).counts == {"undone": 1, "waiting": 2}
    assert await crowd.stages(accounts) == {"onboarding"}


def dividing(accounts: list[str]) -> str:
    """A seed by which half of all accounts has some of these, and not all."""
    buckets = ((seed, [bucket_of(seed, one) for one in accounts]) for seed in map(str, count()))
    return next(seed for seed, found in buckets if min(found) < 5_000 <= max(found))


async def test_a_share_goes_first_and_the_rest_when_it_is_raised_n7(crowd: Crowd) -> None:
    accounts = await crowd.accounts(6)
    await crowd.begin(crowd.items(accounts), share=50, seed=dividing(accounts))
    rows = await crowd.items_now()
    first = {row.account for row in rows if row.bucket < 5_000}
    assert 0 < len(first) < 6
    waits = await crowd.until(done=len(first))
    assert waits.status == "running"
    assert waits.left == 0
    rows = await crowd.items_now()
    assert {row.account for row in rows if row.status == "done"} == first
    await crowd.changes.set_share(crowd.name, 100, actor="ben")
    assert (await crowd.ended()).counts == {"done": 6}


async def test_holds_are_ended_and_given_back_r18(crowd: Crowd) -> None:
    free, held = await crowd.accounts(2)
    old, new = (datetime.now(UTC) + timedelta(days=days) for days in (9, 30))
    await crowd.town.update(held, contract.HOLD, actor="eve", until=old.isoformat(), reason="old")
    message = {"command": contract.HOLD, "until": new.isoformat(), "reason": "freeze"}
    await crowd.begin([NewItem(free, message), NewItem(held, message)])
    await crowd.ended()
    assert {(await crowd.town.state(one)).hold.until for one in (free, held)} == {new}  # type: ignore[union-attr]
    await crowd.order(contract.UNDO)
    assert (await crowd.ended(back=True)).counts == {"undone": 2}
    assert (await crowd.town.state(free)).hold is None
    back = (await crowd.town.state(held)).hold
    assert back is not None
    assert (back.until, back.reason) == (old, "old")


async def test_definitions_are_taken_over_with_an_answer_r24(crowd: Crowd) -> None:
    (account,) = await crowd.accounts(1)
    _, book = await current_book(crowd.town.store)
    message = {"command": contract.TAKE_OVER, "book": book, "policies": {}}
    await crowd.begin([NewItem(account, message), NewItem(account, {**message, "policies": 3})])
    assert (await crowd.ended()).counts == {"done": 1, "refused": 1}
    taken, unreadable = await crowd.items_now()
    entries = {entry.revision: entry.input for entry in await crowd.town.journal(account)}
    assert isinstance(entries[taken.revision or 0], Adopt)
    assert unreadable.code == "bad_message"


async def test_the_same_again_begins_nothing_new(crowd: Crowd) -> None:
    accounts = await crowd.accounts(2)
    await crowd.begin(crowd.items(accounts))
    await crowd.ended()
    again = await crowd.begin(crowd.items(accounts, stage="adopting"))
    assert again.total == 2
    assert again.counts == {"done": 2}
    assert await crowd.stages(accounts) == {"launched"}


async def test_one_nobody_knows(crowd: Crowd) -> None:
    with pytest.raises(Refusal) as caught:
        await crowd.order(contract.PAUSE)
    assert caught.value.code == "unknown_change"
