"""No message may wedge or fail an account: every line of the table of messages that could.

Each is sent to a running account. Afterwards the account lives, has taken a good event, and the refusal is in
the journal with its reason (N3).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import (
    WorkflowExecutionStatus,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
)
from temporalio.common import RawValue

from lifecycle import contract
from lifecycle.core.changes import Entry
from tests.clock import until
from tests.workflows.town import Town

JSON = {"encoding": b"json/plain"}


def payload(data: bytes, **metadata: bytes) -> RawValue:
    """A payload as a broken or foreign client would send it."""
    return RawValue(Payload(metadata=metadata or JSON, data=data))


def event(**changes: Any) -> dict[str, Any]:
    """A good event, made bad."""
    good = {"id": "1", "source": "crm", "type": "kickoff.held", "data": {}}
    return {**good, **changes}


@dataclass(frozen=True)
class Bad:
    """A message, and a piece of the reason it is refused with."""

    name: str
    signal: str
    args: Sequence[Any]
    reason: str


def command(**changes: Any) -> dict[str, Any]:
    """A good command, made bad."""
    good = {"command": "set_fields", "actor": "ann", "fields": {"plan": "Pro"}, "id": "1"}
    return {**good, **changes}


def commands(bad: Any) -> dict[str, Any]:
    """The bad one between two good ones."""
    good = command(id="a"), command(id="b", fields={"seats": 5})
    return {"commands": [good[0], bad, good[1]]}


EVENT, EVENTS, OVERRIDE = contract.RECORD_EVENT, contract.RECORD_EVENTS, contract.OVERRIDE_STAGE
CARRY_OUT = contract.CARRY_OUT
BAD = [
    Bad("not JSON", EVENT, [payload(b"{broken")], "not JSON this engine can read"),
    Bad("no encoding", EVENT, [RawValue(Payload())], "not JSON this engine can read"),
    Bad("an unknown encoding", EVENT, [payload(b"x", encoding=b"binary/secret")], "binary/secret"),
    Bad("broken compression", EVENT, [payload(b"x", encoding=b"binary/zlib")], "binary/zlib"),
    Bad("null", EVENT, [payload(b"", encoding=b"binary/null")], "JSON object"),
    Bad("no argument", EVENT, [], "argument"),
    Bad("two arguments", EVENT, [event(), event()], "argument"),
    Bad("a text", EVENT, ["hello"], "JSON object"),
    Bad("a number", EVENT, [7], "JSON object"),
    Bad("a list to a door for one", EVENT, [[]], "JSON object"),
    Bad("no id", EVENT, [event(id=None)], "`id` is missing"),
    Bad("no source", EVENT, [event(source="")], "`source` is missing"),
    Bad("no type", EVENT, [event(type={})], "`type` is missing"),
    Bad("an id too long", EVENT, [event(id="x" * 501)], "501 characters"),
    Bad("no time", EVENT, [event(time="yesterday")], "is not a time"),
    Bad("a time out of range", EVENT, [event(time="9999-12-31")], "years"),
    Bad("nested data", EVENT, [event(data={"a": {"b": 1}})], "only texts, numbers"),
    Bad("data that is none", EVENT, [event(data=[1])], "`data` is a JSON object"),
    Bad("somebody else's", EVENT, [event(subject="other")], "was sent to the account"),
    Bad("huge", EVENT, [event(data={"a": "x" * 20_000})], "at most 16,000"),
    Bad("an unknown type", EVENT, [event(type="kickof.held")], "Did you mean kickoff.held?"),
    Bad("the engine's own", EVENT, [event(type="stage.late")], "Only the engine raises"),
    Bad("a bad value", EVENT, [event(type="wholesale.billed", data={"amount": "x"})], "amount"),
    Bad("a NUL in its type", EVENT, [event(type="a\x00b")], "NUL"),
    Bad("a NUL in its id", EVENT, [event(id="a\x00b")], "NUL"),
    Bad("a number of 80 bits", EVENT, [event(type="x", data={"n": 2**80})], "63 bits"),
    Bad("not a number", EVENT, [payload(b'{"id":"1","data":{"n":NaN}}')], "JSON cannot hold"),
    Bad("half a surrogate", EVENT, [payload(b'{"id":"\\ud800"}')], "not JSON this engine can read"),
    Bad("deep", EVENT, [payload(b"[" * 5_000 + b"]" * 5_000)], "JSON"),
    Bad("no list", EVENTS, [{"event": []}], "`id` is missing"),
    Bad("events that are none", EVENTS, [{"events": 7}], "list of events"),
    Bad("one of several", EVENTS, [[event(id="good"), 7]], "JSON object"),
    Bad("no stage", OVERRIDE, [{"actor": "ann", "lifecycle": "x"}], "No stage is named"),
    Bad("no lifecycle", OVERRIDE, [{"actor": "ann", "stage": "x"}], "`lifecycle` is missing"),
    Bad("a stage nobody has", OVERRIDE, [
        {"actor": "ann", "reason": "r", "lifecycle": "customer_journey", "stage": "moon"}
    ], "no stage 'moon'"),
    Bad("nobody", OVERRIDE, [
        {"reason": "r", "lifecycle": "customer_journey", "stage": "launched"}
    ], "who gives it"),
    Bad("commands that are none", CARRY_OUT, [{"commands": "x"}], "a list in `commands`"),
    Bad("a list of commands", CARRY_OUT, [[command()]], "a list in `commands`"),
    Bad("commands not JSON", CARRY_OUT, [payload(b"{broken")], "not JSON this engine can read"),
    Bad("no commands", CARRY_OUT, [], "argument"),
    Bad("one command that is none", CARRY_OUT, [commands(7)], "JSON object"),
    Bad("a command without a name", CARRY_OUT, [commands(command(command=None))],
        "`command` is missing"),
    Bad("a command nobody knows", CARRY_OUT, [commands(command(command="close_ctas"))],
        "Did you mean close_cta?"),
    Bad("a command of nobody", CARRY_OUT, [commands(command(actor=""))], "who gives it"),
    Bad("an event as a command", CARRY_OUT, [commands(event(command="report_event"))],
        "no command 'report_event'"),
    Bad("a field nobody has", CARRY_OUT, [commands(command(fields={"planet": "x"}))], "planet"),
    Bad("a command too large", CARRY_OUT, [commands(command(fields={"plan": "x" * 20_000}))],
        "at most 16,000"),
    Bad("an id that is none", CARRY_OUT, [commands(command(id=7))], "`id` is a text"),
    Bad("a NUL in a command", CARRY_OUT, [commands(command(reason="a\x00b"))], "NUL"),
    Bad("a past that is none", contract.IMPORT_HISTORY, [{"events": "x"}], "list of events"),
    Bad("a bad past", contract.IMPORT_HISTORY, [{"events": [7]}], "JSON object"),
    Bad("no book", contract.ADOPT, [{"actor": "ann"}], "`book` is missing"),
    Bad("policies", contract.ADOPT, [{"book": "x", "policies": {"a": 1}}], "policy is a text"),
    Bad("no lead", contract.SET_LEAD, [{"seconds": "x"}], "whole number"),
    Bad("no effect", contract.REDELIVER, [{}], "`effect` is missing"),
    Bad("an unknown signal", "make_coffee", ["now"], "no signal 'make_coffee'"),
    Bad("an unknown signal, unreadable", "x\x00y", [payload(b"{")], "no signal"),
]  # fmt: skip


def refusals(entries: list[Entry]) -> list[str]:
    return [str(entry.refused) for entry in entries if entry.refused is not None]


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
async def test_a_bad_signal_is_refused_and_the_account_lives(town: Town, bad: Bad) -> None:
    acme = town.account()
    handle = await town.win(acme)
    await handle.signal(bad.signal, args=bad.args)
    await handle.signal(EVENT, event(id="after", type="training.completed"))
    await town.in_stage(acme, "customer_journey", "launched")
    assert bad.reason in " ".join(refusals(await town.journal(acme)))
    assert (await town.state(acme)).refused == 1
    await assert_well(town, acme)


async def assert_well(town: Town, account: str) -> None:
    """Running, not one task failed, and the refusal stands where operators look."""
    described = await town.handle(account).describe()
    assert described.status is WorkflowExecutionStatus.RUNNING
    history = await town.handle(account).fetch_history()
    assert not [
        one for one in history.events if one.HasField("workflow_task_failed_event_attributes")
    ]
    assert len((await town.handle(account).query(contract.STATE))["refused"]) == 1


async def test_a_signal_with_one_readable_and_one_unreadable_argument_is_harmless(
    town: Town,
) -> None:
    """The library drops it with one log line before any of our code can see it."""
    acme = town.account()
    handle = await town.win(acme)
    await handle.signal(EVENT, args=[event(), payload(b"{")])
    await handle.signal(EVENT, event(id="after", type="training.completed"))
    await town.in_stage(acme, "customer_journey", "launched")


async def test_the_reason_is_shown_in_the_temporal_ui(town: Town) -> None:
    """A refused message stands in the workflow's details, with the door it came through."""
    acme = town.account()
    handle = await town.win(acme)
    await handle.signal("make_coffee")

    async def details() -> str:
        found = await handle.query("__temporal_workflow_metadata")
        return str(found.current_details)

    seen = await until(details, lambda text: "make" in text)
    assert "There is no signal" in seen
    assert "Customer journey | Onboarding" in seen


