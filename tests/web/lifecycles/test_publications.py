"""A draft tried with a share, followed and brought back: in pages without JavaScript, and by the API (N7, R24)."""

import html

import httpx2
import pytest
from playwright.async_api import Browser, expect

from lifecycle.roles import Role
from lifecycle.store.definitions import shares
from lifecycle.store.publications import accounts_of
from tests.clock import until
from tests.mail.test_browser import CHROMIUM
from tests.web.as_who import as_role
from tests.web.lifecycles.test_publishing import publish, send, text_of
from tests.web.people.house import House, hidden, sent
from tests.web.people.looker import looking

SALES = "/lifecycles/sales"


async def standing(house: House, name: str, status: str) -> None:
    async def look() -> str:
        return (await house.door.publications.progress(name)).status

    await until(look, lambda seen: seen == status, within=60)


TRIED = {"policy": "at once", "share": "99", "stops": "yes", "said": "Fifty days."}


async def drafted(house: House, ivy: httpx2.AsyncClient) -> str:
    """Four leads, and a draft of version 2; its text."""
    for number in range(4):
        account = house.town.account(f"lead{number}")
        await house.town.update_with_start(account, {"name": f"Lead {number}"})
    text = await text_of(ivy, "sales")
    await send(ivy, "sales", text.replace("stuck after: 60 days", "stuck after: 50 days"), "raise")
    return await text_of(ivy, "sales")


async def page_at(ivy: httpx2.AsyncClient, address: str) -> str:
    return html.unescape((await ivy.get(address)).text)


async def test_n7_a_draft_is_tried_with_a_share_and_brought_back(house: House) -> None:
    """N7, R24: real numbers in the dialog, the promise on the page, what going back does before its button."""
    async with house.person(Role.ADMIN, "Ivy") as ivy:
        raised = await drafted(house, ivy)
        question = await page_at(ivy, f"{SALES}/publish")
        assert "5 checks pass. Version 1 can be brought back." in question
        assert "Nobody moves at once; timers of 4 accounts shift." in question
        assert "100 %: all at once, not watched" in question
        typed = {**hidden(question), "policy": "at once", "watch": "long"}
        wrong = await ivy.post(f"{SALES}/publish", data=typed)
        assert wrong.status_code == 422
        assert "is no length of time" in html.unescape(wrong.text)
        page = html.unescape((await publish(ivy, "sales", **TRIED)).text)
        assert "Published Sales, version 2." in page
        assert "Fifty days." in page
        await standing(house, "sales-2", "watching")
        assert "Version 2 is tried with 99 %" in await page_at(ivy, SALES)
        await looked_at(house, ivy)
        await brought_back(house, ivy)
        # The number is used up, and whoever still has that text is told so.
        await send(ivy, "sales", raised)
        form = hidden(await page_at(ivy, f"{SALES}/publish"))
        again = html.unescape((await ivy.post(f"{SALES}/publish", data={**form, **TRIED})).text)
        assert "Version 2 of Sales was brought back to the one before." in again
        assert "Write `version: 3`" in again
        await ivy.post(f"{SALES}/discard")


async def looked_at(house: House, ivy: httpx2.AsyncClient) -> None:
    looked = await ivy.post("/publications/sales-2/look")
    page = await page_at(ivy, looked.headers["location"])
    share = await accounts_of(house.door.store, "sales-2")
    several = f"All {len(share)} accounts of the share live as promised."
    assert (several if len(share) > 1 else "The account of the share lives as promised.") in page
    assert f"99 % are chosen by their ids: {len(share)} of" in page
    assert "<small>of 0</small>" not in page
    assert ">Lead 1</a>" in page or ">Lead 2</a>" in page
    assert "Bring version 1 back" in page
    assert "Sales, version 2" in await page_at(ivy, "/publications")
    beside = await page_at(ivy, "/changes/publish-sales-2")
    assert 'href="/publications/sales-2"' in beside
    assert "/changes/publish-sales-2/undo" not in beside


async def brought_back(house: House, ivy: httpx2.AsyncClient) -> None:
    unsaid = await sent(ivy, "/publications/sales-2/roll-back", reason="")
    assert "accounts run version 1 again." in html.unescape(unsaid.text)
    assert "It needs a reason." in unsaid.text
    done = await sent(ivy, "/publications/sales-2/roll-back", reason="too soon")
    assert done.status_code == 303
    await standing(house, "sales-2", "rolled back")
    assert (await shares(house.door.store))["sales", 2] == 0
    versions = await page_at(ivy, f"{SALES}/versions")
    assert "Taken back" in versions
    assert "Version 1 live" in versions


async def test_n7_the_same_by_the_api(house: House) -> None:
    """N7: tried, looked at, stopped, rolled on, and refused where it makes no sense."""
    account = house.town.account("by-api")
    await house.town.update_with_start(account, {"name": "By API"})
    async with as_role(house.app, house.town.store, Role.ADMIN, key=True) as client:
        text = (await client.get("/v1/definitions/escalation?format=yaml")).text
        changed = text.replace("version: 1\n", "version: 2\n").replace(
            "expected: 1 ", "expected: 2 "
        )
        body = {"files": {"escalation.yaml": changed}, "policy": "at once", "share": 50}
        made = await client.post("/v1/definitions/publish", json=body)
        assert made.status_code in {200, 202}, made.text
        assert made.json()["publication"] == "escalation-2"
        await standing(house, "escalation-2", "watching")
        way = "/v1/publications/escalation-2"
        assert (await client.get(way)).json()["share"] == 50
        assert (await client.get(f"{way}/roll-back")).json()["before"] == 1
        beside = "/v1/changes/publish-escalation-2/undo"
        refused = await client.post(beside, json={"reason": "not here"})
        assert (refused.status_code, refused.json()["code"]) == (409, "of_publication")
        assert (await client.post(f"{way}/look", json={})).status_code == 200
        stopped = (await client.post(f"{way}/stop", json={"reason": "lunch"})).json()
        assert (stopped["status"], stopped["orders"]) == ("stopped", ["roll_on", "roll_back"])
        assert (await client.post(f"{way}/stop", json={})).status_code == 409
        assert (await client.post(f"{way}/roll-on", json={})).status_code == 200
        await standing(house, "escalation-2", "done")
        assert (await client.get("/v1/publications/escalation-9")).status_code == 404
        versions = (await house.state(account)).versions
        assert versions["escalation"] == 2


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed")
async def test_the_share_is_chosen_with_a_slider(chromium: Browser, house: House) -> None:
    """N7: the button says to how many it goes; the dialog and the page of a publication are sound."""
    async with (
        house.person(Role.ADMIN, "Nia") as nia,
        looking(chromium, house, Role.ADMIN, "Nia") as looker,
    ):
        await house.town.update_with_start(house.town.account("one"), {"name": "One"})
        text = await text_of(nia, "customer_stages")
        changed = text.replace("expected: 14 days", "expected: 9 days", 1)
        await send(nia, "customer_stages", changed, "raise")
        page = looker.page
        await page.goto(f"{house.address}/lifecycles/customer_stages/publish")
        await expect(page.locator("[data-publish]")).to_have_text("Publish to 5 %")
        await page.get_by_label("Share of the accounts in percent").fill("40")
        await expect(page.locator("#share")).to_have_value("40")
        await looker.sound()
        await page.get_by_role("button", name="Publish to 40 %").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("version 2")
        await standing(house, "customer_stages-2", "watching")
        await page.reload()
        await looker.sound()
        await page.get_by_role("link", name="Bring version 1 back").click()
        await expect(page.get_by_role("dialog")).to_contain_text("version 1 again")
