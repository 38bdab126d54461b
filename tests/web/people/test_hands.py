"""What hands do: a new tab, a press too many, a tab forgotten in the background, a wrong value, Esc."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.mail.test_browser import CHROMIUM
from tests.web.people.house import House, path
from tests.web.people.looker import looking

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]
TABS = 8
BEHIND = """() => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
    document.dispatchEvent(new Event("visibilitychange"));
}"""
"""As if another tab were in front: a browser without a window shows all of its tabs at once."""
PICKER = "summary.drop"


async def picked(page: Page, stage: str, **click: object) -> None:
    """A stage from the list of the customer journey."""
    await page.locator(PICKER, has_text="Launched").click()
    await page.get_by_role("link", name=stage, exact=True).click(**click)  # type: ignore[arg-type]


async def test_a_link_pressed_with_ctrl_opens_a_tab(chromium: Browser, house: House) -> None:
    """What opens as a dialog is a page of its own too."""
    acme = await house.customer("tabbed", days=20)
    async with looking(chromium, house) as ann:
        await ann.page.goto(house.address + path(acme))
        async with ann.page.context.expect_page() as opened:
            await picked(ann.page, "Adopting", modifiers=["Control"])
        tab = await opened.value
        await expect(tab.get_by_role("heading", name="Move Tabbed to Adopting")).to_be_visible()
        await expect(ann.page.get_by_role("dialog")).to_have_count(0)


async def test_r20_a_button_pressed_twice_sends_once(chromium: Browser, house: House) -> None:
    """Nor is the past cluttered by a command that was carried out before."""
    acme = await house.customer("eager", days=20)
    async with looking(chromium, house) as ann:
        page = ann.page
        sent: list[str] = []
        page.on("request", lambda one: sent.append(one.url) if one.method == "POST" else None)
        await page.goto(house.address + path(acme))
        await picked(page, "Adopting")
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Reason, shown to everyone").fill("Twice.")
        await dialog.get_by_role("button", name="Move to Adopting").dblclick()
        await expect(page.locator("#notices")).to_contain_text("Eager moved to Adopting.")
        await expect(page.locator("#past li").first).to_contain_text("“Twice.”")
        await expect(page.locator("#past")).not_to_contain_text("carried out before")
    assert len(sent) == 1


async def test_a_tab_behind_holds_no_connection(chromium: Browser, house: House) -> None:
    """A browser opens six connections to one house: the seventh account must open all the same."""
    acme = await house.customer("many", days=20)
    async with looking(chromium, house) as ann:
        for _ in range(TABS):
            tab = await ann.page.context.new_page()
            await tab.goto(house.address + path(acme), timeout=15_000)
            await expect(tab.get_by_role("heading", level=1)).to_have_text("Many")
            await tab.evaluate(BEHIND)


async def test_esc_gives_the_focus_back_to_the_list_it_came_from(
    chromium: Browser, house: House
) -> None:
    acme = await house.customer("escaped", days=20)
    async with looking(chromium, house) as ann:
        page = ann.page
        await page.goto(house.address + path(acme))
        await picked(page, "Renewal")
        await expect(page.get_by_role("dialog").get_by_role("textbox")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(page.locator(PICKER, has_text="Launched")).to_be_focused()


async def test_a_wrong_value_is_where_the_focus_goes(chromium: Browser, house: House) -> None:
    """The fields stand where they stood, with what was typed."""
    acme = await house.customer("wrong", days=20)
    async with looking(chromium, house) as ann:
        page, dialog = ann.page, ann.page.get_by_role("dialog")
        await page.goto(house.address + path(acme))
        await page.get_by_role("link", name="Edit", exact=True).first.click()
        labels = dialog.locator("label")
        await expect(dialog.get_by_label("ARR (EUR)")).to_be_visible()
        before = await labels.all_inner_texts()
        await dialog.get_by_label("ARR (EUR)").fill("lots")
        await dialog.get_by_role("button", name="Save the fields").click()
        await expect(dialog.get_by_role("alert")).to_be_visible()
        await expect(dialog.get_by_label("ARR (EUR)")).to_be_focused()
        assert await labels.all_inner_texts() == before


async def test_after_a_move_its_own_stages_are_shown(chromium: Browser, house: House) -> None:
    """Not those of another lifecycle that is late."""
    acme = await house.customer("railed", days=80)
    async with looking(chromium, house) as ann:
        page = ann.page
        await page.goto(house.address + path(acme, "?lifecycle=customer_journey"))
        await picked(page, "Adopting")
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Reason, shown to everyone").fill("They use it.")
        await dialog.get_by_role("button", name="Move to Adopting").click()
        await expect(page.locator("#notices")).to_contain_text("Railed moved to Adopting.")
        await expect(page.locator("#track h2")).to_have_text("Customer journey")
