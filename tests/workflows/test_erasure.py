"""Erasing a person while the account lives (N12): database, mail and every history of every run."""

import asyncio
from base64 import urlsafe_b64encode
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowFailureError
from temporalio.common import RawValue

from lifecycle import contract
from lifecycle.client import Lifecycles
from lifecycle.core.inputs import Erase
from lifecycle.erasing import Erasures
from lifecycle.signing import make_secret
from lifecycle.store import accounts
from lifecycle.store.audit import AUDIT
from lifecycle.store.erasing_tables import ErasureRow
from lifecycle.store.erasures import erasure_row
from lifecycle.store.journal import broken_at
from lifecycle.telling.erasing import Asked, begin, preview
from lifecycle.telling.viewer import Viewer
from tests.clock import until
from tests.erasing.looking import histories_with, of_ours, rows_with
from tests.workflows.failpoints import AFTER, breaking
from tests.workflows.town import Town
from worker import make_activities

NAME, ADDRESS = "Maria Weber", "maria.weber@example.com"
JOURNEY = "customer_journey"
ESCAPED = '"' + "".join(f"\\u{ord(one):04x}" for one in ADDRESS) + '"'
DEEP = RawValue(
    Payload(
        metadata={"encoding": b"json/plain"},
        data=f"{'[' * 5_000}{ESCAPED}{']' * 5_000}".encode(),
    )
)
"""Nested deeper than any reader goes, with her address in it as no plain search finds it."""


async def a_life(town: Town, account: str) -> None:
    """Everything that speaks of her: fields, an event, reasons, a CTA, mail to her and about her."""
    await town.update_with_start(
        account, {"name": "Acme", "contact_name": NAME, "contact_email": ADDRESS}
    )
    await town.win(account, amount=1000)
    await town.mails(1)
    await town.report(account, "user.logged_in", user=ADDRESS)
    await town.update(
        account, contract.SET_FIELDS, actor="ann", fields={"sector": f"led by {NAME}"}
    )
    await town.update(
        account, contract.OPEN_CTA, actor="ann", title=f"Call maria  weber <{ADDRESS.upper()}>"
    )
    await town.update(
        account,
        contract.SET_STAGE,
        actor="ann",
        reason=f"{NAME} asked for it",
        lifecycle="customer_stages",
        stage="implementation",
    )
    await town.send(account, "no_such_signal", {"from": ADDRESS})
    await town.send(account, contract.RECORD_EVENT, DEEP)
    await town.recorded(account, lambda state: state.refused == 2)


async def erase(town: Town, asked: Asked, reason: str = "") -> ErasureRow:
    """As every door does it; answers with the row once it is done."""
    make_secret(town.settings)
    viewer = Viewer(town.store, datetime.now(UTC), UTC)
    found = await preview(viewer, town.settings, asked)
    client = Erasures(town.client, town.settings.task_queue)
    row = await begin(viewer, client, found, "dpo", reason)
    return await until(
        lambda: erasure_row(town.store, row.id), lambda seen: seen.done_at is not None, within=60
    )


async def assert_gone(town: Town, *words: str) -> None:
    assert await rows_with(town.store, *words) == []
    assert await histories_with(town.client, *words) == []
    assert [mail for mail in town.outbox() for word in words if word in mail.as_string()] == []


async def test_n12_nothing_of_a_person_is_left_anywhere(town: Town) -> None:
    """N12: database, histories, outbox; the chain holds; the account lives on, and nothing sent meanwhile is lost."""
    acme = town.account()
    await a_life(town, acme)
    before = await town.state(acme)
    assert await rows_with(town.store, ADDRESS)
    assert await histories_with(town.client, ADDRESS)

    row = await erase(town, Asked(acme), f"{NAME} wrote to us")

    await assert_gone(town, ADDRESS, NAME)
    assert (of_ours(row.left), row.wanted, row.reason) == ([], None, "[erased] wrote to us")
    assert broken_at(await accounts.journal_rows(town.store, acme)) is None
    after = await town.state(acme)
    assert after.tracks == before.tracks
    assert after.units == []
    assert "contact_email" not in after.fields
    assert after.fields["sector"] == "led by [erased]"

    lifecycles = Lifecycles(town.client, town.settings.task_queue)
    assert await lifecycles.state(acme) == after
    await lifecycles.report_event(acme, "training.completed", {"course": "Basics"})
    assert (await town.state(acme)).revision > after.revision
    assert broken_at(await accounts.journal_rows(town.store, acme)) is None


STEPS = [
    contract.ERASE_OPEN,
    contract.ERASE_FIELDS,
    contract.ERASE_SWEEP,
    contract.ERASE_TAKE_UP,
    contract.ERASE_RUNS,
    contract.ERASE_BESIDE,
    contract.ERASE_OTHERS,
    contract.ERASE_GONE,
    contract.ERASE_END,
]


