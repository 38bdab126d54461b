"""N9, N10: the page and the API of verifications; what is repaired from them, on the real server."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from playwright.async_api import Browser
from sqlalchemy import update

from lifecycle import contract_verification as names
from lifecycle.roles import Role
from lifecycle.store.tables import TrackRow, table_of
from tests.clock import until
from tests.mail.test_browser import CHROMIUM
from tests.web.people.house import House
from tests.web.people.looker import SIZES, looking
from tests.workflows.conftest import nobody_verifies

__all__ = ["nobody_verifies"]
pytestmark = pytest.mark.usefixtures("nobody_verifies")
TRACK = table_of(TrackRow)


@pytest.fixture
async def admin(house: House) -> AsyncIterator[httpx2.AsyncClient]:
    async with house.person(Role.ADMIN, name="Olga Ops") as client:
        yield client


async def edit_track(house: House, account: str) -> None:
    """Somebody writes to the database."""
    async with house.town.store.writing() as connection:
        mine = (TRACK.c.account == account) & (TRACK.c.lifecycle == "customer_journey")
        await connection.execute(update(TRACK).where(mine).values(stage="renewal"))


async def verified(house: House, client: httpx2.AsyncClient) -> dict[str, Any]:
    """Verified now, by the button; what came of it, as programs see it."""
    before = (await client.get("/v1/verifications")).json()["verifications"]
    known = {one["id"] for one in before}
    await client.post("/verify")

    async def look() -> list[dict[str, Any]]:
        found = (await client.get("/v1/verifications")).json()["verifications"]
        return [one for one in found if one["id"] not in known and one["status"] == "done"]

    [one] = await until(look)
    await house.town.client.get_workflow_handle(names.VERIFY_NOW_ID).result()
    return one


async def test_n9_a_difference_is_shown_with_its_place_and_repaired(
    house: House, admin: httpx2.AsyncClient
) -> None:
    account = await house.customer("edited")
    await edit_track(house, account)
    found = await verified(house, admin)
    assert found["count"] == 1
    first = found["first"]
    assert (first["account"], first["table"], first["column"]) == (account, "track", "stage")
    assert (await admin.get(f"/v1/verifications/{found['id']}")).json() == found
    page = (await admin.get("/verify")).text
    assert "1 difference" in page
    assert "<code>renewal</code>" in page
    assert (
        'id="n-verify" hx-swap-oob="true" hx-morph-skip>1<' in (await admin.get("/nav/engine")).text
    )
    assert (await admin.post("/verify/repair", data={"account": account})).status_code == 303
    page = (await admin.get("/verify")).text
    assert f"{account} is as its journal says." in page
    assert "0 differences" in page
    assert f"Repair of {account}" in page
    assert (await admin.get("/v1/verifications")).json()["left"] == 0
    await admin.post("/verify/repair", data={"account": account})
    assert "in order already" in (await admin.get("/verify")).text


@pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed")
@pytest.mark.parametrize("size", SIZES)
async def test_the_page_is_sound_and_its_buttons_work(
    house: House, chromium: Browser, admin: httpx2.AsyncClient, size: str
) -> None:
    account = await house.customer("seen")
    await edit_track(house, account)
    await verified(house, admin)
    async with looking(chromium, house, Role.ADMIN, "Olga Ops", size) as olga:
        page = olga.page
        await page.goto(f"{house.address}/verify")
        row = page.get_by_role("row").filter(has_text=account).first
        await row.get_by_text("onboarding").or_(row.get_by_text("launched")).first.wait_for()
        await olga.sound()
        await row.get_by_role("button", name="Repair").click()
        await page.get_by_text("0 differences").first.wait_for()
        await olga.sound()
        assert olga.troubles == []


async def test_only_administrators_verify_and_repair(house: House) -> None:
    async with house.person(Role.CSM) as csm:
        assert "Verify now" not in (await csm.get("/verify")).text
        assert (await csm.post("/verify")).status_code == 403
        assert (await csm.post("/verify/repair", data={"account": "a"})).status_code == 403
        assert (await csm.post("/v1/verifications")).status_code == 403


async def test_what_is_not_there_is_told(admin: httpx2.AsyncClient) -> None:
    found = await admin.get("/v1/verifications/no/such")
    assert (found.status_code, found.json()["code"]) == (404, "unknown_verification")
    assert "no account" in (await admin.post("/verify/repair", data={"account": "nobody"})).text
    gone = await admin.post("/verify/stop", data={"id": "verification/now/none"})
    assert "runs no more" in gone.text
