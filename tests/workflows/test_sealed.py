"""Accounts whose payloads are encrypted: Temporal holds nothing a person wrote, and the account lives as ever."""

from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.query.v1 import WorkflowQuery
from temporalio.api.workflowservice.v1 import QueryWorkflowRequest
from temporalio.client import WorkflowHistory
from temporalio.common import RawValue

from lifecycle import contract
from lifecycle.client import Lifecycles
from lifecycle.converter import make_converter
from lifecycle.core.refusal import Refusal
from lifecycle.sealing import KeyMissing
from tests.clock import until
from tests.workflows.town import Handle, Town

OLD = "2026-05:" + b64encode(b"o" * 32).decode()
NEW = "2026-11:" + b64encode(b"n" * 32).decode()
JOURNEY = "customer_journey"
PERSONAL = ("Oswald", "clara", "Torres", "merger with Globex", "Acme")


@pytest.fixture
async def sealed(quiet_town: Town) -> AsyncIterator[Town]:
    """A worker with the old key is running."""
    town = quiet_town.with_keys(OLD)
    async with town.open():
        yield town


def api(town: Town) -> Lifecycles:
    return Lifecycles(town.client, town.settings.task_queue, {"opportunity.closed_won"})


async def meet(town: Town, account: str) -> Handle:
    """Clara's account: a deal, a hold, an undone slip, a refused command."""
    start = {"account": account, "bounds": {"signals": 4}}
    fields = {"name": "Acme", "contact_email": "clara@example.com", "contact_name": "Clara Oswald"}
    deal = {"id": "deal", "source": "crm", "type": "opportunity.closed_won"}
    handle = await town.send(account, contract.RECORD_EVENT, deal, start=start)
    await town.in_stage(account, JOURNEY, "onboarding")
    await api(town).set_fields(account, {**fields, "csm": "Ana Torres"}, actor="Clara Oswald")
    return handle


async def raw(town: Town, handle: Handle) -> list[WorkflowHistory]:
    """All runs as somebody without the keys sees them."""
    plain = town.with_keys().client
    runs = [one async for one in plain.list_workflows(f'WorkflowId = "{handle.id}"')]
    handles = [plain.get_workflow_handle(run.id, run_id=run.run_id) for run in runs]
    return [await one.fetch_history() for one in handles]


def told(histories: list[WorkflowHistory]) -> str:
    """Every byte of them that can be read."""
    return "".join(
        event.SerializeToString().decode("utf-8", "replace")
        for history in histories
        for event in history.events
    )


async def test_a_life_under_a_key(sealed: Town) -> None:
    """R13, R18, N4: commands, answers, queries, timers, deliveries and continuing as new; nothing is readable."""
    acme = sealed.account("kunde")
    handle = await meet(sealed, acme)
    now = (await sealed.state(acme)).clock
    assert now is not None
    await api(sealed).hold(
        acme, now + timedelta(days=30), actor="Ana Torres", reason="merger with Globex"
    )
    await api(sealed).release(acme, actor="Ana Torres")
    with pytest.raises(Refusal, match="Did you mean launched"):
        await api(sealed).set_stage(acme, JOURNEY, "launchd", actor="Ana Torres", reason="Oswald")
    for number in range(9):
        await sealed.report(acme, "user.logged_in", user=f"clara{number}")
    await sealed.recorded(acme, lambda it: len(it.window) == 10)
    await sealed.forward(acme, days=15)
    await sealed.in_stage(acme, JOURNEY, "launched")
    seen = await until(lambda: api(sealed).state(acme), lambda it: bool(it.fields))
    assert seen.fields["contact_name"] == "Clara Oswald"
    assert await api(sealed).forecast(acme)
    histories = await until(lambda: raw(sealed, handle), lambda found: len(found) > 1)
    words = told(histories)
    assert [name for name in PERSONAL if name in words] == []
    assert "record" in words
    # A signal that comes while a run ends has the server ask once more; nothing else may fail.
    assert set(await failures(sealed, handle)) <= {"UnhandledCommand"}


