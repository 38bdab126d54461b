"""After an outage (N8): no worker ran while timers fell due. Each is carried out once, in turn, at the pace asked.

`LIFECYCLE_TIMERS=1000` has as many of them fall due on SQLite; two hundred take half a minute, a thousand three.
"""

import asyncio
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Text, cast, func, select
from temporalio.testing import WorkflowEnvironment

from activities.catching_up import CatchingUp
from lifecycle import contract
from lifecycle.catching_up import look_again
from lifecycle.settings import Settings
from lifecycle.store.catching_up_tables import OutageRow, TurnRow, TurnStatus
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.tables import AccountRow, EffectRow, EffectStatus, JournalRow, table_of
from lifecycle.store.turns import Policy, Whom, release
from tests.clock import fast_forward_or_end, until
from tests.workflows.conftest import prepare
from tests.workflows.failpoints import AFTER, breaking
from tests.workflows.town import Handle, Town
from worker import make_activities

ACCOUNT, EFFECT, JOURNAL = table_of(AccountRow), table_of(EffectRow), table_of(JournalRow)
OUTAGE, TURN = table_of(OutageRow), table_of(TurnRow)
WEEK, MINUTE, SECOND = timedelta(days=7), timedelta(minutes=1), timedelta(seconds=1)
LATE = {"bounds": {"late": 1}}
REMINDER = "customer_journey.training_reminder"
PATIENCE = 120.0
MANY = int(os.environ.get("LIFECYCLE_TIMERS", "200"))
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass
class Sleepers:
    """Accounts whose reminder falls due at one instant, while no worker runs."""

    town: Town
    policy: Policy
    due: datetime = NEVER
    names: list[str] = field(default_factory=list)

    def activities(self) -> list[Callable[..., Any]]:
        """Those of a worker with this policy."""
        usual = make_activities(self.town.store, self.town.settings)
        ours = CatchingUp(self.town.store, self.policy)
        others = [one for one in usual if one.__name__ not in ("admit", "let_go")]
        return [*others, ours.admit, ours.let_go]

    async def fall_asleep(self, many: int) -> None:
        """They begin with a week less the time it takes to begin them all; then the worker goes, and it is due."""
        async with self.town.open(self.activities()):
            await self._begin([self.town.account(f"v{number}") for number in range(10)], _now())
            begun = time.monotonic()
            await self._begin([self.town.account(f"w{number}") for number in range(50)], _now())
            seconds = (time.monotonic() - begun) / 50 * many * 1.5 + 5
            self.due = _now() + timedelta(seconds=seconds)
            await self._begin(
                [self.town.account(f"a{number:04}") for number in range(many)], self.due - WEEK
            )
        self.names = await self._asleep()
        assert len(self.names) > many // 2
        while _now() < self.due + 2 * SECOND:  # noqa: ASYNC110 - the clock is what is waited for
            await asyncio.sleep(0.1)

    async def _begin(self, names: list[str], at: datetime) -> None:
        few = asyncio.Semaphore(50)

        async def begin(name: str) -> None:
            async with few:
                await self.town.send(
                    name,
                    contract.IMPORT_HISTORY,
                    _history(name, at),
                    start={"account": name, **LATE},
                )

        await asyncio.gather(*map(begin, names))
        there = select(func.count()).where(ACCOUNT.c.id.in_(names), ACCOUNT.c.revision > 2)
        await until(lambda: self.count(there), lambda number: number == len(names), PATIENCE)

    async def _asleep(self) -> list[str]:
        """Who was begun in time: all of them, unless the machine was slower than just before."""
        query = select(ACCOUNT.c.id).where(ACCOUNT.c.next_deadline == self.due)
        async with self.town.store.connected() as connection:
            return sorted((await connection.execute(query)).scalars())

    async def count(self, query: Any) -> int:
        async with self.town.store.connected() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def statuses(self) -> Counter[TurnStatus]:
        query = select(TURN.c.status).where(TURN.c.asked_at.is_not(None))
        async with self.town.store.connected() as connection:
            return Counter((await connection.execute(query)).scalars())

    async def details(self, account: str) -> str:
        """What the Temporal UI says of its turn."""
        found = await self.town.handle(account).query("__temporal_workflow_metadata")
        shown = str(found.current_details)
        return shown[shown.find("**Catching up**") :] if "**Catching up**" in shown else ""

    async def mails(self) -> int:
        sent = EFFECT.c.status == EffectStatus.SENT
        return await self.count(select(func.count()).where(EFFECT.c.automation == REMINDER, sent))

    @property
    def conductor(self) -> Handle:
        name = contract.catch_up_id(self.town.settings.task_queue)
        return self.town.client.get_workflow_handle(name)

    async def release(self, *names: str) -> None:
        """As `catch-up release` does."""
        await release(self.town.store, Whom(accounts=names), "ana", _now())
        await look_again(self.town.client, self.town.settings.task_queue)

    async def minutes_pass(self, done: int) -> None:
        """For whoever gives the turns, until so many went on."""
        gone = select(func.count()).where(TURN.c.status == TurnStatus.GONE, TURN.c.is_told)
        for _ in range(30):
            if await self.count(gone) >= done:
                return
            await fast_forward_or_end(self.town.env, self.conductor, MINUTE)
        raise AssertionError("they do not go on")


def _now() -> datetime:
    return datetime.now(UTC)


def _history(name: str, at: datetime) -> dict[str, Any]:
    """A deal won at that instant, told by the import door."""
    deal = {"id": "deal", "source": "crm", "type": "opportunity.closed_won", "data": {}}
    return {
        "created": (at - timedelta(days=1)).isoformat(),
        "fields": {"contact_email": f"{name}@example.com"},
        "events": [{**deal, "time": at.isoformat()}],
        "until": _now().isoformat(),
    }


