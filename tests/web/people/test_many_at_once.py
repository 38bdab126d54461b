"""Many accounts changed at once by pages: chosen, looked at, begun, followed, undone as one (R13, R16)."""

import re

from playwright.async_api import Browser, Page, expect

from lifecycle.roles import Role
from tests.clock import until
from tests.web.people.house import House, hidden
from tests.web.people.looker import looking

REASON = "They are all live."


async def crowd(house: House, name: str, count: int = 3) -> list[str]:
    return [await house.customer(f"{name}{number}", plan="Pro") for number in range(count)]


async def choose_two(page: Page, house: House) -> None:
    await page.goto(f"{house.address}/accounts?search=heron")
    boxes = page.get_by_role("checkbox", name=re.compile("Choose Heron"))
    await boxes.nth(0).check()
    await boxes.nth(1).check()
    await expect(page.get_by_text("The 2 chosen")).to_be_visible()
    await page.get_by_role("button", name="Move to…").click()


async def undo_both(page: Page) -> None:
    dialog = page.get_by_role("dialog")
    await page.get_by_role("link", name="Undo all").click()
    await expect(dialog.get_by_text("Takes back 2 changes")).to_be_visible()
    await dialog.get_by_label("Reason").fill("It was the wrong list.")
    await dialog.get_by_role("button", name="Undo 2 changes").click()
    await expect(page.get_by_text("2 of 2 commands taken back")).to_be_visible()


async def test_rows_are_chosen_moved_and_undone_in_a_browser(
    chromium: Browser, house: House
) -> None:
    accounts = await crowd(house, "heron")
    async with looking(chromium, house) as person:
        page = person.page
        await choose_two(page, house)
        dialog = page.get_by_role("dialog")
        await expect(dialog.get_by_role("heading", name="Move 2 accounts")).to_be_visible()
        await dialog.get_by_label("To", exact=True).select_option("customer_journey:adopting")
        await expect(dialog.get_by_text("2 accounts change")).to_be_visible()
        await person.sound()
        await dialog.get_by_label("Reason").fill(REASON)
        await dialog.get_by_role("button", name="Move these accounts").click()
        await page.wait_for_url(re.compile("/changes/stage-"))
        await expect(page.get_by_text("2 of 2 commands through")).to_be_visible()
        await expect(page.locator(".tag", has_text="Done").first).to_be_visible()
        await person.sound()
        assert [await house.stage(one) for one in accounts].count("adopting") == 2
        await undo_both(page)
        await page.goto(f"{house.address}/changes")
        await expect(page.get_by_role("heading", name="Changes")).to_be_visible()
        await person.sound()
    assert {await house.stage(one) for one in accounts} == {"launched"}


async def test_all_that_match_are_held_without_javascript(house: House) -> None:
    accounts = await crowd(house, "stork", 2)
    async with house.person() as person:
        asked = {"search": "stork", "which": "all", "do": "hold", "until": "9d", "reason": REASON}
        form = await person.get("/changes/new", params=asked)
        assert "2 accounts</b> change" in form.text
        sent = await person.post("/changes/new", data={**hidden(form.text), **asked})
        assert sent.status_code == 303, sent.text
        name = sent.headers["location"].rpartition("/")[2]
        await until(lambda: house.door.changes.progress(name), lambda one: one.status == "done")
        again = await person.post("/changes/new", data={**hidden(form.text), **asked})
        assert "now 0 would" in again.text or again.status_code == 303
        page = await person.get(f"/changes/{name}?status=done")
        assert page.text.count('<th scope="row">') == 2
        file = await person.get(f"/changes/{name}/accounts.csv")
        assert all(account in file.text for account in accounts)
        assert (await person.post(f"/changes/{name}/pause")).status_code == 409
    holds = [(await house.state(one)).hold for one in accounts]
    assert [hold.reason for hold in holds if hold] == [REASON, REASON]


async def test_a_field_with_fixed_choices_offers_them(chromium: Browser, house: House) -> None:
    await crowd(house, "egret", 1)
    async with looking(chromium, house) as person:
        page = person.page
        await page.goto(f"{house.address}/changes/new?search=egret&which=all&do=fields")
        async with page.expect_response(lambda answer: "field=seats" in answer.url):
            await page.get_by_label("Field", exact=True).select_option("seats")
        await expect(page.locator("[aria-busy=true]")).to_have_count(0)
        await page.get_by_label("To", exact=True).fill("many")
        await page.get_by_label("Field", exact=True).focus()
        await expect(page.locator("#foreseen")).to_contain_text("is not a whole number")
        await page.get_by_label("Field", exact=True).select_option("plan")
        await page.locator("select#f-value").select_option("Enterprise")
        await expect(page.get_by_text("1 account changes")).to_be_visible()
        await person.sound()


async def test_what_cannot_be_is_told_beside_its_question(house: House) -> None:
    await crowd(house, "crane", 1)
    asked = {"search": "crane", "which": "all", "do": "fields"}
    async with house.person() as person:
        form = await person.get("/changes/new", params=asked)
        assert "Choose first" in form.text
        wrong = {"field": "seats", "value": "many", "reason": REASON, "expected": "1"}
        refused = await person.post("/changes/new", data={**hidden(form.text), **asked, **wrong})
        assert refused.status_code == 422
        assert "is not a whole number" in refused.text
        gold = {"field": "plan", "value": "Gold", "reason": REASON}
        seen = await person.get("/changes/new", params={**asked, **gold})
        foreseen = seen.text.partition('id="foreseen"')[2]
        assert "is not one of the choices" in foreseen
        assert "Choose first" not in foreseen
        assert '<option value="Enterprise">Enterprise</option>' in seen.text
        unsaid = {"field": "plan", "value": "", "reason": REASON, "expected": "1"}
        refused = await person.post("/changes/new", data={**hidden(form.text), **asked, **unsaid})
        assert (refused.status_code, "It is not said to what." in refused.text) == (422, True)
        fewer = {"field": "seats", "value": "5", "reason": REASON, "expected": "7"}
        refused = await person.post("/changes/new", data={**hidden(form.text), **asked, **fewer})
        assert refused.status_code == 409
        assert "7 accounts would have changed when you looked; now 1 would." in refused.text
        none = await person.get("/changes/new", params={"do": "hold"})
        assert "No account is chosen." in none.text
        assert (await person.get("/changes/nothing")).status_code == 404
    async with house.person(Role.VIEWER) as viewer:
        assert (await viewer.get("/changes")).status_code == 200
        assert (await viewer.get("/changes/new", params=asked)).status_code == 403
