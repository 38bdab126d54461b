"""A CSM's day in a real browser: find a late account, understand why, override, undo, hold; tick tasks off."""

import asyncio
from contextlib import suppress

import pytest
from playwright.async_api import Browser, Error, Page, Route, expect
from sqlalchemy import update

from lifecycle.roles import Role
from lifecycle.store.effects import EFFECT, WantedEffects, effects
from lifecycle.store.tables import EffectStatus
from tests.clock import until
from tests.mail.test_browser import CHROMIUM
from tests.web.people.house import ANN, House, path
from tests.web.people.looker import looking

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]


async def override(page: Page) -> None:
    await page.locator("summary.drop", has_text="Launched").click()
    await page.get_by_role("link", name="Adopting", exact=True).click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Starts the days in Adopting at 0")
    await dialog.get_by_role("button", name="Move to Adopting").click()
    await expect(dialog.locator("textarea:invalid")).to_have_count(1)
    await dialog.get_by_label("Reason, shown to everyone").fill("They use all of it.")
    await dialog.get_by_role("button", name="Move to Adopting").click()
    await expect(page.locator("#notices")).to_contain_text("Nordwind moved to Adopting.")
    past = page.locator("#past")
    await expect(past.locator("li").first).to_contain_text("“They use all of it.”")


async def take_back(page: Page) -> None:
    dialog = page.get_by_role("dialog")
    past = page.locator("#past")
    await past.get_by_role("link", name="Undo", exact=True).first.click()
    await expect(dialog).to_contain_text("Customer journey is back at Launched")
    await dialog.get_by_role("button", name="Undo", exact=True).click()
    await expect(page.locator("summary.drop", has_text="Launched")).to_be_visible()
    await expect(past.locator("li.undone").first).to_contain_text("Adopting")


async def put_on_hold(page: Page) -> None:
    dialog = page.get_by_role("dialog")
    await page.get_by_role("link", name="Hold", exact=True).click()
    await dialog.get_by_label("Until").fill("2031-02-01T09:00")
    await dialog.get_by_label("Reason, shown as long as it lasts").fill("Their sponsor left.")
    await dialog.get_by_role("button", name="Hold", exact=True).click()
    held = page.locator(".banner", has_text="Automation is paused")
    await expect(held).to_contain_text("Their sponsor left.")


async def test_find_a_late_account_understand_override_undo_hold(
    chromium: Browser, house: House
) -> None:
    """V9, R13, R18, N3: the journey, with the mouse, in place."""
    name = "Journey Jane"
    late = await house.customer("nordwind", days=70)
    await house.lifecycles.set_fields(late, {"csm": name}, actor=name)
    async with looking(chromium, house, name=name) as jane:
        page = jane.page
        await page.goto(f"{house.address}/day")
        side = page.get_by_role("region", name="Late and stuck")
        await side.get_by_role("link", name="Nordwind").first.click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Nordwind")
        await page.get_by_role("link", name="Customer journey", exact=True).click()
        await expect(page.locator("#track")).to_contain_text("56 days of 45 days")
        await expect(page.locator("#track")).to_contain_text("Late")
        await page.locator("summary[aria-label='Why: Moves to Renewal']").click()
        await expect(page.locator("#next")).to_contain_text("90 days before Renewal date")
        await override(page)
        await take_back(page)
        await put_on_hold(page)
    assert (await house.state(late)).hold is not None
    assert await house.stage(late) == "launched"


