"""Catching up after an outage (N8): whose turn is when, and telling those whose turn has come."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter

from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from lifecycle import contract
from lifecycle.catching_up import look_again
from lifecycle.core.codec import Data, from_data, to_data
from lifecycle.settings import Settings
from lifecycle.store import turns
from lifecycle.store.catching_up_tables import TurnStatus
from lifecycle.store.engine import Store
from lifecycle.store.turns import Policy

GRACE = timedelta(minutes=10)
"""An account that was not told this long after its turn asks again."""
HELD = timedelta(hours=6)
AT_ONCE = 20


def policy_of(settings: Settings) -> Policy:
    """What the settings say."""
    wanted = settings.catch_up
    return Policy(
        timedelta(minutes=wanted.after_minutes),
        timedelta(minutes=wanted.spread_minutes),
        wanted.per_minute,
        wanted.approve_above,
    )


class CatchingUp:
    """The queue in the database, and the workflow that gives the turns."""

    def __init__(self, store: Store, policy: Policy) -> None:
        self.store = store
        self.policy = policy

    @activity.defn(name=contract.ADMIT)
    async def admit(self, data: Data) -> Data:
        """Whether an account that is behind may go on (`contract.AdmitRequest` as data → `contract.AdmitAnswer`)."""
        request: contract.AdmitRequest = from_data(contract.AdmitRequest, data)
        now = datetime.now(UTC)
        turn = await turns.ask(self.store, request, self.policy, now)
        if turn.status is TurnStatus.GONE:
            return to_data(contract.AdmitAnswer())
        if turn.must_be_driven:
            await look_again(activity.client(), activity.info().task_queue)
        if turn.at is None:
            return to_data(contract.AdmitAnswer(False, None, HELD.total_seconds()))
        left = max((turn.at - now).total_seconds(), 0.0)
        return to_data(contract.AdmitAnswer(False, left, left + GRACE.total_seconds()))

    @activity.defn(name=contract.LET_GO)
    async def let_go(self, data: Data) -> Data:
        """Tell those whose turn has come (`contract.LetGoRequest` as data → `contract.LetGoAnswer`).

        Repeated, it tells those who were not told for sure; to be told twice does no harm.
        """
        request: contract.LetGoRequest = from_data(contract.LetGoRequest, data)
        found = await turns.let_go(self.store, self.policy, request.now)
        for outage, some in groupby(sorted(found.untold), key=itemgetter(0)):
            await self._tell(outage, [account for _, account in some])
        return to_data(
            contract.LetGoAnswer(len(found.untold), found.waiting, found.held, found.next_at)
        )

    async def _tell(self, outage: int, accounts: list[str]) -> None:
        client = activity.client()
        for some in _parts(accounts):
            answers = await asyncio.gather(*(_go_on(client, account) for account in some))
            for is_absent in (False, True):
                these = [one for one, runs in zip(some, answers, strict=True) if runs != is_absent]
                await turns.told(self.store, outage, these, is_absent)


def _parts(accounts: list[str]) -> Iterable[list[str]]:
    return (accounts[at : at + AT_ONCE] for at in range(0, len(accounts), AT_ONCE))


async def _go_on(client: Client, account: str) -> bool:
    """Answers with whether it runs."""
    handle = client.get_workflow_handle(contract.workflow_id(account))
    try:
        await handle.signal(contract.GO_ON, {})
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True