def opening(**changes: Any) -> dict[str, Any]:
    """A good CTA, made bad."""
    return {"actor": "ann", "title": "Call them", **changes}


BAD_UPDATES: list[tuple[str, str, list[Any], str]] = [
    ("not JSON", contract.SET_STAGE, [payload(b"{")], "unreadable"),
    ("no argument", contract.SET_STAGE, [], ""),
    ("two arguments", contract.HOLD, [{}, {}], ""),
    ("a text", contract.UNDO, ["x"], "bad_message"),
    ("unknown name", "make_coffee", [{}], ""),
    ("no end", contract.HOLD, [{"actor": "ann", "reason": "r"}], "bad_message"),
    ("an end that is past", contract.HOLD,
     [{"actor": "ann", "reason": "r", "until": "2020-01-01"}], "bad_time"),
    ("no hold", contract.RELEASE, [{"actor": "ann"}], "not_on_hold"),
    ("no field", contract.SET_FIELDS, [{"actor": "ann", "fields": {"arrr": 1}}], "bad_field"),
    ("no CTA", contract.CLOSE_CTA, [{"actor": "ann", "cta": "x"}], "unknown_cta"),
    ("no task", contract.DO_TASK, [{"actor": "ann", "cta": "x"}], "bad_message"),
    ("a CTA without a title", contract.OPEN_CTA, [{"actor": "ann"}], "bad_message"),
    ("a blank title", contract.OPEN_CTA, [opening(title=" ")], "bad_message"),
    ("a title that is none", contract.OPEN_CTA, [opening(title=["x"])], "bad_message"),
    ("a long title", contract.OPEN_CTA, [opening(title="x" * 600)], "bad_message"),
    ("opened by nobody", contract.OPEN_CTA, [opening(actor=None)], "no_actor"),
    ("due some day", contract.OPEN_CTA, [opening(due="some day soon")], "bad_duration"),
    ("due in a month", contract.OPEN_CTA, [opening(due="1 month")], "bad_duration"),
    ("due on no day", contract.OPEN_CTA, [opening(due="2027-02-30")], "bad_time"),
    ("due at a number", contract.OPEN_CTA, [opening(due=5)], "bad_message"),
    ("due in the past", contract.OPEN_CTA, [opening(due="2020-01-01")], "bad_time"),
    ("a huge due", contract.OPEN_CTA, [opening(due="9" * 8 + " weeks")], "bad_duration"),
    ("a playbook nobody has", contract.OPEN_CTA, [opening(playbook="kickof")], "unknown_playbook"),
    ("a priority nobody has", contract.OPEN_CTA, [opening(priority="hihg")], "unknown_priority"),
    ("an owner nobody is", contract.OPEN_CTA, [opening(owner="csmm")], "unknown_owner"),
    ("a lifecycle nobody has", contract.OPEN_CTA, [opening(lifecycle="x")], "unknown_lifecycle"),
    ("no stage there", contract.OPEN_CTA, [opening(lifecycle="escalation")], "no_stage"),
    ("leaving nothing", contract.OPEN_CTA, [opening(close_on_leaving=True)], "no_lifecycle"),
    ("leaving maybe", contract.OPEN_CTA, [opening(close_on_leaving="yes")], "bad_message"),
    ("CTA not JSON", contract.OPEN_CTA, [payload(b"{")], "unreadable"),
    ("a CTA in no message", contract.OPEN_CTA, [], ""),
    ("a snooze without end", contract.SNOOZE_CTA, [{"actor": "ann", "cta": "x"}], "bad_message"),
    ("a snooze until whenever", contract.SNOOZE_CTA,
     [{"actor": "ann", "cta": "x", "until": "whenever"}], "bad_time"),
    ("a snooze of nothing", contract.SNOOZE_CTA,
     [{"actor": "ann", "until": "2030-01-01"}], "bad_message"),
    ("a snooze of no CTA", contract.SNOOZE_CTA,
     [{"actor": "ann", "cta": "x", "until": "2030-01-01"}], "unknown_cta"),
    ("a snooze that is a list", contract.SNOOZE_CTA, [[]], "bad_message"),
    ("assigned to nobody", contract.ASSIGN_CTA, [{"actor": "ann", "cta": "x"}], "bad_message"),
    ("assigned by nobody", contract.ASSIGN_CTA, [{"cta": "x", "owner": "csm"}], "no_actor"),
    ("no CTA to assign", contract.ASSIGN_CTA,
     [{"actor": "ann", "cta": "x", "owner": "csm"}], "unknown_cta"),
    ("two to assign", contract.ASSIGN_CTA, [{}, {}], ""),
    ("no such event", contract.REPORT_EVENT, [event(type="x.y")], "unknown_event"),
    ("nested fields", contract.START, [{"fields": {"a": []}}], "bad_message"),
    ("a flag", contract.SET_STAGE,
     [{"actor": "a", "lifecycle": "l", "stage": "s", "anyway": 1}], "bad_message"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("update", "args", "code"),
    [case[1:] for case in BAD_UPDATES],
    ids=[case[0] for case in BAD_UPDATES],
)
async def test_a_bad_update_is_refused_before_it_enters_the_history(
    town: Town, update: str, args: list[Any], code: str
) -> None:
    """R16: the same words at this door, and nothing left behind."""
    acme = town.account()
    handle = await town.win(acme)
    await town.in_stage(acme, "onboarding", "kickoff")
    before = (await town.state(acme)).revision
    with pytest.raises(WorkflowUpdateFailedError) as failed:
        await handle.execute_update(update, args=args)
    assert getattr(failed.value.cause, "type", "") in (code, "TypeError", "RuntimeError")
    history = await handle.fetch_history()
    assert not [
        one
        for one in history.events
        if one.HasField("workflow_execution_update_accepted_event_attributes")
    ]
    assert (await town.state(acme)).revision == before


async def test_an_update_the_database_refuses_costs_that_update_only(town: Town) -> None:
    """A NUL byte passes the validator; the database says no; the person hears it."""
    acme = town.account()
    await town.win(acme)
    with pytest.raises(WorkflowUpdateFailedError) as failed:
        await town.update(
            acme, contract.SET_STAGE, actor="ann", reason="a\x00b",
            lifecycle="customer_journey", stage="launched",
        )  # fmt: skip
    assert "NUL" in str(failed.value.cause)
    await town.update(
        acme, contract.SET_STAGE, actor="ann", reason="again",
        lifecycle="customer_journey", stage="launched",
    )  # fmt: skip
    await town.in_stage(acme, "customer_journey", "launched")


async def test_one_culprit_in_a_burst_costs_nobody_else_anything(town: Town) -> None:
    """Forty good events around a bad one in one signal: all forty are recorded, once each."""
    acme = town.account()
    handle = await town.win(acme)
    burst = [event(id=str(n), type="user.logged_in") for n in range(40)]
    burst[20] = event(id="nul", type="no\x00such")
    await handle.signal(EVENTS, burst)
    state = await town.recorded(acme, lambda it: len(it.window) == 40)
    assert state.refused == 1


@pytest.mark.parametrize(
    "start",
    [
        "acme",
        [1],
        {"state": 7, "book": {}},
        {"waiting": [{"is": "X"}]},
        {"state": {"account": "other", "fields": 5}, "book": {"account": 1}},
        {"bounds": {"events": "many"}},
        {"bounds": {"events": 0, "signals": -1}},
        {"deliveries": {"x": "yesterday"}, "why": {"x": 1}},
    ],
)
async def test_any_input_starts_an_account(town: Town, start: Any) -> None:
    """An input of another release, or of a person at the Temporal UI: the account enters by its id."""
    acme = town.account()
    await town.send(acme, EVENT, event(type="opportunity.closed_won"), start=start)
    await town.in_stage(acme, "customer_journey", "onboarding")


async def test_a_bad_question_fails_that_question_only(town: Town) -> None:
    acme = town.account()
    handle = await town.win(acme)
    with pytest.raises(WorkflowQueryFailedError):
        await handle.query(contract.FORECAST, {"days": "many"})
    assert await handle.query(contract.FORECAST)
    assert await handle.query(contract.FORECAST, "x")


async def test_an_account_id_that_cannot_be_stored_wedges_nobody(town: Town) -> None:
    """The database takes 255 characters: the messages are refused, the workflow ends."""
    long = town.account("x" * 300)
    handle = await town.send(long, EVENT, event(type="opportunity.closed_won"))
    await until(handle.describe, lambda it: it.status is WorkflowExecutionStatus.COMPLETED)
