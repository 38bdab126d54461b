"""CS ops rehearse before a real browser: begun with a press, watched, looked through; on a phone, in the dark."""

import pytest
from playwright.async_api import Browser, expect

from lifecycle.roles import Role
from tests.mail.test_browser import CHROMIUM
from tests.web.lifecycles.test_publishing import send, text_of
from tests.web.people.house import House
from tests.web.people.looker import looking

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]
JOURNEY = "customer_journey"


async def test_a_draft_is_rehearsed_and_looked_through(chromium: Browser, house: House) -> None:
    """N2: from the editor's draft to the accounts that differ, without leaving the page."""
    account = await house.customer("rehearsed", days=20)
    assert await house.stage(account) == "launched"
    async with house.person(Role.ADMIN, "Ned") as ned:
        text = await text_of(ned, JOURNEY)
        await send(ned, JOURNEY, text.replace("after: 14 days", "after: 45 days"))
    async with looking(chromium, house, Role.ADMIN, "Ned") as ned_:
        page = ned_.page
        await page.goto(f"{house.address}/lifecycles/{JOURNEY}")
        await page.get_by_role("link", name="Rehearse", exact=True).click()
        await expect(page.get_by_text("Not rehearsed yet")).to_be_visible()
        await ned_.sound()
        await page.get_by_role("button", name="Rehearse", exact=True).first.click()
        await expect(page.get_by_role("heading", name="Accounts that differ")).to_be_visible(
            timeout=30_000
        )
        row = page.locator(".apart tbody tr", has_text="Rehearsed")
        await expect(row).to_contain_text("Two weeks passed: day 45 not reached")
        await expect(page.get_by_role("link", name="Rehearse 1 differ")).to_have_attribute(
            "aria-current", "page"
        )
        await ned_.sound()
        await page.get_by_role("link", name="E-mails").click()
        await expect(page.get_by_role("button", name="Rehearse again").first).to_be_visible()
    for size, scheme in (("phone", "light"), ("desk", "dark")):
        async with looking(chromium, house, Role.ADMIN, "Ned", size, color_scheme=scheme) as again:
            await again.page.goto(f"{house.address}/lifecycles/{JOURNEY}/rehearse")
            await again.sound()
