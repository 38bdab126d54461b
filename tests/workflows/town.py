"""What the workflow tests do with a running worker: tell an account something, and look what came of it."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

from pydantic import SecretStr
from temporalio.client import Client, WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from lifecycle import contract
from lifecycle.client import Lifecycles
from lifecycle.converter import make_converter
from lifecycle.core.changes import Entry
from lifecycle.core.codec import from_data
from lifecycle.core.inputs import Event
from lifecycle.core.state import AccountState
from lifecycle.mail import OutboxTransport
from lifecycle.settings import Settings
from lifecycle.store import accounts
from lifecycle.store.engine import Store
from tests.clock import fast_forward, until
from worker import build, make_activities

Handle = WorkflowHandle[Any, Any]


@dataclass
class Town:
    """A worker and its surroundings."""

    env: WorkflowEnvironment
    settings: Settings
    store: Store
    prefix: str = field(default_factory=lambda: uuid4().hex[:8])

    @property
    def client(self) -> Client:
        """As a process with these settings connects."""
        config = self.env.client.config()
        config["data_converter"] = make_converter(self.settings.ring)
        return Client(**config)

    def with_keys(self, *keys: str) -> "Town":
        """The same town as a process with these codec keys sees it."""
        given = tuple(SecretStr(key) for key in keys)
        return replace(self, settings=self.settings.model_copy(update={"codec_keys": given}))

    @asynccontextmanager
    async def open(
        self, activities: Sequence[Callable[..., Any]] | None = None
    ) -> AsyncIterator[None]:
        """A worker polls while the block is open."""
        found = activities if activities is not None else make_activities(self.store, self.settings)
        async with build(self.client, self.settings, found):
            yield

    def account(self, name: str = "acme") -> str:
        """An account id nobody else uses."""
        return f"{name}-{self.prefix}"

    def handle(self, account: str) -> Handle:
        return self.client.get_workflow_handle(contract.workflow_id(account))

    async def report(self, account: str, type_: str, /, **data: Any) -> Handle:
        """Signal-with-start of one event."""
        event = {"id": uuid4().hex, "source": "test", "type": type_, "data": data}
        return await self.send(account, contract.RECORD_EVENT, event)

    async def send(self, account: str, signal: str, *args: Any, start: Any = None) -> Handle:
        """Signal-with-start with anything."""
        return await self.client.start_workflow(
            contract.WORKFLOW,
            start if start is not None else {"account": account},
            id=contract.workflow_id(account),
            task_queue=self.settings.task_queue,
            start_signal=signal,
            start_signal_args=args,
        )

    async def win(self, account: str, **fields: Any) -> Handle:
        """A won deal: the account is in Onboarding afterwards."""
        handle = await self.report(account, "opportunity.closed_won", csm="Ana Torres", **fields)
        await self.in_stage(account, "customer_journey", "onboarding")
        return handle

    async def update_with_start(self, account: str, fields: dict[str, Any]) -> None:
        """Start an account by hand."""
        await Lifecycles(self.client, self.settings.task_queue).start(account, fields)

    async def update(self, account: str, name: str, **message: Any) -> contract.Answer:
        """A person's command; answered after the commit."""
        data = await self.handle(account).execute_update(name, message)
        answer: contract.Answer = from_data(contract.Answer, data)
        return answer

    async def forward(self, account: str, **by: float) -> None:
        """Move the account's clock."""
        await fast_forward(self.env, self.handle(account), timedelta(**by))

    async def state(self, account: str) -> AccountState:
        """What is recorded."""
        return await accounts.stored_state(self.store, account) or AccountState(account)

    async def recorded(self, account: str, good: Callable[[AccountState], Any]) -> AccountState:
        """Wait until what is recorded is good."""
        return await until(lambda: self.state(account), good)

    async def in_stage(self, account: str, lifecycle: str, stage: str | None) -> AccountState:
        """Wait until the account is recorded in a stage."""

        def there(state: AccountState) -> bool:
            track = state.tracks.get(lifecycle)
            return (track.stage if track else None) == stage

        return await self.recorded(account, there)

    async def journal(self, account: str) -> list[Entry]:
        """Everything that was recorded, oldest first (at most 500)."""
        return (await accounts.history(self.store, account, limit=500))[::-1]

    async def events(self, account: str) -> list[Event]:
        """The events in the journal, oldest first."""
        found = [entry.input for entry in await self.journal(account)]
        return [event for event in found if isinstance(event, Event)]

    def outbox(self) -> list[EmailMessage]:
        """The e-mails sent."""
        return OutboxTransport(self.settings.state_dir / "outbox").messages()

    async def mails(self, count: int) -> list[EmailMessage]:
        """Wait for this many e-mails."""

        async def look() -> list[EmailMessage]:
            return self.outbox()

        return await until(look, lambda found: len(found) == count)
