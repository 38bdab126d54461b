"""Publications whose worker dies anywhere: nothing is lost and nothing done twice (N7, N8)."""

import asyncio
from datetime import UTC, datetime
from itertools import count

import pytest
from sqlalchemy import event

from lifecycle import contract
from lifecycle.core.inputs import Adopt, GoBack
from lifecycle.publications import to_hand_over
from lifecycle.store.publications import open_publications
from tests.publications.press import Press
from tests.workflows.failpoints import AFTER, BEFORE, Crash, breaking
from tests.workflows.test_crashes import start_worker
from tests.workflows.town import Town
from worker import make_activities

ACTIVITIES = (
    contract.OPEN_PUBLICATION,
    contract.LOOK_AT_PUBLICATION,
    contract.ORDER_PUBLICATION,
    contract.CHANGE_PAGE,
    contract.ORDER_CHANGE_SET,
)


async def there_and_back(press: Press, accounts: list[str]) -> None:
    """Publish to all, bring it back; each account was told once of each."""
    name = await press.go(await press.publish(2, share=50))
    await press.until(name, "watching")
    await press.publications.roll_on(name, actor="ana")
    await press.until(name, "done")
    await press.publications.roll_back(name, actor="ana")
    await press.until(name, "rolled back")
    assert await press.versions(accounts) == [1] * len(accounts)
    for account in accounts:
        kinds = [type(entry.input) for entry in await press.town.journal(account)]
        assert kinds.count(Adopt) == kinds.count(GoBack) == 1


@pytest.mark.parametrize("when", [BEFORE, AFTER])
async def test_n7_every_activity_may_break_once(quiet_town: Town, when: str) -> None:
    """N7: just before, or just after it has done its work."""
    found = make_activities(quiet_town.store, quiet_town.settings)
    for name in ACTIVITIES:
        found = breaking(found, name, when)
    async with quiet_town.open(found):
        press = Press(quiet_town)
        await there_and_back(press, await press.accounts(4))


async def test_n7_killed_with_its_worker_it_goes_on(quiet_town: Town) -> None:
    """N7: kill -9 while accounts go back."""
    press = Press(quiet_town)
    async with quiet_town.open():
        accounts = await press.accounts(12)
        name = await press.go(await press.publish(2))
        await press.until(name, "done")
    process = await start_worker(quiet_town)
    ordered = asyncio.create_task(press.publications.roll_back(name, actor="ana"))
    await press.until(name, "rolling back")
    process.kill()
    await process.wait()
    process = await start_worker(quiet_town)
    await ordered
    back = await press.until(name, "rolled back", within=120)
    process.terminate()
    await process.wait()
    assert back.items == {"undone": 12}
    for account in accounts:
        kinds = [type(entry.input) for entry in await press.town.journal(account)]
        assert kinds.count(Adopt) == kinds.count(GoBack) == 1


@pytest.mark.parametrize("order", [contract.STOP, contract.ROLL_BACK])
async def test_n7_an_order_whose_answer_is_lost_is_carried_out_all_the_same(
    quiet_town: Town, order: str
) -> None:
    """N7: tried again, it finds what it made of the publication itself; whoever gave it is not refused for that."""
    press = Press(quiet_town)
    stopped = order == contract.STOP
    async with quiet_town.open():
        accounts = await press.accounts(4)
        name = await press.go(await press.publish(2, share=50 if stopped else 100))
        await press.until(name, "watching" if stopped else "done")
    found = make_activities(quiet_town.store, quiet_town.settings)
    async with quiet_town.open(breaking(found, contract.ORDER_PUBLICATION, AFTER)):
        await press.publications.order(name, order, actor="ana", reason="too many mails")
        await press.until(name, "stopped" if stopped else "rolled back")
    if not stopped:
        assert await press.versions(accounts) == [1] * len(accounts)


async def test_n7_killed_while_there_is_nobody_to_tell_it_is_still_to_be_ended(
    press: Press,
) -> None:
    """R24: a version that holds for a share only, under a publication that is done, would stay so for ever."""
    outcome = await press.publish(2, share=25)
    store, now = press.town.store, datetime.now(UTC)
    writes = count(1)

    def killed(*_: object) -> None:
        if next(writes) == 2:
            raise Crash("a failpoint")

    event.listen(store.engine.sync_engine, "commit", killed)
    with pytest.raises(Crash):
        await to_hand_over(store, outcome, now)
    event.remove(store.engine.sync_engine, "commit", killed)
    assert [row.name for row in await open_publications(store)] == [outcome.publication]
