"""A house people work in: a worker, a database and the door on a real address; accounts with a past of their own."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2
from fastapi import FastAPI

from lifecycle.client import Lifecycles, event
from lifecycle.core.changes import CtaOpened
from lifecycle.core.state import AccountState
from lifecycle.roles import Role
from lifecycle.web.door import Door
from lifecycle.web.pages.words import quoted
from tests.web.as_who import as_role
from tests.workflows.town import Town

ANN = "Ann Lee"
HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')


@dataclass(frozen=True)
class House:
    """`address` is where browsers go."""

    town: Town
    door: Door
    app: FastAPI
    address: str

    @asynccontextmanager
    async def person(
        self, role: Role = Role.CSM, name: str = ANN
    ) -> AsyncIterator[httpx2.AsyncClient]:
        """A browser without JavaScript, signed in."""
        async with as_role(self.app, self.town.store, role, name=name) as client:
            yield client

    @property
    def lifecycles(self) -> Lifecycles:
        return Lifecycles(self.town.client, self.town.settings.task_queue)

    async def state(self, account: str) -> AccountState:
        return await self.town.state(account)

    async def customer(self, name: str = "acme", days: float = 20, **fields: Any) -> str:
        """A customer of Ann's whose deal was won so many days ago; all of its past is imported."""
        account = self.town.account(f"{name}-{uuid4().hex[:4]}")
        now = datetime.now(UTC)
        won = now - timedelta(days=days)
        known = {"name": name.title(), "contact_email": f"{name}@example.com", **fields}
        deal = event(
            "opportunity.closed_won",
            {"csm": ANN, "owner": "Bo Diaz", "renewal_date": "2031-05-01", "arr": 48000},
            source="crm",
            time=won,
        )
        created = won - timedelta(days=2)
        await self.lifecycles.import_history(account, [deal], known, created, until=now)
        await self.town.recorded(account, lambda state: state.history_until is not None)
        return account

    async def stage(self, account: str, lifecycle: str = "customer_journey") -> str | None:
        """Where it is recorded to stand."""
        track = (await self.state(account)).tracks.get(lifecycle)
        return track.stage if track else None

    async def cta(self, account: str, title: str, **more: Any) -> str:
        """Open a CTA by hand; its id."""
        answer = await self.lifecycles.open_cta(account, title, actor=ANN, **more)
        changes = [change for entry in answer.entries for change in entry.changes]
        return next(change.cta.id for change in changes if isinstance(change, CtaOpened))


def path(account: str, rest: str = "") -> str:
    """An address of the account's."""
    return f"/accounts/{quoted(account)}{rest}"


def hidden(page: str) -> dict[str, str]:
    """What a form carries beside what is typed."""
    return dict(HIDDEN.findall(page))


async def sent(
    person: httpx2.AsyncClient, address: str, query: str = "", **typed: Any
) -> httpx2.Response:
    """The form at an address, filled in and sent as a browser without JavaScript does."""
    form = await person.get(address + query)
    assert form.status_code == 200, form.text
    return await person.post(address, data={**hidden(form.text), **typed})
