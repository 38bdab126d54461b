"""A version tried with a share, watched, rolled on and back, on a real server (N7, R24)."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from lifecycle import contract
from lifecycle.core.refusal import Refusal
from lifecycle.handing_out import go_back, seed_of, take_over
from lifecycle.publication_plan import Plan, Trial, store_definitions
from lifecycle.store.change_sets import items_of
from lifecycle.store.change_tables import ItemStatus
from lifecycle.store.definitions import current_book, set_share, shares
from lifecycle.store.errors import VersionTaken
from lifecycle.store.newcomers import add_items
from lifecycle.store.publication_tables import PublicationStatus
from lifecycle.store.publications import among, mark, open_publications, publication_row
from lifecycle.store.shelf import shelf_of
from lifecycle.store.tables import JournalRow, table_of
from lifecycle.telling.changes import change_named
from lifecycle.telling.viewer import Viewer
from lifecycle.verifying.page import Verifying
from tests.clock import until
from tests.publications.press import JOURNEY, NUMBERS, Press

JOURNAL = table_of(JournalRow)


async def test_n7_tried_with_a_share_promised_to_the_letter_and_brought_back(press: Press) -> None:
    """N7, R24, R13: 14 → 2 days for a quarter of forty accounts; then as if it had never been."""
    everybody = await press.accounts(40)
    before = {account: await clockwork(press, account) for account in everybody}
    name = await press.go(await press.publish(2, share=25))
    assert name == f"{JOURNEY}-{press.version}"
    await press.until(name, "watching")
    rows = await press.share(name)
    share = [row.account for row in rows]
    others = [account for account in everybody if account not in share]
    assert 3 <= len(share) <= 20
    assert await press.versions(share) == [press.version] * len(share)
    assert await press.versions(others) == [1] * len(others)
    moves = [step["what"] for row in rows for step in row.promised if step["kind"] == "moves"]
    assert moves == ["launched"] * len(share)
    await lived_as_promised(press, name, share)
    await press.publications.roll_back(name, actor="ana", reason="too early")
    back = await press.until(name, "rolled back")
    assert back.items["undone"] == len(share)
    assert (await shares(press.town.store))[JOURNEY, press.version] == 0
    assert {account: await clockwork(press, account) for account in everybody} == before
    assert await press.versions(everybody) == [1] * 40
    # Its own fourteen days count on.
    await press.town.forward(share[0], days=11)
    assert await press.stages([share[0]]) == ["onboarding"]
    await press.town.forward(share[0], days=1)
    await press.town.in_stage(share[0], JOURNEY, "launched")
    # Verified: what was recorded gives what is stored, and the same inputs give it again.
    verifying = Verifying(press.town.store, await shelf_of(press.town.store))
    assert (await verifying.verify(everybody)).differences == []
    verifying.close()


async def clockwork(press: Press, account: str) -> tuple[object, ...]:
    """What stage, days and timers hang on."""
    track = (await press.town.state(account)).tracks[JOURNEY]
    return track.stage, track.entered_at, track.counting_since, track.seconds, track.done


async def lived_as_promised(press: Press, name: str, share: list[str]) -> None:
    """After two days each of the share moves; to one something else happens, and that is folded in."""
    book, _ = await current_book(press.town.store)
    assert book.lifecycles[JOURNEY].version == 1
    for account in share:
        await press.town.forward(account, days=2, hours=1)
        await press.town.in_stage(account, JOURNEY, "launched")
    first = share[0]
    await press.town.report(first, "usage.reported", active_users=9, weekly_logins=4, seats_used=1)
    await press.town.recorded(first, lambda state: len(state.window) > 1)
    seen = await press.publications.look(name, actor="ops")
    assert sum(seen.verdicts.values()) == len(share)
    assert set(seen.verdicts) <= {"as promised", "as folded"}
    assert seen.figures["moves"] == [len(share), len(share)]
    assert seen.parted == ""


async def test_n7_it_stops_by_itself_when_accounts_live_otherwise_than_promised(
    press: Press,
) -> None:
    """N7: a promise that is not kept (here: somebody wrote a move into it) is found, named, and stops it."""
    await press.accounts(6)
    name = await press.go(await press.publish(2, share=99))
    await press.until(name, "watching")
    account = (await press.share(name))[0].account
    await press.town.forward(account, days=2, hours=1)
    await press.town.in_stage(account, JOURNEY, "launched")
    async with press.town.store.writing() as connection:
        mine = (JOURNAL.c.account == account) & (JOURNAL.c.kind == "Deadline")
        for row in (await connection.execute(select(JOURNAL).where(mine))).all():
            lied = json.loads(json.dumps(row.changes).replace('"launched"', '"adopting"'))
            its = mine & (JOURNAL.c.revision == row.revision)
            await connection.execute(update(JOURNAL).where(its).values(changes=lied))
    await press.publications.look(name, actor="ops")
    stopped = await press.until(name, "stopped")
    assert stopped.verdicts["parted"] == 1
    assert "lives otherwise than promised; 5 % were tolerated." in stopped.reason
    parted = next(row for row in await press.share(name) if row.verdict == "parted")
    assert "onboarding → adopting" in parted.why
    assert "instead of: move customer_journey: onboarding → launched" in parted.why


async def test_n7_rolled_on_by_itself_when_the_watch_ends(press: Press) -> None:
    """N7: watched to the end as promised; then it holds for all, with who came in meanwhile."""
    everybody = await press.accounts(6)
    name = await press.go(await press.publish(45, share=50, watch=timedelta(days=1)))
    await press.until(name, "watching")
    late = [press.town.account(f"late{number}") for number in range(3)]
    for account in late:
        await press.town.win(account)
    await press.forward(name, days=1, minutes=1)
    done = await press.until(name, "done")
    assert done.items == {"done": done.total}
    assert await press.versions([*everybody, *late]) == [press.version] * 9
    assert (await current_book(press.town.store))[0].lifecycles[JOURNEY].version == press.version
    # And back again, all of them, though it was done.
    await press.publications.roll_back(name, actor="ana")
    await press.until(name, "rolled back")
    assert await press.versions([*everybody, *late]) == [1] * 9


async def test_n7_it_stops_by_itself_when_an_account_fails(press: Press) -> None:
    """N7: the share keeps it until somebody rolls on or back."""
    everybody = await press.accounts(6)
    outcome = await press.publish(45, share=99)
    down = next(among(everybody, JOURNEY, press.version, 99))
    await press.town.handle(down).terminate("it does not run")
    name = await press.go(outcome)
    stopped = await press.until(name, "stopped")
    assert "1 account failed" in stopped.reason
    assert stopped.items["failed"] == 1
    await press.publications.roll_on(name, actor="ana", reason="it is known")
    done = await press.until(name, "done")
    assert done.items == {"done": 5, "failed": 1}
    running = [account for account in everybody if account != down]
    assert await press.versions(running) == [press.version] * 5


async def test_r24_what_somebody_else_did_since_is_kept_with_the_reason(press: Press) -> None:
    """R24: a person moved it on; that stays, and is said."""
    [account] = await press.accounts(1)
    name = await press.go(await press.publish(2))
    await press.until(name, "done")
    await press.town.forward(account, days=3)
    await press.town.in_stage(account, JOURNEY, "launched")
    move = {"lifecycle": JOURNEY, "stage": "adopting", "reason": "they use it"}
    await press.town.update(account, "set_stage", actor="eve", **move)
    await press.publications.roll_back(name, actor="ana")
    back = await press.until(name, "rolled back")
    assert back.items == {"kept": 1}
    [item] = await items_of(press.town.store, f"publish-{name}")
    assert f"is not the doing of version {press.version} alone" in item.reason
    assert (await press.stages([account]), await press.versions([account])) == (["adopting"], [1])


async def test_r24_what_was_added_before_somebody_was_killed_is_told(press: Press) -> None:
    """N7, R24: its commands stand in the change-set, which had ended, and nobody set it going again."""
    outcome = await press.publish(45, share=50)
    version, early = press.version, await outside_the_share(press, "early")
    name = await press.go(outcome)
    await press.until(name, "watching")
    late = await outside_the_share(press, "late")
    await press.publications.handle(name).terminate("killed")
    row = await publication_row(press.town.store, name)
    await set_share(press.town.store, JOURNEY, version, 100)
    row = await mark(press.town.store, name, status=PublicationStatus.ROLLING_ON)
    await press.changes.set_share(row.change_set, 100, actor="ana")
    ended = await until(
        lambda: press.changes.progress(row.change_set), lambda one: one.status == "done"
    )
    assert ended.total == 1
    message = (ItemStatus.WAITING, take_over(row), go_back(row))
    await add_items(press.town.store, row.change_set, seed_of(row), [late], *message)
    await press.publications.set_going(name)
    done = await press.until(name, "done")
    assert done.items == {"done": 2}
    assert await press.versions([early, late]) == [version] * 2


async def outside_the_share(press: Press, name: str) -> str:
    """A new account that begins with the version before, for which the one that is tried does not hold."""
    names = (press.town.account(f"{name}{number}") for number in range(100))
    chosen = next(name for name in names if not [*among([name], JOURNEY, press.version, 50)])
    await press.town.win(chosen)
    assert await press.versions([chosen]) == [1]
    return chosen


async def test_r24_published_to_nobody_it_is_brought_back_from_those_who_came_since(
    press: Press,
) -> None:
    """R24: the first accounts begin with version 2, and are not left with it."""
    outcome = await press.publish(45)
    assert await press.publications.hand_over(outcome, datetime.now(UTC)) == []
    everybody = await press.accounts(2)
    assert await press.versions(everybody) == [press.version] * 2
    await press.publications.roll_back(outcome.publication, actor="ana", reason="wrong")
    back = await press.until(outcome.publication, "rolled back")
    assert back.items == {"undone": 2}
    assert await press.versions(everybody) == [1] * 2


async def test_r24_who_is_recorded_after_the_others_went_back_goes_back_too(press: Press) -> None:
    """R24: it began while the version still held, and came to the database when the rest was through."""
    outcome = await press.publish(45)
    name = outcome.publication
    assert await press.publications.hand_over(outcome, datetime.now(UTC)) == []
    await press.accounts(1)
    await press.publications.roll_back(name, actor="ana", reason="wrong")
    await press.until(name, "rolled back")
    await set_share(press.town.store, JOURNEY, press.version, 100)
    late = press.town.account("late")
    await press.town.win(late)
    assert await press.versions([late]) == [press.version]
    await press.publications.handle(name).result()
    await mark(press.town.store, name, status=PublicationStatus.ROLLING_BACK)
    await press.publications.set_going(name)
    back = await press.until(name, "rolled back")
    assert back.items == {"undone": 2}
    assert await press.versions([late]) == [1]


async def test_n7_of_two_at_the_same_moment_one_is_refused(press: Press) -> None:
    """N7: both saw that no other version of the lifecycle is on its way."""
    versions = next(NUMBERS), next(NUMBERS)
    checked = [await press.checked(version, 40 + version) for version in versions]
    plan, now = Plan("at once", trial=Trial(5)), datetime.now(UTC)
    both = (store_definitions(press.town.store, one, plan, "ops", now) for one in checked)
    found = await asyncio.gather(*both, return_exceptions=True)
    [refused] = [one for one in found if isinstance(one, Exception)]
    assert isinstance(refused, Refusal | VersionTaken)
    assert len(await open_publications(press.town.store)) == 1


async def test_n7_its_change_set_is_ordered_about_by_the_publication(press: Press) -> None:
    """N7: who may change accounts may not unpublish a version, nor go on with one that was stopped."""
    outcome = await press.publish(45, share=50)
    await outside_the_share(press, "early")
    name = await press.go(outcome)
    await press.until(name, "watching")
    change_set = f"publish-{name}"
    for order in (contract.STOP, contract.UNDO, contract.SET_SHARE):
        with pytest.raises(Refusal, match="which decides this"):
            await press.changes.order(change_set, order, actor="eve")
    await press.changes.order(change_set, contract.SET_PACE, actor="eve", per_minute=60)
    view = await change_named(Viewer(press.town.store, datetime.now(UTC), UTC), change_set)
    assert not {contract.STOP, contract.UNDO} & {*view.orders}
    await press.publications.stop(name, actor="ana")
    await until(lambda: press.changes.progress(change_set), lambda one: one.status == "paused")
    stopped = await change_named(Viewer(press.town.store, datetime.now(UTC), UTC), change_set)
    assert stopped.orders == [contract.SET_PACE]
    for order in (contract.RESUME, contract.RETRY):
        with pytest.raises(Refusal, match="which decides this"):
            await press.changes.order(change_set, order, actor="eve")
