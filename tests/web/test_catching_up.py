"""`/catch-up`, `/v1/catch-up`, and where else an outage is told (N8), on both databases, Temporal away."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from fastapi import FastAPI

from lifecycle.contract import AdmitRequest, RecordRequest
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import CreateAccount
from lifecycle.core.state import AccountState
from lifecycle.publishing import publish_first
from lifecycle.roles import Role
from lifecycle.store.definitions import current_book
from lifecycle.store.record import record
from lifecycle.store.turns import Policy, ask, let_go
from lifecycle.web.app import make_app
from lifecycle.web.door import Door
from tests.store.behind import USUAL, asks, late, name
from tests.web.as_who import as_role
from tests.web.conftest import Doorstep, nowhere

ASKS_FIRST = Policy(USUAL.after, USUAL.spread, USUAL.per_minute, approve_above=5)


@pytest.fixture
async def app(door: Doorstep) -> FastAPI:
    await publish_first(door.store, door.settings)
    return make_app(Door(door.settings, door.store, await nowhere()))


@pytest.fixture
async def admin(door: Doorstep, app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    async with as_role(app, door.store, Role.ADMIN, name="Ann Lee") as client:
        yield client


@pytest.fixture
async def viewer(door: Doorstep, app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    async with as_role(app, door.store, Role.VIEWER) as client:
        yield client


async def outage(door: Doorstep, policy: Policy, many: int = 12) -> datetime:
    now = datetime.now(UTC)
    await late(door.store, many, now)
    await asks(door.store, 0, policy, now, since=now)
    return now


def listed(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/accounts/([^"]+)">', page)


async def test_without_an_outage_it_says_so(viewer: httpx2.AsyncClient) -> None:
    page = (await viewer.get("/catch-up")).text
    assert "There was no outage" in page
    assert "What falls due is carried out in time." in page
    answer = (await viewer.get("/v1/catch-up")).json()
    assert (answer["outage"], answer["turns"]) == (None, [])


async def test_who_is_behind_and_whose_turn_is_when(
    door: Doorstep, viewer: httpx2.AsyncClient
) -> None:
    """N8: since when, what is due, in the order of the turns; a viewer looks and has no buttons."""
    now = await outage(door, USUAL)
    until = now + timedelta(minutes=27.5)
    page = (await viewer.get("/catch-up")).text
    assert f"12 overdue, catching up until {until:%H:%M}." in page
    assert listed(page) == [name(number) for number in range(12)]
    assert "Customer journey: to Launched" in page
    assert "/catch-up/release" not in page
    of_one = (await viewer.get("/catch-up", params={"lifecycle": "customer_journey"})).text
    assert listed(of_one) == [name(number) for number in range(1, 12, 2)]
    foot = (await viewer.get("/nav/engine")).text
    assert f'<a href="/catch-up">12 overdue, catching up until {until:%H:%M}</a>' in foot
    assert (await viewer.post("/catch-up/hold")).status_code == 403
    assert (await viewer.post("/v1/catch-up/release", json={"all": True})).status_code == 403


async def test_a_page_of_the_queue_leads_to_the_next(
    door: Doorstep, viewer: httpx2.AsyncClient
) -> None:
    await outage(door, USUAL, many=60)
    first = await viewer.get("/v1/catch-up", params={"limit": 25})
    second = await viewer.get(first.links["next"]["url"])
    found = [turn["account"] for page in (first, second) for turn in page.json()["turns"]]
    assert found == [name(number) for number in range(50)]
    page = (await viewer.get("/catch-up")).text
    assert 'href="/catch-up?after=a0049"' in page


async def test_held_accounts_are_released_by_a_person(
    door: Doorstep, admin: httpx2.AsyncClient
) -> None:
    """N8: consequences before the button; one, those of a lifecycle, all. It counts though Temporal is away."""
    now = await outage(door, ASKS_FIRST)
    page = (await admin.get("/catch-up")).text
    assert "12 held for approval" in page
    dialog = (await admin.get("/catch-up/release", params={"account": name(3)})).text
    assert "Mail that was sent cannot be taken back." in dialog
    done = await admin.post("/catch-up/release", data={"account": name(3), "spread": "yes"})
    assert done.status_code == 303
    held = (await admin.get("/v1/catch-up", params={"status": "held"})).json()
    assert [turn["account"] for turn in held["turns"]] == [
        name(number) for number in range(12) if number != 3
    ]
    journey = await admin.post("/v1/catch-up/release", json={"lifecycle": "Customer journey"})
    assert journey.json() == {"order": "release", "accounts": 5, "is_told": False}
    assert (await admin.post("/catch-up/release", data={"spread": "no"})).status_code == 303
    found = await let_go(door.store, ASKS_FIRST, now + timedelta(minutes=1, seconds=59))
    assert len(found.untold) >= 8
    view = (await admin.get("/v1/catch-up")).json()["outage"]
    assert (view["held"], view["gone"] + view["waiting"]) == (0, 12)


async def test_those_who_wait_are_held(door: Doorstep, admin: httpx2.AsyncClient) -> None:
    await outage(door, USUAL)
    assert (await admin.post("/catch-up/hold")).status_code == 303
    assert "12 held for approval" in (await admin.get("/catch-up")).text
    again = await admin.post("/v1/catch-up/hold", json={"all": True})
    assert (again.status_code, again.json()["code"]) == (409, "nobody_waits")


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({}, "no_accounts", "accounts"),
        ({"all": True, "lifecycle": "sales"}, "no_accounts", "accounts"),
        ({"lifecycle": "salez"}, "unknown_lifecycle", "lifecycle"),
        ({"accounts": ["nobody"]}, "unknown_account", "account"),
    ],
    ids=["nobody", "two ways", "a slip", "unknown"],
)
async def test_what_cannot_be_meant_is_refused(
    admin: httpx2.AsyncClient, body: dict[str, object], code: str, field: str
) -> None:
    problem = (await admin.post("/v1/catch-up/hold", json=body)).json()
    assert (problem["code"], problem["field"]) == (code, field)


async def test_the_account_says_when_its_turn_is(
    door: Doorstep, viewer: httpx2.AsyncClient
) -> None:
    """N8: "Its timers are behind since …; its turn is at …"."""
    now = datetime.now(UTC)
    due = now - timedelta(hours=3)
    book, _ = await current_book(door.store)
    entries = Fold(book, AccountState("late")).take(CreateAccount(due, {"name": "Late"}))
    await record(door.store, RecordRequest("late", entries, next_deadline=due), now)
    await ask(door.store, AdmitRequest("late", due, 3 * 3600.0), ASKS_FIRST, now)
    page = (await viewer.get("/accounts/late")).text
    assert "Catching up." in page
    assert f"Its timers are behind since {due.day} {due:%b %Y, %H:%M}. Its turn is at" in page
    await let_go(door.store, ASKS_FIRST, now)
    assert "Catching up." not in (await viewer.get("/accounts/late")).text
