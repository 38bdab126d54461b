"""A draft run in shadow and a line made live, before a real browser: at a desk, on a phone in the dark."""

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
LONG = 60_000
"""Everything is read and checked before a dialog is there."""
ESCALATION = "/lifecycles/escalation"
TIRED = "      - {name: tired, after: 40 days, to: resolved}\n"


async def test_n11_tried_looked_at_and_made_live(chromium: Browser, house: House) -> None:
    """N11: the dialog tells what it does before the button; the list has a mark, figures and the way to accounts."""
    async with house.person(Role.ADMIN, "Eve") as eve:
        text = await text_of(eve, "escalation")
        at = text.index("      - ", text.index("move:"))
        await send(eve, "escalation", text[:at] + TIRED + text[at:])
    async with looking(chromium, house, Role.ADMIN, "Eve") as looker:
        page = looker.page
        await page.goto(f"{house.address}{ESCALATION}")
        await page.get_by_role("link", name="Run in shadow").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("what they would do is only recorded", timeout=LONG)
        await expect(dialog).to_contain_text("tired")
        await looker.sound()
        await dialog.get_by_role("button", name="Run in shadow").click()
        await expect(page.locator("#notices")).to_contain_text(
            "1 automation in shadow.", timeout=LONG
        )
        row = page.locator("#automations tr", has_text="tired")
        await expect(row).to_contain_text("Shadow: nothing is done")
        await expect(row).to_contain_text("Last 30 days: would not have acted.")
        await looker.sound()
        await row.get_by_role("link", name="Account by account").click()
        await expect(page.locator("main")).to_contain_text("It would not have acted in these days")
        await page.go_back()
        await page.get_by_role("link", name="Make tired live").click()
        await expect(dialog).to_contain_text("Every account does it from now on.", timeout=LONG)
        await dialog.get_by_role("button", name="Make tired live").click()
        await expect(page.locator("#notices")).to_contain_text("tired is live.", timeout=LONG)
        await expect(row).not_to_contain_text("Shadow")
    async with looking(chromium, house, Role.VIEWER, "Vic", "phone", color_scheme="dark") as looker:
        await looker.page.goto(f"{house.address}{ESCALATION}")
        await looker.sound()
