"""The shipped sales lifecycle at work (V3, V4): a real worker, a real mail server, a signed webhook received."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lifecycle.embedded.web import embedded_web
from lifecycle.settings import Smtp
from lifecycle.store.effects import WantedEffects, effects
from lifecycle.store.tables import EffectKind, EffectRow, EffectStatus
from tests.clock import until
from tests.smtp import SmtpServer
from tests.web.conftest import nowhere
from tests.workflows.town import Town

BEN = {"owner": "Ben Okafor", "owner_email": "ben@example.com"}


@pytest.fixture
async def sales(quiet_town: Town, smtp_server: SmtpServer) -> AsyncIterator[Town]:
    """A worker whose mail goes to a real server, and whose webhooks go to the embedded stack's own door."""
    smtp = Smtp(host=smtp_server.host, port=smtp_server.port, tls="none")
    settings = quiet_town.settings.model_copy(update={"mail": "smtp", "smtp": smtp})
    async with embedded_web(settings, await nowhere(), with_targets=True) as web:
        town = replace(quiet_town, settings=web.settings)
        async with town.open():
            yield town


async def ended(town: Town, account: str, kind: EffectKind) -> list[EffectRow]:
    """The account's deliveries of a kind, once all of them have ended."""

    async def look() -> list[EffectRow]:
        return await effects(town.store, WantedEffects(account=account, kind=kind))

    open_ = (EffectStatus.DUE, EffectStatus.SENDING)
    return await until(look, lambda rows: all(row.status not in open_ for row in rows))


async def lead(town: Town, name: str) -> str:
    """An account in Lead."""
    account = town.account(name)
    await town.update_with_start(account, dict(BEN))
    await town.in_stage(account, "sales", "lead")
    return account


async def seen(town: Town, account: str, event: str) -> None:
    """The event is in the journal: what it set off is due by then."""

    async def look() -> bool:
        return any(one.type == event for one in await town.events(account))

    await until(look)


def calls(town: Town) -> list[dict[str, Any]]:
    """What the product platform was told."""
    folder: Path = town.settings.state_dir / "outbox"
    return [json.loads(file.read_text()) for file in sorted(folder.glob("*.json"))]


async def test_a_leads_log_in_tells_the_owner(sales: Town, smtp_server: SmtpServer) -> None:
    """V3: the owner of the account, once a day."""
    account = await lead(sales, "acme")
    for _ in range(2):
        await sales.report(account, "user.logged_in", user="maria@example.com")

    async def look() -> int:
        return len(smtp_server.received)

    await until(look)
    [mail] = smtp_server.received
    assert mail.recipients == ["ben@example.com"]
    assert "a lead has logged in" in mail.message["Subject"]
    [row] = await ended(sales, account, EffectKind.MAIL)
    assert (row.status, row.name) == (EffectStatus.SENT, "lead_logged_in")


async def test_a_customers_log_in_tells_nobody(sales: Town, smtp_server: SmtpServer) -> None:
    """V3: the stage is a condition on the notification."""
    account = await lead(sales, "globex")
    for fact in ("product.purchased", "wholesale.billed"):
        await sales.report(account, fact, order_id="o1")
    await sales.in_stage(account, "sales", "customer")
    await sales.report(account, "user.logged_in", user="maria@example.com")
    await seen(sales, account, "user.logged_in")
    assert await ended(sales, account, EffectKind.MAIL) == []
    assert smtp_server.received == []


async def test_a_lead_that_becomes_a_prospect_activates_the_product(sales: Town) -> None:
    """V4, V7: the Standard product, by a signed webhook, once."""
    account = await lead(sales, "initech")
    await sales.report(account, "opportunity.created", opportunity_id="o1")
    await sales.in_stage(account, "sales", "prospect")
    [row] = await ended(sales, account, EffectKind.WEBHOOK)
    assert (row.status, row.last_error) == (EffectStatus.SENT, None)
    assert str(row.text).startswith("answered 204 after")
    [call] = calls(sales)
    assert (call["target"], call["id"]) == ("product_platform", row.id)
    assert call["call"]["type"] == "activate_product"
    assert call["call"]["data"] == {"account": account, "product": "Standard"}


async def test_a_person_who_sets_prospect_activates_it_as_well(sales: Town) -> None:
    """V4, V9: any cause counts."""
    account = await lead(sales, "umbrella")
    move = {"lifecycle": "sales", "stage": "prospect", "actor": "ann", "reason": "met at a fair"}
    await sales.update(account, "set_stage", **move)
    [row] = await ended(sales, account, EffectKind.WEBHOOK)
    assert row.status is EffectStatus.SENT
    assert len(calls(sales)) == 1


async def test_a_customer_activates_nothing(sales: Town) -> None:
    """V4, V7: not from Lead to Customer, nor by an opportunity later, nor from Customer back to Prospect."""
    account = await lead(sales, "hooli")
    for fact in ("product.purchased", "wholesale.billed"):
        await sales.report(account, fact, order_id="o1")
    await sales.in_stage(account, "sales", "customer")
    await sales.report(account, "opportunity.created", opportunity_id="o2")
    await seen(sales, account, "opportunity.created")
    back = {"lifecycle": "sales", "stage": "prospect", "actor": "ann", "reason": "by mistake"}
    await sales.update(account, "set_stage", **back)
    assert await ended(sales, account, EffectKind.WEBHOOK) == []
    assert calls(sales) == []