@pytest.fixture
async def both(
    registered: WorkflowEnvironment, tmp_path: Path, database_url: str
) -> AsyncIterator[Town]:
    """No worker runs: once over SQLite, once over PostgreSQL."""
    settings = Settings(state_dir=tmp_path, task_queue=f"test-{uuid4()}", database_url=database_url)
    await prepare(settings)
    store = Store(make_engine(settings.database))
    yield Town(registered, settings, store)
    await store.close()


async def test_a_worker_is_down_over_many_timers(both: Town) -> None:
    """N8: held for approval, released by hand, paced; the work breaks between any two steps; each once."""
    town, many = both, MANY // 5 if both.store.is_postgresql else MANY
    pace = many // 4
    policy = Policy(SECOND, 2 * MINUTE, per_minute=pace, approve_above=0)
    sleepers = Sleepers(town, policy)
    await sleepers.fall_asleep(many)
    all_of_them = len(sleepers.names)
    async with town.open(breaking(sleepers.activities(), contract.ADMIT, AFTER, times=5)):
        held = Counter({TurnStatus.HELD: all_of_them})
        await until(sleepers.statuses, lambda found: found == held, PATIENCE)
        assert await sleepers.mails() == 0
        await sleepers.release(*sleepers.names[:10])
        await sleepers.minutes_pass(10)
        await until(sleepers.mails, lambda number: number == 10, PATIENCE)
        await sleepers.release()
        await sleepers.minutes_pass(all_of_them // 2)
    broken = breaking(sleepers.activities(), contract.LET_GO, AFTER, times=2)
    async with town.open(breaking(broken, contract.RECORD, AFTER, times=5)):
        await sleepers.minutes_pass(all_of_them)
        await until(sleepers.mails, lambda number: number == all_of_them, PATIENCE)
        await assert_each_once(sleepers)
    await assert_the_pace_was_kept(sleepers, pace)


async def assert_each_once(sleepers: Sleepers) -> None:
    """One entry of the journal, one mail; nobody is left behind."""
    # On working days five business days are up at the same instant: those are other deadlines.
    fired = select(JOURNAL.c.account).where(
        JOURNAL.c.at == sleepers.due,
        JOURNAL.c.kind == "Deadline",
        cast(JOURNAL.c.input, Text).contains(f'"{REMINDER}"'),
    )
    sent = select(EFFECT.c.account).where(EFFECT.c.automation == REMINDER)
    behind = select(func.count()).where(ACCOUNT.c.next_deadline <= sleepers.due)
    async with sleepers.town.store.connected() as connection:
        for query in (fired, sent):
            assert sorted((await connection.execute(query)).scalars()) == sleepers.names
    assert await sleepers.count(behind) == 0
    ids = [mail["Message-ID"] for mail in sleepers.town.outbox()]
    assert len(set(ids)) == len(ids) == len(sleepers.names)


async def assert_the_pace_was_kept(sleepers: Sleepers, pace: int) -> None:
    """No minute had more, and those of one release went on in their order."""
    query = select(TURN.c.gone_at, TURN.c.place).where(TURN.c.status == TurnStatus.GONE)
    async with sleepers.town.store.connected() as connection:
        gone = sorted(tuple(row) for row in await connection.execute(query))
    times = [at for at, _ in gone]
    assert max(sum(at - MINUTE < one <= at for one in times) for at in set(times)) <= pace
    rest = [place for _, place in gone[10:]]
    assert rest == sorted(rest)


async def test_what_happens_meanwhile_comes_with_the_timers_before_it(quiet_town: Town) -> None:
    """R20: an event to an account that is held is applied at once, after the deadline it is behind with."""
    sleepers = Sleepers(quiet_town, Policy(SECOND, MINUTE, 600, approve_above=0))
    await sleepers.fall_asleep(4)
    first = sleepers.names[0]
    async with quiet_town.open(sleepers.activities()):
        held = Counter({TurnStatus.HELD: len(sleepers.names)})
        await until(sleepers.statuses, lambda found: found == held, PATIENCE)
        details = await until(lambda: sleepers.details(first))
        assert "**Catching up**: its timers are behind since" in details
        assert "it is held until a person releases it" in details
        await quiet_town.report(first, "usage.reported", active_users=3)
        await until(sleepers.mails, lambda number: number == 1, PATIENCE)
        kinds = [type(entry.input).__name__ for entry in await quiet_town.journal(first)]
        assert kinds[-2:] == ["Deadline", "Event"]
        assert await sleepers.details(first) == ""


async def test_a_clock_that_is_moved_is_no_outage(town: Town) -> None:
    """N6: `fast-forward` fires each timer at its instant; nobody asks for a turn."""
    account = town.account()
    await town.win(account, contact_email="maria@example.com")
    await town.forward(account, days=15)
    await town.in_stage(account, "customer_journey", "launched")
    async with town.store.connected() as connection:
        assert not list(await connection.execute(select(OUTAGE)))


async def test_what_an_input_makes_due_is_no_outage(town: Town) -> None:
    """A history that ended long ago: what fell due since is carried out at once, as it always was (R21)."""
    account = town.account()
    at = _now() - timedelta(days=30)
    history = _history(account, at) | {"until": (at + timedelta(days=1)).isoformat()}
    await town.send(account, contract.IMPORT_HISTORY, history)
    await town.in_stage(account, "customer_journey", "launched")
    async with town.store.connected() as connection:
        assert not list(await connection.execute(select(OUTAGE)))