async def test_tasks_are_ticked_off_in_place(chromium: Browser, house: House) -> None:
    """G12: the page stays where it is, and says what was done."""
    acme = await house.customer("ticked")
    await house.cta(acme, "Rescue", owner="csm", playbook="at_risk_rescue")
    async with looking(chromium, house) as ann:
        page = ann.page
        await page.goto(house.address + path(acme))
        card = page.locator(".cta", has_text="Rescue")
        await card.get_by_role("button", name="Tick off: Call the sponsor").click()
        await expect(card).to_contain_text("1 of 5")
        await expect(page.locator("#notices")).to_contain_text("Done: Call the sponsor")
        await expect(card.locator(".task.done")).to_have_count(1)
        await page.goto(f"{house.address}/day")
        row = page.locator(".md", has_text="Rescue")
        await row.get_by_role("link", name="Rescue").click()
        beside = page.locator("#detail")
        await expect(beside).to_contain_text("At-risk rescue")
        await expect(beside).to_contain_text("Ticked")  # and not the first of the list any more
        await beside.get_by_role("button", name="Tick off: Collect usage").click()
        await expect(page.locator(".md", has_text="Rescue")).to_contain_text("2 of 5")
        await page.get_by_role("button", name="Close: Rescue").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("Not done yet: Agree on a plan")
        await dialog.get_by_role("button", name="Close CTA").click()
        await expect(page.locator(".md", has_text="Rescue")).to_have_count(0)


async def test_what_stands_beside_the_list_until_another_cta_is_there_cannot_be_ticked(
    chromium: Browser, house: House
) -> None:
    """G12: who clicks ahead of the answer must not do another account's task; only the last choice is shown."""
    name, may_answer = "Two Minds", asyncio.Event()

    async def later(route: Route) -> None:
        await may_answer.wait()
        with suppress(Error):  # given up meanwhile
            await route.continue_()

    for title in ("Earlier", "Later"):
        account = await house.customer(title.lower())
        await house.lifecycles.set_fields(account, {"csm": name}, actor=name)
        await house.cta(account, title, owner="csm", playbook="at_risk_rescue")
    async with looking(chromium, house, name=name) as two:
        page = two.page
        await page.route("**/day/cta/**", later)
        await page.goto(f"{house.address}/day?of=mine")
        beside, rows = page.locator("#detail"), page.locator(".md")
        first, other = await rows.locator(".what").all_inner_texts()
        await expect(beside.get_by_role("heading", name=first)).to_be_visible()
        await rows.get_by_role("link", name=other, exact=True).first.click()
        for chosen in (first, other):
            async with page.expect_event("requestfailed"):
                await rows.get_by_role("link", name=chosen, exact=True).first.click()
        tick = beside.get_by_role("button", name="Tick off: Collect usage")
        await tick.click(force=True)
        may_answer.set()
        await expect(beside.get_by_role("heading", name=other)).to_be_visible()
        await tick.click()
        await expect(rows.filter(has=page.get_by_text(other, exact=True))).to_contain_text("1 of 5")
        await expect(rows.filter(has=page.get_by_text(first, exact=True))).to_contain_text("0 of 5")


async def test_all_of_it_by_keyboard(chromium: Browser, house: House) -> None:
    """The stage picker, its list, the dialog: no mouse, and the focus comes back."""
    acme = await house.customer("keyed", days=20)
    async with looking(chromium, house) as ann:
        page = ann.page
        await page.goto(house.address + path(acme))
        await page.locator("summary.drop", has_text="Launched").focus()
        await page.keyboard.press("Enter")
        for key in ("End", "ArrowUp", "ArrowUp"):
            await page.keyboard.press(key)
        await expect(page.locator(".mi:focus")).to_contain_text("Renewal")
        await page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog")
        await expect(dialog.get_by_label("Reason, shown to everyone")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
        await page.locator("summary.drop", has_text="Launched").focus()
        await page.keyboard.press("Enter")
        await page.keyboard.press("r")
        await page.keyboard.press("Enter")
        await expect(dialog.get_by_label("Reason, shown to everyone")).to_be_focused()
        await page.keyboard.type("By hand and key.")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.locator("summary.drop", has_text="Renewal")).to_be_visible()
    assert await house.stage(acme) == "renewal"


