"""A mail that waits is seen waiting, with the reason, in the outbox and on the account's page."""

import json
from datetime import UTC, datetime
from pathlib import Path

from lifecycle.store.effects import WantedEffects, effects, release
from lifecycle.store.engine import Store, make_engine
from tests.admin.book import fill
from tests.admin.conftest import Admin

QUIET = "Quiet hours until 07:00 (Europe/Berlin)."


async def waits(folder: Path) -> str:
    """Acme's welcome, as deliveries leave it behind at night."""
    url = f"sqlite:///{folder / 'lifecycle.db'}"
    await fill(url)
    store = Store(make_engine(url))
    rows = await effects(store, WantedEffects(account="acme"))
    [effect] = [row.id for row in rows if row.name == "welcome"]
    await release(store, effect, QUIET)
    await store.close()
    return effect


async def test_a_mail_that_waits_says_for_what(
    admin: Admin, surroundings: Path, at_now: datetime
) -> None:
    effect = await waits(surroundings)
    assert at_now.tzinfo is UTC
    page = admin("show", "acme").out
    assert "On its way, but it waits" in page
    assert f"welcome → the contact  {QUIET}" in page
    listed = admin("mail", "list", "--status", "due", "--account", "acme").out
    assert QUIET in listed
    [one] = json.loads(admin("show", "acme", "--json").out)["waiting"]
    assert (one["id"], one["reason"]) == (effect, QUIET)
    assert "On its way" not in admin("show", "globex").out
