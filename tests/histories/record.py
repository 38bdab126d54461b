"""`make history`: record a workflow history of this version, for the replay tests.

Run it for a release. Histories are never changed or removed: an account may live for years on what they hold.
"""

import asyncio
import json
import re
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from operator import eq
from pathlib import Path
from typing import Any
from uuid import uuid4

from temporalio.client import WorkflowHistory

from lifecycle import __version__, contract
from lifecycle import contract_verification as names
from lifecycle.converter import data_converter
from lifecycle.search_attributes import register
from lifecycle.settings import Settings
from lifecycle.signing import make_secret
from lifecycle.store.catching_up_tables import TurnStatus
from lifecycle.store.definitions import current_book
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.turns import Policy
from lifecycle.telling.erasing import Asked, begin, preview
from lifecycle.telling.viewer import Viewer
from tests.campaigns.stand import Stand
from tests.clock import current_time, fast_forward, start_environment, until
from tests.publications.press import Press
from tests.smtp import SmtpServer
from tests.workflows.conftest import prepare
from tests.workflows.test_erasure import ShortRuns
from tests.workflows.test_outages import MINUTE, SECOND, Sleepers
from tests.workflows.town import Handle, Town

MACHINE = re.compile(r"\d+@[\w.-]+")
FOLDER = Path(__file__).parent
JOURNEY = "customer_journey"


async def record() -> list[Path]:
    """The runs of every kind of workflow: they hold every kind of command the workflows give."""
    async with await start_environment(data_converter) as environment:
        await register(environment.client)
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(state_dir=Path(folder), task_queue=f"history-{uuid4()}")
            await prepare(settings)
            town = Town(environment, settings, Store(make_engine(settings.database)))
            async with town.open():
                lives = await live(town)
                publishings, changings = await publish(town)
                verifyings, erasings = await verify(town), await erase(town)
                # Whoever is mailed lives in the database only: nobody else may come after.
                sendings = await send(town)
            turns, behind = await sleep(town)
            await town.store.close()
    return [
        _write(history, f"{kind}-{number}")
        for kind, histories in (
            ("run", lives),
            ("sending", sendings),
            ("verifying", verifyings),
            ("publishing", publishings),
            ("changing", changings),
            ("erasing", erasings),
            ("turns", turns),
            ("behind", behind),
        )
        for number, history in enumerate(histories, 1)
    ]


async def live(town: Town) -> list[WorkflowHistory]:
    """An account that meets everything; answers with the histories of its two runs."""
    account = town.account()
    past = {
        "created": "2026-01-01",
        "fields": {"contact_email": "m@example.com"},
        "until": "2026-01-02",
    }
    start = {"account": account, "bounds": {"signals": 8}}
    handle = await town.send(account, contract.IMPORT_HISTORY, past, start=start)
    await town.win(account)
    await town.mails(1)
    await _by_hand(town, account, await current_time(town.env, handle))
    await handle.signal("make_coffee")
    await handle.signal(contract.RECORD_EVENT, "not an event")
    await handle.signal(contract.RECORD_EVENT, {"id": "nul", "source": "x", "type": "a\x00b"})
    await town.forward(account, days=16)
    await town.in_stage(account, JOURNEY, "launched")
    for number in range(5):
        await town.report(account, "usage.reported", active_users=number)
    await town.recorded(account, lambda it: it.fields.get("active_users") == 4)
    return [await _history(town, handle.id, run) for run in await _runs(town, handle)]


async def send(town: Town) -> list[WorkflowHistory]:
    """A campaign that meets everything; to owners, because contacts have quiet hours."""
    book, _ = await current_book(town.store)
    outbox = SmtpServer("outbox", 0, "none", Path())
    stand = Stand(town.env, town.settings, town.store, book, outbox, name="spring-news")
    await stand.people((f"p{number:02}" for number in range(12)), owner_email="owner@example.com")
    await stand.begin_short(60, per_hour=60, roles=["owner"])
    await stand.counted(sent=1)
    await stand.order(contract.PAUSE, reason="a wrong link")
    await stand.handle.signal("make_coffee")
    await stand.order(contract.RESUME)
    for sent in range(2, 10):
        await stand.forward(seconds=61)
        await stand.counted(sent=sent)
    await stand.order(contract.SET_PACE, per_hour=None)
    await stand.end()
    return [await _history(town, stand.handle.id, run) for run in await _runs(town, stand.handle)]


async def verify(town: Town) -> list[WorkflowHistory]:
    """A verification that keeps a slow pace over several runs, until somebody stops it."""
    for number in range(6):
        await town.win(town.account(f"verified-{number}"))
    handle = await town.client.start_workflow(
        names.VERIFICATION_WORKFLOW,
        {"plan": {"actor": "ann", "per_minute": 1}, "events": 20},
        id=f"verification/{town.prefix}",
        task_queue=town.settings.task_queue,
    )
    newest = town.client.get_workflow_handle(handle.id)

    async def looked_at() -> int:
        return int((await newest.query(contract.PROGRESS)).get("accounts", 0))

    await newest.signal("make_coffee")
    for looked in range(1, 5):
        await until(looked_at, partial(eq, looked))
        await fast_forward(town.env, newest, timedelta(seconds=61))
    await until(looked_at, partial(eq, 5))
    await newest.signal(names.STOP)
    await newest.result()
    return [await _history(town, newest.id, run) for run in await _runs(town, newest)]