async def test_the_details_and_the_memo_are_encrypted(sealed: Town) -> None:
    """What the Temporal UI shows of a workflow: readable with the keys, a riddle without."""
    acme = sealed.account()
    await api(sealed).start(acme, {"name": "Acme"}, actor="Clara Oswald")
    await api(sealed).set_stage(acme, JOURNEY, "adopting", actor="Ana Torres", reason="Oswald left")
    about = "__temporal_workflow_metadata"
    shown = await until(lambda: sealed.handle(acme).query(about), lambda it: "Torres" in str(it))
    assert "Oswald left" in str(shown)
    request = QueryWorkflowRequest(
        namespace=sealed.client.namespace, query=WorkflowQuery(query_type=about)
    )
    request.execution.workflow_id = contract.workflow_id(acme)
    answer = await sealed.client.workflow_service.query_workflow(request)
    assert b"Torres" not in answer.SerializeToString()
    described = await sealed.handle(acme).describe()
    assert (
        acme.encode()
        not in described.raw_description.workflow_execution_info.memo.SerializeToString()
    )
    assert await described.static_summary() == f"The life of {acme}"
    assert acme.encode() not in described.raw_description.execution_config.SerializeToString()


async def test_a_new_key_takes_over_in_the_middle(quiet_town: Town) -> None:
    acme = quiet_town.account()
    before, after = quiet_town.with_keys(OLD), quiet_town.with_keys(NEW, OLD)
    async with before.open():
        handle = await meet(before, acme)
    async with after.open():
        await api(after).set_fields(acme, {"plan": "Pro"}, actor="ann")
        await after.forward(acme, days=15)
        await after.in_stage(acme, JOURNEY, "launched")
        assert (await until(lambda: api(after).state(acme))).fields["plan"] == "Pro"
    words = told(await raw(after, handle))
    assert "2026-05" in words
    assert "2026-11" in words


async def test_an_account_written_in_plain_goes_on_under_a_key(quiet_town: Town) -> None:
    """And with `plain` in the first place the way back is open too."""
    acme = quiet_town.account()
    async with quiet_town.open():
        await meet(quiet_town, acme)
    for keys, plan in (((NEW,), "Pro"), (("plain", NEW), "Free")):
        town = quiet_town.with_keys(*keys)
        async with town.open():
            await api(town).set_fields(acme, {"plan": plan}, actor="ann")
    assert (await quiet_town.state(acme)).fields["plan"] == "Free"


async def test_a_worker_without_the_key_waits_for_it_and_loses_nothing(quiet_town: Town) -> None:
    """The task fails and is tried again; with the key everything that came meanwhile is taken in order."""
    acme = quiet_town.account()
    both, poor = quiet_town.with_keys(NEW, OLD), quiet_town.with_keys(OLD)
    async with poor.open():
        handle = await meet(poor, acme)
        await both.report(acme, "kickoff.held")
        failed = await until(lambda: failures(both, handle))
        assert "the key '2026-11', and LIFECYCLE_CODEC_KEYS has 2026-05 here" in failed[0]
    async with both.open():
        # The pause before the next try has grown meanwhile.
        look = partial(both.state, acme)
        state = await until(look, lambda it: len(it.window) == 2, within=60)
    assert state.refused == 0
    assert [event.type for event in await both.events(acme)] == [
        "opportunity.closed_won",
        "kickoff.held",
    ]


async def failures(town: Town, handle: Handle) -> list[str]:
    """What failed workflow tasks say, readable by whoever operates Temporal."""
    histories = await raw(town, handle)
    found = EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
    return [
        event.workflow_task_failed_event_attributes.failure.message
        for history in histories
        for event in history.events
        if event.event_type == found
    ]


async def test_a_client_without_the_key_is_told(sealed: Town) -> None:
    acme = sealed.account()
    await api(sealed).start(acme, {}, actor="ann")
    with pytest.raises(KeyMissing, match=r"has no key here\.\n.*docs/operating\.md"):
        await api(sealed.with_keys()).state(acme)


async def test_a_message_that_was_tampered_with_is_refused_and_seen(sealed: Town) -> None:
    """Nobody can wedge an account with it."""
    acme = sealed.account()
    await meet(sealed, acme)
    [payload] = await make_converter(sealed.settings.ring).encode([{"id": "x"}])
    payload.data = payload.data[:-1] + bytes([payload.data[-1] ^ 1])
    outsider = sealed.with_keys().handle(acme)
    await outsider.signal(contract.RECORD_EVENT, RawValue(payload))
    state = await sealed.recorded(acme, lambda it: it.refused == 1)
    assert state.fields["contact_name"] == "Clara Oswald"
