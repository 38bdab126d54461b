"""The steps of an erasure (N12). Each may be done again: it goes on where the one before it was killed."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from lifecycle import contract, histories
from lifecycle.client import Lifecycles, UnknownAccount
from lifecycle.contract import ErasureStep
from lifecycle.core.codec import Data, from_data
from lifecycle.core.model import Book
from lifecycle.core.refusal import Refusal
from lifecycle.mail import OutboxTransport
from lifecycle.sealing import KeyMissing
from lifecycle.settings import Settings
from lifecycle.signing import secret_of
from lifecycle.store import erasures
from lifecycle.store.definitions import current_book
from lifecycle.store.engine import Store
from lifecycle.store.erasing_tables import ErasureRow

from .failing import for_good, in_turn, refused

LANDING: Final = timedelta(seconds=2)
LOOKS: Final = 200
PAUSE: Final = 0.1
NO_SECRET: Final = (
    "The setting secret is missing: what keeps an erased address out of mail is made with it."
)
NOT_DELETED: Final = (
    "closed runs: this Temporal service lets us delete none; they go with the namespace's retention"
)
UNREADABLE: Final = "nobody knows, its history was encrypted with a key that is not here"


class Erasing:
    """What the workflow of an erasure asks for."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.settings = settings

    def steps(self) -> list[Callable[..., Any]]:
        """All of them, for a worker."""
        about_account = [self.fields, self.sweep, self.take_up, self.runs]
        return [self.open, *about_account, self.beside, self.others, self.gone, self.end]

    @activity.defn(name=contract.ERASE_OPEN)
    async def open(self, erasure: str) -> list[str]:
        """The accounts it concerns."""
        try:
            row = await erasures.erasure_row(self.store, erasure)
        except Refusal as refusal:
            raise refused(refusal) from None
        if row.done_at is not None:
            # What it looked for is forgotten; without that it would mean everybody.
            raise for_good(f"The erasure {erasure} has ended.", "erasure_ended")
        return [str(account) for account in row.accounts]

    @activity.defn(name=contract.ERASE_FIELDS)
    async def fields(self, data: Data) -> None:
        """The account's fields lose what they say of the person, by a command that counts once."""
        step, row = await self._step(data)
        await erasures.note_step(self.store, row.id, f"{step.account}: fields")
        names = erasures.wanted_of(row).names.get(step.account, [])
        lifecycles = Lifecycles(activity.client(), self.settings.task_queue)
        message = {"command": contract.ERASE, "actor": row.actor, "names": names}
        message |= {"reason": row.reason, "id": contract.erasure_id(row.id)}
        await lifecycles.nudge(step.account)
        try:
            await lifecycles.command(step.account, message)
        except UnknownAccount:
            return  # Only messages that were refused: there are rows to be swept, and no fields.

    @activity.defn(name=contract.ERASE_SWEEP)
    async def sweep(self, data: Data) -> int:
        """Rewrite the rows of the account; answers with how many spoke of the person."""
        step, row = await self._step(data)
        await erasures.note_step(self.store, row.id, f"{step.account}: rows")
        now = datetime.now(UTC)
        if until := await erasures.sending(self.store, step.account, now):
            raise in_turn("A delivery is on its way.", min(until - now, LANDING))
        return (await erasures.sweep(self.store, await self._book(), row, step.account)).total()

    @activity.defn(name=contract.ERASE_TAKE_UP)
    async def take_up(self, data: Data) -> None:
        """The account's run begins anew from what is stored."""
        step, row = await self._step(data)
        await erasures.note_step(self.store, row.id, f"{step.account}: the run begins anew")
        handle = activity.client().get_workflow_handle(contract.workflow_id(step.account))
        try:
            before = (await handle.describe()).run_id
            await handle.signal(contract.TAKE_UP, {})
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return
            raise
        for _ in range(LOOKS):
            if (await handle.describe()).run_id != before:
                return
            await asyncio.sleep(PAUSE)
        raise in_turn("The account's run has something to finish first.", LANDING)

    @activity.defn(name=contract.ERASE_RUNS)
    async def runs(self, data: Data) -> bool:
        """Delete the account's runs that have ended; answers whether the present one speaks of the person."""
        step, row = await self._step(data)
        await erasures.note_step(self.store, row.id, f"{step.account}: older runs")
        client, name = activity.client(), contract.workflow_id(step.account)
        words, speaks = erasures.wanted_of(row).looked_for, False
        for run in reversed(await histories.runs_of(client, name)):
            if await self._is_running(client, name, run):
                speaks = await histories.speaks_of(client, name, run, words)
            else:
                await self._delete(row, client, name, run)
        return speaks

    @activity.defn(name=contract.ERASE_BESIDE)
    async def beside(self, erasure: str) -> int:
        """What belongs to no account: suppressions, kept webhooks, sheets, and the outbox folder."""
        row = await erasures.erasure_row(self.store, erasure)
        await erasures.note_step(self.store, row.id, "what belongs to no account")
        secret = secret_of(self.settings)
        if secret is None:
            raise in_turn(NO_SECRET)
        book, now = await self._book(), datetime.now(UTC)
        found = await erasures.sweep_beside(self.store, book, row, secret, now)
        if self.settings.mail == "outbox":
            outbox = OutboxTransport(self.settings.state_dir / "outbox")
            words = erasures.wanted_of(row).looked_for
            gone = await asyncio.to_thread(outbox.forget, words.are_in)
            await erasures.note_left(self.store, row.id, Counter(outbox=gone), row.left)
        return found.total()

    @activity.defn(name=contract.ERASE_OTHERS)
    async def others(self, erasure: str) -> list[str]:
        """Delete other workflows' runs that speak of the person; answers with what is left, and why."""
        row = await erasures.erasure_row(self.store, erasure)
        await erasures.note_step(self.store, row.id, "other workflows' histories")
        client, words = activity.client(), erasures.wanted_of(row).looked_for
        async for name, run in self._others(client):
            activity.heartbeat()
            try:
                if not await histories.speaks_of(client, name, run, words):
                    continue
            except KeyMissing:
                await self._leave(row, f"{name}: {UNREADABLE}")
                continue
            if await self._is_running(client, name, run):
                await self._leave(row, f"{name}: it still runs; repeat this once it has ended")
            else:
                await self._delete(row, client, name, run)
        return [str(one) for one in (await erasures.erasure_row(self.store, row.id)).left]

    @activity.defn(name=contract.ERASE_GONE)
    async def gone(self, erasure: str) -> None:
        """Wait until every run that was to be deleted is."""
        row = await erasures.erasure_row(self.store, erasure)
        await erasures.note_step(
            self.store, row.id, "waiting until Temporal has deleted closed runs"
        )
        for name, runs in erasures.wanted_of(row).runs.items():
            for run in runs:
                if not await histories.is_gone(activity.client(), name, run):
                    raise in_turn("The Temporal service has not deleted every run yet.", LANDING)

    @activity.defn(name=contract.ERASE_END)
    async def end(self, erasure: str) -> None:
        """What was looked for is forgotten; the audit says that it was done, and when."""
        row = await erasures.erasure_row(self.store, erasure)
        await erasures.end(self.store, row, datetime.now(UTC))
        await erasures.compact(self.store)

    # ── the parts

    async def _step(self, data: Data) -> tuple[ErasureStep, ErasureRow]:
        step: ErasureStep = from_data(ErasureStep, data)
        return step, await erasures.erasure_row(self.store, step.erasure)

    async def _book(self) -> Book:
        book, _ = await current_book(self.store)
        return book

    async def _others(self, client: Client) -> AsyncIterator[tuple[str, str]]:
        own = activity.info().workflow_run_id
        async for one in client.list_workflows(f'WorkflowType != "{contract.WORKFLOW}"'):
            if one.run_id != own:
                yield one.id, one.run_id

    async def _is_running(self, client: Client, name: str, run: str) -> bool:
        try:
            return await histories.is_running(client, name, run)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise

    async def _delete(self, row: ErasureRow, client: Client, name: str, run: str) -> None:
        """Asked for; the service deletes in its own time, which `gone` waits for."""
        try:
            await histories.delete(client, name, run)
        except histories.NotAllowed:
            await self._leave(row, f"{name}: {NOT_DELETED}")
        else:
            await erasures.note_run(self.store, row.id, name, run)

    async def _leave(self, row: ErasureRow, what: str) -> None:
        present = await erasures.erasure_row(self.store, row.id)
        left = list(dict.fromkeys([*present.left, what]))
        await erasures.note_left(self.store, row.id, Counter(), left)
