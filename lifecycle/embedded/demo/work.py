"""What people operate the engine by, for the demo book: a campaign, a verification, messages that could not be used."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from temporalio.client import Client

from lifecycle.campaigning import Campaigns
from lifecycle.client import Lifecycles, event
from lifecycle.hooks.intake import Intake
from lifecycle.hooks.message import Message
from lifecycle.scheduling import Verifications
from lifecycle.settings import Settings
from lifecycle.store.engine import Store
from lifecycle.telling.audience import Asked
from lifecycle.telling.campaign_wishes import Wish, plan_of
from lifecycle.telling.viewer import Viewer

from .stories import SOURCE

CAMPAIGN: Final = Wish("autumn_news", Asked("leads"), "feature_news", ["contact"], pace=60)
SENDER: Final = "Nora Lindqvist"


async def load_work(settings: Settings, client: Client, store: Store, now: datetime) -> None:
    """To be called once the book is loaded. Done again it doubles nothing (R20) but what was refused."""
    await _unusable(Intake(settings, store, client), now)
    await _refused(Lifecycles(client, settings.task_queue), now)
    plan = await plan_of(Viewer(store, now, UTC), settings, CAMPAIGN, SENDER)
    await Campaigns(client, settings.task_queue).begin(plan)
    await Verifications(client, settings).start(SENDER)


async def _unusable(intake: Intake, now: datetime) -> None:
    """One that waits for a customer nobody has named yet, one with a slip, one about somebody unknown."""
    at = now - timedelta(hours=5)
    invoice = {"object": {"id": "in_20441", "customer": "cus_QmX81", "amount_remaining": 129900}}
    await intake.take(
        "stripe", [Message("evt_demo_1", "invoice.payment_failed", at, {"data": invoice})], now
    )
    usage = {"account": "verdant", "active_users": "about 180"}
    start = {"account": "nightjar-labs", "user": "mara@nightjar.example.com"}
    said = [
        Message("msg_demo_1", "usage.reported", at, {"data": usage}),
        Message("msg_demo_2", "user.logged_in", at, {"data": start}),
    ]
    await intake.take("product", said, now)


async def _refused(lifecycles: Lifecycles, now: datetime) -> None:
    """An event that reaches its account, which has no use for it."""
    slip = event("training.complet", {}, source=SOURCE, id="cargo-nord/slip", time=now)
    await lifecycles.record_events("cargo-nord", [slip])
