"""Erasing a person from the account page and by the API (N12)."""

import pytest
from playwright.async_api import Browser, expect

from lifecycle.roles import Role
from lifecycle.store.erasures import erasures
from tests.clock import until
from tests.erasing.looking import histories_with, of_ours, rows_with
from tests.mail.test_browser import CHROMIUM
from tests.web.people.house import House, path, sent
from tests.web.people.looker import looking


async def a_contact(house: House, name: str) -> tuple[str, str]:
    """An account and the address of its contact."""
    address = f"{name}.person@example.com"
    acme = await house.customer(name, contact_name=f"{name.title()} Person", contact_email=address)
    return acme, address


async def gone(house: House, account: str, address: str) -> None:
    """Wait until the erasure has ended; then look everywhere."""

    async def done() -> bool:
        rows = await erasures(house.town.store, account)
        return bool(rows) and all(row.done_at for row in rows)

    await until(done, within=60)
    assert await rows_with(house.town.store, address) == []
    assert await histories_with(house.town.client, address) == []


async def test_n12_an_admin_types_the_name_and_the_history_says_so(house: House) -> None:
    """N12: what goes stands above the button; a wrong name erases nobody; others may not even ask."""
    acme, address = await a_contact(house, "erasable")
    async with house.person() as ann:
        assert (await ann.get(path(acme, "/erase"))).status_code == 403
        assert "Erase a person" not in (await ann.get(path(acme))).text
    async with house.person(Role.ADMIN, "Dora Poe") as dora:
        assert "Erase a person" in (await dora.get(path(acme))).text
        form = await dora.get(path(acme, "/erase"))
        assert "Fields: Contact, Contact e-mail" in form.text
        assert address not in form.text
        wrong = await sent(dora, path(acme, "/erase"), typed_name="Erasabel")
        assert wrong.status_code == 422
        assert "Type Erasable to erase for good." in wrong.text
        by_id = await sent(dora, path(acme, "/erase"), typed_name=acme)
        assert "Type Erasable to erase for good." in by_id.text, "the name is what is asked for"
        unkept = await sent(
            dora, path(acme, "/erase"), typed_name="Erasable", reason="no database keeps \0"
        )
        assert (unkept.status_code, "`reason` is not taken" in unkept.text) == (422, True)
        assert (await house.state(acme)).fields["contact_email"] == address
        answer = await sent(
            dora, path(acme, "/erase"), typed_name="Erasable", reason=f"{address} asked for it"
        )
        assert (answer.status_code, answer.headers["location"]) == (303, path(acme))
        await gone(house, acme, address)
        page = (await dora.get(path(acme))).text
        assert "Dora Poe erases personal data: “[erased] asked for it”" in page
        assert "Personal data erased on " in page
        again = await dora.get(path(acme, "/erase"))
        assert "Nothing is kept of them any more." in again.text
        assert f"Erased a person: {acme}" in (await dora.get("/audit")).text


async def test_n12_by_the_api(house: House) -> None:
    """N12: looked at first, begun with 202, told until it is done; again, there is nothing left."""
    acme, address = await a_contact(house, "apierased")
    where = f"/v1{path(acme, '/erase')}"
    async with house.person(Role.ADMIN, "Dora Poe") as dora:
        seen = await dora.post(where, json={"dry_run": True})
        assert seen.status_code == 200, seen.text
        assert not seen.json()["nothing_left"]
        assert address not in seen.text
        assert (await dora.post(where, json={"person": "csm"})).status_code == 422
        begun = await dora.post(where, json={"person": address, "reason": "asked"})
        assert begun.status_code == 202, begun.text
        await gone(house, acme, address)
        told = (await dora.get(f"/v1/erasures/{begun.json()['id']}")).json()
        assert (told["status"], told["accounts"]) == ("done", [acme])
        assert of_ours(told["left"]) == []
        listed = (await dora.get("/v1/erasures")).json()["erasures"]
        assert told["id"] in [one["id"] for one in listed]
        assert (await dora.post(where, json={})).json()["nothing_left"]
    async with house.person() as ann:
        assert (await ann.post(where, json={})).status_code == 403


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed")
async def test_n12_in_a_browser(chromium: Browser, house: House) -> None:
    """N12: a dialog with what goes; the name, the button, and the history says it by itself."""
    acme, address = await a_contact(house, "clicked")
    async with looking(chromium, house, role=Role.ADMIN) as ann:
        page = ann.page
        await page.goto(house.address + path(acme))
        await page.get_by_role("link", name="Erase a person …").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("What goes")
        await dialog.get_by_label("Type “Clicked” to confirm").fill("Clicked")
        await dialog.get_by_role("button", name="Erase for good").click()
        await expect(page.locator("#notices")).to_contain_text("are being erased")
        await expect(page.locator("#past")).to_contain_text("erases personal data", timeout=20_000)
    await gone(house, acme, address)