async def test_n12_killed_in_every_step_it_goes_on(quiet_town: Town) -> None:
    """N12: each step's work is done and its answer lost; done again it finds nothing, and nothing is left half done."""
    town, acme = quiet_town, quiet_town.account("killed")
    activities = make_activities(town.store, town.settings)
    for step in STEPS:
        activities = breaking(activities, step, AFTER)
    async with town.open(activities):
        await a_life(town, acme)
        await erase(town, Asked(acme))
        await assert_gone(town, ADDRESS, NAME)
        erased = [entry for entry in await town.journal(acme) if isinstance(entry.input, Erase)]
        assert [len(entry.notes) for entry in erased if not entry.notes] == [0]
        async with town.store.engine.connect() as connection:
            deeds = await connection.execute(select(AUDIT.c.what).where(AUDIT.c.detail == acme))
            assert [one.what for one in deeds] == ["person_erased"]


async def test_n12_what_comes_in_meanwhile_is_not_lost(town: Town) -> None:
    """N12: events keep arriving while the run begins anew, each counted once."""
    acme = town.account("busy")
    await a_life(town, acme)
    ended = asyncio.Event()

    async def reporting() -> int:
        number = 0
        while not ended.is_set():
            await town.report(acme, "usage.reported", active_users=number)
            number += 1
            await asyncio.sleep(0.05)
        return number

    running = asyncio.create_task(reporting())
    await erase(town, Asked(acme))
    ended.set()
    count = await running
    assert count > 5

    async def seen() -> int:
        kinds = [event.type for event in await town.events(acme)]
        return kinds.count("usage.reported")

    await until(seen, lambda found: found == count)
    assert broken_at(await accounts.journal_rows(town.store, acme)) is None
    await assert_gone(town, ADDRESS, NAME)


async def test_n12_somebody_whom_many_accounts_know(town: Town) -> None:
    """N12: a run is no longer than it may be; the next goes on with the accounts that are left."""
    known = [town.account(f"known{number}") for number in range(3)]
    for account in known:
        fields = {"name": "Acme", "contact_email": ADDRESS}
        await town.update_with_start(account, fields)
    make_secret(town.settings)
    viewer = Viewer(town.store, datetime.now(UTC), UTC)
    found = await preview(viewer, town.settings, Asked(person=ADDRESS))
    row = await begin(viewer, ShortRuns(town.client, town.settings.task_queue), found, "dpo", "")
    handle = town.client.get_workflow_handle(contract.erasure_id(row.id))
    answer = await handle.result()
    assert answer["accounts"] == known
    started = await handle.fetch_history()
    first = started.events[0].workflow_execution_started_event_attributes
    assert first.continued_execution_run_id
    for account in known:
        erased = [one for one in await town.journal(account) if isinstance(one.input, Erase)]
        assert len(erased) == 1
    await assert_gone(town, ADDRESS)


class ShortRuns(Erasures):
    """A run ends after its first account."""

    async def begin(self, erasure: str) -> None:
        await self.client.start_workflow(
            contract.ERASURE_WORKFLOW,
            {"events": 1, "done": 2},
            id=contract.erasure_id(erasure),
            task_queue=self.task_queue,
        )


async def test_n12_with_codec_keys_the_same(quiet_town: Town) -> None:
    """N12: histories that only their keys can read are searched and deleted as others are."""
    town = quiet_town.with_keys(f"2026-03:{urlsafe_b64encode(b'k' * 32).decode()}")
    acme = town.account("sealed")
    async with town.open():
        await a_life(town, acme)
        assert await histories_with(town.client, ADDRESS)
        assert await histories_with(quiet_town.client, ADDRESS) == []
        await erase(town, Asked(acme, "contact"))
        await assert_gone(town, ADDRESS, NAME)


async def test_n12_messages_of_an_account_that_never_was(town: Town) -> None:
    """N12: what was refused is kept as text, and goes by address."""
    nobody = town.account("nobody")
    await town.report(nobody, "user.logged_in", user=ADDRESS)
    await until(lambda: rows_with(town.store, ADDRESS))
    row = await erase(town, Asked(person=ADDRESS))
    assert row.accounts == [nobody]
    await assert_gone(town, ADDRESS)


async def test_n12_an_erasure_that_ended_is_not_done_again(town: Town) -> None:
    """N12: whom it was about is forgotten with its end; begun once more it takes nobody else."""
    acme, other = town.account("two"), "ann.li@example.com"
    fields = {"contact_email": ADDRESS, "sector": f"led by {other}"}
    await town.update_with_start(acme, fields)
    row = await erase(town, Asked(person=other))
    assert row.accounts == [acme]
    handle = town.client.get_workflow_handle(contract.erasure_id(row.id))
    await handle.result()
    known = await rows_with(town.store, ADDRESS)
    assert known
    await Erasures(town.client, town.settings.task_queue).begin(row.id)
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    assert await rows_with(town.store, ADDRESS) == known
    assert (await erasure_row(town.store, row.id)).wanted is None
