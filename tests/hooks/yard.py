"""The door for webhooks over a running worker: deliver something, and look what came of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from pydantic import SecretStr
from temporalio.client import Client

from lifecycle.importing import forms
from lifecycle.settings import Hook, Settings
from lifecycle.store.engine import Store
from lifecycle.store.hook_arrivals import WantedArrivals, arrivals
from lifecycle.store.hook_tables import HookArrivalRow
from lifecycle.web.app import make_app
from lifecycle.web.door import Door
from tests.hooks import signing
from tests.hooks.signing import HOME, SECRETS, body_of
from tests.workflows.town import Town

HOOKS = {name: Hook(secret=SecretStr(secret)) for name, secret in SECRETS.items()}
SIGN: dict[str, Callable[[bytes], dict[str, str]]] = {
    "stripe": signing.stripe,
    "hubspot": signing.hubspot,
    "segment": signing.segment,
}


def with_hooks(settings: Settings, folder: Path | None = None) -> Settings:
    """The settings with every source, and a folder of hooks where there is one of the test's own."""
    secret = SecretStr("a secret of the tests, long enough for them")
    changes: dict[str, Any] = {"hooks": HOOKS, "secret": secret}
    return settings.model_copy(update=changes | ({"hooks_dir": folder} if folder else {}))


@dataclass
class Yard:
    """A door, and the town behind it."""

    town: Town
    settings: Settings
    browser: httpx2.AsyncClient

    @property
    def store(self) -> Store:
        return self.town.store

    async def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> httpx2.Response:
        return await self.browser.post(f"/hooks/{path}", content=body, headers=dict(headers))

    async def tell(self, sender: str, data: Any) -> httpx2.Response:
        """A delivery of JSON, signed as its sender signs."""
        body = body_of(data)
        return await self.post(sender, body, SIGN[sender](body))

    async def own(self, name: str, type_: str, **data: Any) -> httpx2.Response:
        """A standard webhook of our product."""
        body = body_of({"type": type_, "data": data})
        return await self.post("product", body, signing.product(body, name))

    async def soap(self, *records: tuple[str, dict[str, str]], **more: str) -> httpx2.Response:
        """An outbound message."""
        body = signing.soap(*records, **more)
        path = f"salesforce/{SECRETS['salesforce']}"
        return await self.post(path, body, {"content-type": "text/xml; charset=UTF-8"})

    async def change(self, *events: dict[str, Any]) -> httpx2.Response:
        """Change events by a relay."""
        headers = {**signing.JSON, "authorization": f"Bearer {SECRETS['salesforce']}"}
        return await self.post("salesforce", body_of(list(events)), headers)

    async def kept(self, **wanted: Any) -> list[HookArrivalRow]:
        return await arrivals(self.store, WantedArrivals(**wanted))


@asynccontextmanager
async def opened(
    town: Town, folder: Path | None = None, client: Client | None = None
) -> AsyncIterator[Yard]:
    """The door of a town; another `client` may stand for a server that is away."""
    settings = with_hooks(town.settings, folder)
    app = make_app(Door(settings, town.store, client or town.env.client))
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url=HOME) as browser:
        yield Yard(town, settings, browser)


def salesforce_id(number: int, prefix: str = "001") -> str:
    """An id of 18 characters nobody else uses."""
    return forms.salesforce_id(f"{prefix}{number:012}")