async def publish(town: Town) -> tuple[list[WorkflowHistory], list[WorkflowHistory]]:
    """A version that is tried, stopped, rolled on and brought back; the publication's histories, its change-set's."""
    press = Press(town)
    found: tuple[list[WorkflowHistory], list[WorkflowHistory]] = ([], [])
    outcome = await press.publish(45, share=50)
    await press.accounts(6)
    name = await press.go(outcome)
    await press.until(name, "watching")
    one, other = press.publications.handle(name), press.changes.handle(f"publish-{name}")
    for handle in (one, other):
        await handle.signal("make_coffee")
    await press.publications.look(name, actor="ann")
    await press.forward(name, hours=2)
    await press.publications.stop(name, actor="ann", reason="a doubt")
    await press.publications.roll_on(name, actor="ann", reason="none left")
    await press.until(name, "done")
    await ended(town, found, one, other)
    await press.publications.roll_back(name, actor="ann", reason="wrong all the same")
    await press.until(name, "rolled back")
    await ended(town, found, one, other)
    return found


async def ended(town: Town, found: tuple[list[WorkflowHistory], ...], *handles: Handle) -> None:
    """Their newest runs, once they have ended."""
    for histories, handle in zip(found, handles, strict=True):
        await handle.result()
        histories += [await _history(town, handle.id, run) for run in await _runs(town, handle)]


async def erase(town: Town) -> list[WorkflowHistory]:
    """A person whom two accounts know; a run for each."""
    for number in range(2):
        fields = {"name": "Acme", "contact_email": "maria.weber@example.com"}
        await town.update_with_start(town.account(f"known{number}"), fields)
    make_secret(town.settings)
    viewer = Viewer(town.store, datetime.now(UTC), UTC)
    found = await preview(viewer, town.settings, Asked(person="maria.weber@example.com"))
    row = await begin(viewer, ShortRuns(town.client, town.settings.task_queue), found, "dpo", "")
    handle = town.client.get_workflow_handle(contract.erasure_id(row.id))
    await handle.result()
    return [await _history(town, handle.id, run) for run in await _runs(town, handle)]


async def sleep(town: Town) -> tuple[list[WorkflowHistory], list[WorkflowHistory]]:
    """No worker runs while timers fall due; the histories of whoever gives the turns, and of an account."""
    sleepers = Sleepers(town, Policy(SECOND, MINUTE, per_minute=4, approve_above=0))
    await sleepers.fall_asleep(4)
    async with town.open(sleepers.activities()):
        held = Counter({TurnStatus.HELD: len(sleepers.names)})
        await until(sleepers.statuses, partial(eq, held))
        await sleepers.conductor.signal("make_coffee")
        await sleepers.release()
        await sleepers.minutes_pass(len(sleepers.names))
        await until(sleepers.mails, partial(eq, len(sleepers.names)))
        await sleepers.conductor.result()
        behind = town.handle(sleepers.names[0])
        return (
            [
                await _history(town, sleepers.conductor.id, run)
                for run in await _runs(town, sleepers.conductor)
            ],
            [await _history(town, behind.id, run) for run in await _runs(town, behind)],
        )


async def _by_hand(town: Town, account: str, now: datetime) -> None:
    move = {"actor": "ann", "reason": "a slip", "lifecycle": JOURNEY, "stage": "renewal"}
    await town.update(account, contract.SET_STAGE, **move)
    await town.update(account, contract.UNDO, actor="ann", reason="it was one")
    until = (now + timedelta(days=1)).isoformat()
    await town.update(account, contract.HOLD, actor="ann", reason="merger", until=until)


async def _runs(town: Town, handle: Handle) -> list[str]:
    """The runs of a workflow, the first one first."""
    described = await handle.describe()
    runs = [described.run_id]
    while True:
        history = await _history(town, handle.id, runs[0])
        started = history.events[0].workflow_execution_started_event_attributes
        if not started.continued_execution_run_id:
            return runs
        runs.insert(0, started.continued_execution_run_id)


async def _history(town: Town, workflow: str, run: str) -> WorkflowHistory:
    return await town.env.client.get_workflow_handle(workflow, run_id=run).fetch_history()


def _write(history: WorkflowHistory, name: str) -> Path:
    """What is recorded of a release stays as it is."""
    path = FOLDER / f"{__version__}-{name}.json"
    if path.exists():
        return path
    path.write_text(json.dumps(_without_machine(json.loads(history.to_json())), indent=1) + "\n")
    return path


def _without_machine(data: Any) -> Any:
    """Names of this machine, its processes and its folders are nobody's business."""
    if isinstance(data, dict):
        return {name: _without_machine(part) for name, part in data.items() if name != "stackTrace"}
    if isinstance(data, list):
        return [_without_machine(part) for part in data]
    return MACHINE.sub("1@recorder", data) if isinstance(data, str) else data


if __name__ == "__main__":
    for written in asyncio.run(record()):
        print(written)
