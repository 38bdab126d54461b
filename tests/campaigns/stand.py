"""A stand: a worker over a real server, a database and a mail server, and accounts recorded straight away."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import delete
from temporalio.testing import WorkflowEnvironment

from lifecycle import contract
from lifecycle.campaigning import Campaigns
from lifecycle.core.codec import Data, to_data
from lifecycle.core.conditions import Condition
from lifecycle.core.expanding import expanded
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import CreateAccount, Event, Hold, Input, SetFields, SetStage
from lifecycle.core.model import Book
from lifecycle.core.state import AccountState
from lifecycle.core.values import Value
from lifecycle.definition.asked import condition_asked
from lifecycle.settings import Settings
from lifecycle.store import accounts, campaigns
from lifecycle.store.campaign_report import Counts, MailOutcome, counts_of, outcomes
from lifecycle.store.effects import WantedEffects, effects
from lifecycle.store.engine import Store
from lifecycle.store.record import record
from lifecycle.store.tables import CampaignRow, EffectRow
from tests.clock import fast_forward_or_end, until
from tests.smtp import SmtpServer
from tests.workflows.town import Handle
from worker import build, make_activities


@dataclass
class Stand:
    """Campaigns over accounts that no workflow runs: a campaign needs their rows only."""

    env: WorkflowEnvironment
    settings: Settings
    store: Store
    book: Book
    smtp: SmtpServer
    name: str = field(default_factory=lambda: f"c-{uuid4().hex[:8]}")

    @property
    def campaigns(self) -> Campaigns:
        return Campaigns(self.env.client, self.settings.task_queue)

    @property
    def handle(self) -> Handle:
        return self.campaigns.handle(self.name)

    @asynccontextmanager
    async def open(
        self, activities: Sequence[Callable[..., Any]] | None = None
    ) -> AsyncIterator[None]:
        """A worker polls while the block is open."""
        found = activities if activities is not None else make_activities(self.store, self.settings)
        async with build(self.env.client, self.settings, found):
            yield

    # ── accounts

    async def take(self, account: str, item: Input) -> None:
        """Fold an input and record it, as the account's workflow would."""
        state = await accounts.stored_state(self.store, account) or AccountState(account)
        entries = Fold(self.book, state).take(item)
        await record(self.store, contract.RecordRequest(account, entries), datetime.now(UTC))

    async def person(self, account: str, **fields: Any) -> None:
        """An account whose contact is named after it: a Lead."""
        at = datetime.now(UTC) - timedelta(days=1)
        known = {"name": account.title(), "contact_email": f"{account}@example.com", **fields}
        await self.take(account, CreateAccount(at, known))

    async def people(self, names: Iterable[str], **fields: Any) -> None:
        for name in names:
            await self.person(name, **fields)

    async def prospect(self, account: str) -> None:
        """The Lead becomes a Prospect."""
        now = datetime.now(UTC)
        await self.take(account, Event(uuid4().hex, "crm", "opportunity.created", now, now, {}))

    async def set(self, account: str, **fields: Any) -> None:
        await self.take(account, SetFields(datetime.now(UTC), "ann", fields))

    async def stage(self, account: str, stage: str | None) -> None:
        await self.take(account, SetStage(datetime.now(UTC), "ann", "moved", "sales", stage))

    async def hold(self, account: str) -> None:
        now = datetime.now(UTC)
        await self.take(account, Hold(now, "ann", now + timedelta(days=3), "merger"))

    # ── the campaign

    def plan(
        self, *where: str, template: str = "feature_news", **more: Any
    ) -> contract.CampaignPlan:
        """To those of whom the sentences hold; to all Leads by default."""
        asked = condition_asked(where or ("sales is lead",), self.book)
        audience = to_data(expanded(asked, self.book.segments), Condition)
        options: dict[str, Any] = {"roles": ["contact"], "actor": "ann", **more}
        return contract.CampaignPlan(self.name, "", "; ".join(where), audience, template, **options)

    async def begin(self, *where: str, **more: Any) -> Data:
        return await self.campaigns.begin(self.plan(*where, **more))

    async def begin_short(self, events: int, **more: Any) -> None:
        """With runs of so many history events."""
        await self.env.client.start_workflow(
            contract.CAMPAIGN_WORKFLOW,
            {"plan": to_data(self.plan(**more)), "events": events},
            id=contract.campaign_id(self.name),
            task_queue=self.settings.task_queue,
        )

    async def send(self, *where: str, **more: Any) -> Counts:
        """Begin, and wait for the end."""
        await self.begin(*where, **more)
        return await self.end()

    async def end(self) -> Counts:
        async with asyncio.timeout(20):
            await self.handle.result()
        return await self.counts()

    async def order(self, order: str, **more: Any) -> Data:
        return await self.campaigns.order(self.name, order, actor="ann", **more)

    async def forward(self, **by: float) -> None:
        """Move the campaign's clock."""
        await fast_forward_or_end(self.env, self.handle, timedelta(**by))

    async def row(self) -> CampaignRow:
        return await campaigns.campaign_row(self.store, self.name)

    async def counts(self) -> Counts:
        return (await counts_of(self.store, [self.name]))[self.name]

    async def counted(self, **wanted: int) -> Counts:
        """Wait until so many mails have these statuses."""
        return await until(
            self.counts, lambda found: all(found.get(k, 0) == v for k, v in wanted.items())
        )

    async def outcomes(self) -> dict[str, MailOutcome]:
        return {one.account: one for one in await outcomes(self.store, self.name)}

    async def mail(self, account: str) -> EffectRow:
        [row] = await effects(self.store, WantedEffects(account, campaign=self.name))
        return row

    def reached(self) -> list[str]:
        """Every address in the order the mail server took mail for it."""
        return [one.recipients[0] for one in self.smtp.received]

    async def erase(self, account: str) -> None:
        """The mail to an account is taken out of the database."""
        row = await self.mail(account)
        async with self.store.writing() as connection:
            await connection.execute(
                delete(campaigns.EFFECT).where(campaigns.EFFECT.c.id == row.id)
            )

    async def crowd(self, number: int) -> None:
        """So many accounts at once; every other one on the plan Pro."""
        at = datetime.now(UTC) - timedelta(days=1)
        for each in range(number):
            fields: dict[str, Value] = {
                "contact_email": f"n{each:05}@example.com",
                "plan": ("Pro", "Standard")[each % 2],
            }
            account = f"n{each:05}"
            entries = Fold(self.book, AccountState(account)).take(CreateAccount(at, fields))
            await record(self.store, contract.RecordRequest(account, entries), at)

    async def ended_runs(self) -> list[str]:
        """The runs that continued as new."""
        query = f"WorkflowId = '{self.handle.id}' AND ExecutionStatus = 'ContinuedAsNew'"
        return [one.run_id async for one in self.env.client.list_workflows(query)]
