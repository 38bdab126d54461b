"""N9, N10: verification as a workflow and by schedule, on the real server; what runs against what is stored."""

import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from temporalio import activity
from temporalio.client import WorkflowHandle

from activities.verifying import VerifyingPages
from lifecycle import contract
from lifecycle import contract_verification as names
from lifecycle.client import Lifecycles
from lifecycle.contract import RecordRequest
from lifecycle.core.codec import from_data, to_data
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import SetFields
from lifecycle.core.refusal import Refusal
from lifecycle.scheduling import Verifications
from lifecycle.settings import Settings, Verify
from lifecycle.store.audit import WantedAudit, audit
from lifecycle.store.definitions import current_book
from lifecycle.store.record import record
from lifecycle.store.tables import AccountRow, TrackRow, table_of
from lifecycle.store.verification_tables import VerificationRow, VerificationStatus
from lifecycle.store.verifications import open_differences, verification, verifications
from lifecycle.verifying.difference import Kind
from lifecycle.verifying.drift import drifted, take_up
from tests.clock import fast_forward, until
from tests.workflows.town import Town
from worker import make_activities

TRACK = table_of(TrackRow)
ACCOUNT = table_of(AccountRow)


def wanted(town: Town, **options: Any) -> Settings:
    return town.settings.model_copy(update={"verify": Verify(**options)})


def doors(town: Town, **options: Any) -> Verifications:
    return Verifications(town.client, wanted(town, **options))


async def over(town: Town, id: str) -> VerificationRow:
    async def look() -> list[VerificationRow]:
        row = await verification(town.store, id)
        return [row] if row and row.status != VerificationStatus.RUNNING else []

    [row] = await until(look)
    return row


async def edit_track(town: Town, account: str) -> None:
    async with town.store.writing() as connection:
        mine = (TRACK.c.account == account) & (TRACK.c.lifecycle == "customer_journey")
        await connection.execute(update(TRACK).where(mine).values(stage="edited"))