async def test_what_others_do_appears_and_never_under_ones_hands(
    chromium: Browser, house: House
) -> None:
    acme = await house.customer("watched", days=20)
    async with looking(chromium, house) as ann:
        page = ann.page
        await page.goto(house.address + path(acme))
        await page.wait_for_function("() => performance.getEntriesByType('resource').length > 0")
        await house.lifecycles.set_fields(acme, {"sector": "Rail"}, actor="Bo")
        await expect(page.locator("#past li").first).to_contain_text("Bo sets Sector")
        await page.get_by_role("link", name="Hold", exact=True).click()
        reason = page.get_by_role("dialog").get_by_label("Reason, shown as long as it lasts")
        await reason.fill("half a sent")
        await house.lifecycles.set_fields(acme, {"sector": "Ports"}, actor="Cy")
        await expect(page.locator("#stale")).to_have_attribute("role", "status")
        await expect(page.locator("#stale:not([hidden])")).to_have_count(1)
        await expect(reason).to_have_value("half a sent")
        await page.keyboard.press("Escape")
        await expect(page.locator("#past li").first).to_contain_text("Cy sets Sector")


@pytest.mark.parametrize(("size", "scheme"), [("desk", "light"), ("phone", "dark")])
async def test_everybody_can_read_and_press_it(
    chromium: Browser, house: House, size: str, scheme: str
) -> None:
    """axe finds nothing serious on any page of an account, in both schemes, on a desk and a phone."""
    acme = await house.customer("axe", days=70, sector="Rail")
    await house.cta(acme, "Call", owner="csm", playbook="renewal", priority="high")
    await house.lifecycles.set_stage(
        acme, "customer_journey", "will_churn", actor=ANN, reason="gone quiet"
    )
    await house.lifecycles.undo(acme, actor=ANN)
    async with looking(chromium, house, size=size, color_scheme=scheme) as ann:
        page = ann.page
        for rest in (
            "",
            "/undo",
            "/hold",
            "/fields",
            "/ctas/new",
            "/ctas/1",
            "/visits",
            "/forecast",
        ):
            await page.goto(house.address + path(acme, rest))
            await ann.sound()
        for address in (path(acme, "/score/health"), path(acme, "/mails"), "/day", "/day?of=all"):
            await page.goto(house.address + address)
            await ann.sound()


async def test_a_viewer_finds_no_button(chromium: Browser, house: House) -> None:
    acme = await house.customer("viewed")
    await house.cta(acme, "Call", owner="csm", playbook="renewal")
    async with looking(chromium, house, role=Role.VIEWER, name="Vera") as vera:
        await vera.page.goto(house.address + path(acme))
        main = vera.page.locator("main")
        await expect(main.locator("form, summary.drop, .check:not([disabled])")).to_have_count(0)
        await vera.sound()


async def test_an_email_runs_no_script_and_loads_nothing(chromium: Browser, house: House) -> None:
    acme = await house.customer("mailed", days=1)
    await house.lifecycles.set_stage(
        acme, "customer_journey", "will_churn", actor=ANN, reason="notice"
    )
    wanted = WantedEffects(acme, EffectStatus.SENT)
    (row,) = await until(lambda: effects(house.door.store, wanted))
    nasty = '<p style="color:red">Hi</p><img src="http://example.com/x.png"><script>parent.bad=1</script>'
    async with house.door.store.writing() as connection:
        await connection.execute(update(EFFECT).where(EFFECT.c.id == row.id).values(html=nasty))
    async with looking(chromium, house) as ann:
        await ann.page.goto(f"{house.address}{path(acme, '/mails')}")
        await ann.page.get_by_role("link", name=str(row.subject)).click()
        letter = ann.page.frame_locator("iframe.letter")
        await expect(letter.get_by_text("Hi")).to_be_visible()
        assert await ann.page.evaluate("window.bad") is None
        blocked = [text for text in ann.troubles if "example.com" in text or "script" in text]
        assert len(blocked) >= 2
        ann.troubles.clear()
