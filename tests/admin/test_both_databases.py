"""What the commands ask, on SQLite and on PostgreSQL."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import typer

from lifecycle.console.app import app
from lifecycle.console.completing import accounts, cta_tasks, open_ctas
from lifecycle.store.accounts import Wanted
from lifecycle.store.adoption import accounts_by_version, stored_policies
from lifecycle.store.counts import count_accounts, count_by_stage
from lifecycle.store.definitions import parts_of, publish
from lifecycle.store.engine import Store, make_engine
from tests.admin.book import fill, shipped
from tests.admin.conftest import Admin

LOOKS = (
    ("show", "Globex"),
    ("list", "--lifecycle", "escalation"),
    ("why", "acme", "--limit", "40"),
    ("forecast", "acme", "--days", "400"),
    ("mail", "list", "--account", "acme"),
    ("ctas", "--mine", "--as", "ANN lee"),
    ("ctas", "--owner", "customer_success", "--overdue"),
    ("ctas", "--closed", "--limit", "3"),
    ("ctas", "--due-by", "30d", "--kind", "risk", "--where", "type is Customer"),
    ("cta", "show", "globex", "plan_kickoff"),
    ("definitions", "list"),
)


@pytest.fixture
async def book_url(database_url: str) -> str:
    await fill(database_url)
    return database_url


async def test_every_look_is_answered(
    book_url: str, admin: Admin, looking: Admin, at_now: datetime
) -> None:
    def both(words: tuple[str, ...]) -> tuple[Any, Any]:
        here = looking(*words, "--json", LIFECYCLE_DATABASE_URL=book_url)
        there = looking(*words, "--json")
        return json.loads(here.out), json.loads(there.out)

    for words in LOOKS:
        here, there = await asyncio.to_thread(both, words)
        assert here == there, words


async def test_ids_are_completed(book_url: str, surroundings: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("LIFECYCLE_DATABASE_URL", book_url)
    found = await asyncio.to_thread(accounts, "")
    assert list(found)[:2] == [("acme", "Acme GmbH"), ("globex", "Globex")]
    assert list(await asyncio.to_thread(accounts, "%")) == []


async def test_ctas_of_an_account_are_completed(
    book_url: str, surroundings: Any, monkeypatch: Any
) -> None:
    """By their numbers; the account may have been typed by its name."""
    monkeypatch.setenv("LIFECYCLE_DATABASE_URL", book_url)
    ctx = typer.Context(typer.main.get_command(app))
    for account in ("globex", "Globex"):
        ctx.params = {"account": account, "cta": "1"}
        numbers = [number for number, _ in await asyncio.to_thread(open_ctas, ctx, "")]
        assert numbers == ["1", "2", "3"]
        tasks = await asyncio.to_thread(lambda: list(cta_tasks(ctx, "in")))
        assert [task for task, _ in tasks] == ["invite", "introduce_support"]


async def test_g10_accounts_are_counted_by_stage_and_by_version(book_url: str) -> None:
    store = Store(make_engine(book_url))
    assert await count_accounts(store, Wanted(after="acme", limit=1)) == 5
    assert await count_accounts(store, Wanted(csm="ann lee")) == 2
    spread = await count_by_stage(store, Wanted(type="Prospect"), "escalation")
    assert spread == {None: 1, "open": 1}
    assert (await accounts_by_version(store))["escalation", 1] == 1
    await store.close()


async def test_r24_the_policy_of_a_version_is_kept(book_url: str) -> None:
    store = Store(make_engine(book_url))
    assert await stored_policies(store) == {}
    book = shipped()
    newer = replace(book.lifecycles["sales"], version=2)
    changed = replace(book, lifecycles={**book.lifecycles, "sales": newer})
    parts = parts_of(changed, {}, {"sales": "never", "escalation": "at once"})
    await publish(store, parts, "ann", datetime(2026, 6, 2, tzinfo=UTC))
    assert await stored_policies(store) == {"sales": "never"}
    await store.close()