@pytest.mark.usefixtures("nobody_verifies")
async def test_n9_a_person_starts_one_and_its_findings_are_kept(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    edited = town.account("edited")
    for account in (town.account("a"), edited, town.account("z")):
        await town.win(account)
    first = await over(town, await doors(town).start("ann"))
    await town.client.get_workflow_handle(names.VERIFY_NOW_ID).result()
    assert (first.actor, first.accounts, first.total, first.count) == ("ann", 3, 3, 0)
    await edit_track(town, edited)
    with caplog.at_level(logging.ERROR):
        second = await over(town, await doors(town, workflows=True).start("bob"))
    assert (second.count, await open_differences(town.store)) == (1, 1)
    [found] = second.differences
    assert (found["account"], found["table"], found["column"]) == (edited, "track", "stage")
    assert (found["stored"], found["recomputed"]) == ("edited", "onboarding")
    assert f"account {edited}, revision" in caplog.text
    assert [row.id for row in await verifications(town.store)] == [second.id, first.id]


async def begin(town: Town, id: str, start: Any) -> WorkflowHandle[Any, Any]:
    return await town.client.start_workflow(
        names.VERIFICATION_WORKFLOW, start, id=id, task_queue=town.settings.task_queue
    )


async def test_n9_it_keeps_its_pace_goes_on_over_runs_and_can_be_stopped(town: Town) -> None:
    for number in range(4):
        await town.win(town.account(f"a{number}"))
    plan = {"actor": "ann", "per_minute": 1}
    handle = await begin(town, f"verification/{town.prefix}", {"plan": plan, "events": 1})

    async def progress() -> dict[str, Any]:
        seen: dict[str, Any] = await town.client.get_workflow_handle(handle.id).query(
            contract.PROGRESS
        )
        return seen

    seen = await until(progress, lambda one: one.get("accounts") == 1)
    await fast_forward(town.env, town.client.get_workflow_handle(handle.id), timedelta(seconds=61))
    await until(progress, lambda one: one.get("accounts") == 2)
    await town.client.get_workflow_handle(handle.id).signal(names.STOP)
    row = await over(town, seen["id"])
    await town.client.get_workflow_handle(handle.id).result()
    assert (row.status, row.accounts, row.total) == (VerificationStatus.STOPPED, 2, 4)
    with pytest.raises(Refusal, match="runs no more"):
        await doors(town).stop(seen["id"])


async def test_n9_stopped_during_the_last_page_of_a_run_it_ends(quiet_town: Town) -> None:
    """The order comes while a page is counted, and the run would continue as new after it."""

    @activity.defn(name=names.VERIFICATION_PAGE)
    async def stopped_meanwhile(data: Any) -> Any:
        answer = await pages.page(data)
        workflow_id = activity.info().workflow_id
        assert workflow_id is not None
        await activity.client().get_workflow_handle(workflow_id).signal(names.STOP)
        return answer

    pages = VerifyingPages(quiet_town.store, quiet_town.settings)
    found = make_activities(quiet_town.store, quiet_town.settings)
    others = [one for one in found if not is_page(one)]
    async with quiet_town.open([*others, stopped_meanwhile]):
        for number in range(2):
            await quiet_town.win(quiet_town.account(f"a{number}"))
        start = {"plan": {"actor": "ann", "per_minute": 1}, "events": 1}
        handle = await begin(quiet_town, f"verification/{quiet_town.prefix}", start)
        answer = await handle.result()
    row = await over(quiet_town, answer["id"])
    assert (row.status, row.accounts, row.total) == (VerificationStatus.STOPPED, 1, 2)


def is_page(one: Any) -> bool:
    is_ours = isinstance(getattr(one, "__self__", None), VerifyingPages)
    return is_ours and one.__name__ == "page"


async def test_n9_a_page_told_twice_goes_on_where_it_was_recorded(town: Town) -> None:
    """Its worker dies after writing, and an account comes before it is tried again: no later page is lost."""
    pages, id = VerifyingPages(town.store, town.settings), f"verification/{town.prefix}"
    for name in ("a1", "a3", "a4"):
        await town.win(town.account(name))
    asked = names.OpenVerification(id, datetime.now(UTC), names.VerificationPlan())
    await pages.open(to_data(asked))
    first = names.VerificationPageRequest(id, "", 2, False)
    await pages.page(to_data(first))
    await town.win(town.account("a2"))
    again = from_data(names.VerifiedPage, await pages.page(to_data(first)))
    assert again.cursor == town.account("a3")
    await pages.page(to_data(names.VerificationPageRequest(id, again.cursor, 2, False)))
    row = await verification(town.store, id)
    assert row is not None
    assert (row.cursor, row.accounts) == (town.account("a4"), 3)


@pytest.mark.parametrize("start", ["text", 3, {"plan": {"per_minute": -1, "actor": 7}}, None])
async def test_no_message_ends_it_badly(town: Town, start: Any) -> None:
    account = town.account()
    await town.win(account)
    handle = await begin(town, f"verification/{town.prefix}", start)
    await handle.signal("nonsense", {"a": 1})
    await handle.signal(contract.NUDGE, args=[1, 2, 3])
    answer = await handle.result()
    assert (answer["accounts"], answer["is_over"]) == (1, True)


# ── by schedule


@pytest.fixture
async def scheduled(town: Town) -> AsyncIterator[Town]:
    """Whatever schedule a test leaves is taken away."""
    yield town
    await doors(town).follow_settings()
    assert await doors(town).schedule() is None


async def test_n9_the_settings_make_the_schedule_and_a_person_pauses_it(scheduled: Town) -> None:
    await scheduled.win(scheduled.account())
    with pytest.raises(Refusal, match="no schedule"):
        await doors(scheduled).switch(True, "ann")
    daily = doors(scheduled, every="1 day")
    for _ in range(2):
        await daily.follow_settings()
    found = await daily.schedule()
    assert found is not None
    assert (found.every, found.is_on) == (timedelta(days=1), True)
    assert (await daily.switch(False, "ann")).note == "off: ann"
    await doors(scheduled, every="12 hours").follow_settings()
    found = await daily.schedule()
    assert found is not None
    assert (found.every, found.is_on, found.next_at) == (timedelta(hours=12), False, None)
    assert (await daily.switch(True, "ann")).is_on
    await scheduled.client.get_schedule_handle(names.VERIFICATION_SCHEDULE).trigger()

    async def rows() -> list[VerificationRow]:
        return list(await verifications(scheduled.store))

    [row] = await until(rows)
    done = await over(scheduled, row.id)
    assert (done.actor, done.accounts, done.count) == ("schedule", 1, 0)


# ── what runs


async def test_n10_a_workflow_that_is_gone_or_behind_takes_up_what_is_stored(town: Town) -> None:
    gone, behind, right = (town.account(name) for name in ("gone", "behind", "right"))
    for account in (gone, behind, right):
        await town.win(account)
    client, now = Lifecycles(town.client, town.settings.task_queue), datetime.now(UTC)
    accounts = [gone, behind, right]
    assert await drifted(town.store, client, accounts) == []
    await town.handle(gone).terminate()
    await add_an_entry(town, behind)
    found = await drifted(town.store, client, accounts, no_pause)
    assert [(one.kind, one.account) for one in found] == [
        (Kind.WORKFLOW, gone),
        (Kind.WORKFLOW, behind),
    ]
    assert found[0].column == "running"
    assert found[1].column.startswith("state.")
    for one in found:
        await take_up(town.store, client, one.account, "ann", now)

    async def drift() -> list[Any]:
        return await drifted(town.store, client, accounts)

    assert await until(drift, lambda left: left == []) == []
    assert len(await audit(town.store, WantedAudit(who="ann"))) == 2


async def no_pause(_: timedelta) -> None:
    """It will not go away."""


async def add_an_entry(town: Town, account: str) -> None:
    """Somebody else writes to the database in the workflow's place."""
    book, _ = await current_book(town.store)
    fold = Fold(book, await town.state(account))
    at = fold.state.clock or datetime.now(UTC)
    entries = fold.take(SetFields(at, "ann", {"sector": "Steel"}))
    runs = fold.state.versions, fold.state.pending
    request = RecordRequest(account, entries, 0, fold.wakes_at(), *runs)
    await record(town.store, request, datetime.now(UTC))
