"""CS ops before a real browser: the drawing, a switch, an edit with the checker beside, a publication; phone, dark."""

import pytest
from playwright.async_api import Browser, Page, expect

from lifecycle.roles import Role
from lifecycle.store.definitions import current_book
from lifecycle.store.drafts import draft_of
from tests.clock import until
from tests.mail.test_browser import CHROMIUM
from tests.web.lifecycles.test_publishing import publish, send, text_of
from tests.web.people.house import House
from tests.web.people.looker import looking

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]
ONBOARDING = "/lifecycles/onboarding"


async def write(page: Page, old: str, new: str) -> None:
    """Type over a part of the text, as a person does."""
    area = page.locator("#text")
    await area.focus()
    at = (await area.input_value()).index(old)
    await area.evaluate(f"(area) => area.setSelectionRange({at}, {at + len(old)})")
    await page.keyboard.insert_text(new)


async def test_an_automation_is_unpublished_in_a_dialog(chromium: Browser, house: House) -> None:
    """V12: the drawing and the list say so."""
    async with looking(chromium, house, Role.ADMIN, "Ida") as ida:
        page = ida.page
        await page.goto(f"{house.address}/lifecycles")
        await page.get_by_role("link", name="Onboarding project").click()
        await expect(page.get_by_role("img", name="Stages of Onboarding project")).to_be_visible()
        row = page.locator("#automations tbody tr").first
        name = await row.locator("b").inner_text()
        await page.get_by_role("link", name=f"Unpublish {name}", exact=True).click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("No account does it any more")
        await dialog.get_by_role("button", name=f"Unpublish {name}").click()
        await expect(page.locator("#notices")).to_contain_text(f"{name} is unpublished.")
        await expect(row).to_contain_text("Switched off")
        await expect(page.locator(".graph .way.off")).to_have_count(1)
        await page.get_by_role("link", name=f"Publish {name}", exact=True).click()
        await dialog.get_by_role("button", name=f"Publish {name}").click()
        await expect(page.locator("#notices")).to_contain_text(f"{name} is published.")
        await expect(page.locator(".graph .way.off")).to_have_count(0)


async def test_the_checker_answers_beside_the_line_while_one_types(
    chromium: Browser, house: House
) -> None:
    """Errors at their lines, a way to each, nothing lost by a reload, a version raised, published."""
    async with looking(chromium, house, Role.ADMIN, "Jon") as jon:
        page = jon.page
        await page.goto(f"{house.address}/lifecycles/customer_stages/edit")
        label = "label: Early Adoption"
        await write(page, label, "lable: Early Adoption")
        problem = page.locator("#checked .problems li").first
        await expect(problem).to_contain_text("label")
        line = await problem.get_attribute("data-line")
        await expect(page.locator("#gutter b.error").first).to_have_text(str(line))
        await page.reload()
        await expect(problem).to_contain_text("label")
        await problem.get_by_role("link", name=f"Line {line}").click()
        await expect(page.locator("#text")).to_be_focused()
        await write(page, "lable: Early Adoption", "label: First Adoption")
        await expect(page.locator("#checked")).to_contain_text("All pass")
        await expect(page.locator("#checked")).to_contain_text("First Adoption")
        await page.get_by_role("button", name="Publish…").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("in place")
        await expect(page.locator(".diff .add")).to_contain_text("First Adoption")
        await jon.sound()
        await page.get_by_role("button", name="Publish the change").click()
        await expect(page.locator("#notices")).to_contain_text(
            "Published Customer stages, version 1.2."
        )
    book, _ = await current_book(house.door.store)
    labels = {stage.label for stage in book.lifecycles["customer_stages"].stages}
    assert "First Adoption" in labels
    await until(
        lambda: draft_of(house.door.store, "customer_stages", "Jon"), lambda row: row is None
    )


@pytest.mark.parametrize("size", ["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page_is_sound(chromium: Browser, house: House, size: str, scheme: str) -> None:
    """axe finds nothing serious, nothing sticks out, everything can be read."""
    options = {"color_scheme": scheme}
    async with looking(chromium, house, Role.ADMIN, "Kim", size, **options) as kim:
        page = kim.page
        for path in (
            "/lifecycles",
            "/lifecycles/customer_journey",
            "/lifecycles/segments",
            "/lifecycles/sales/versions",
            "/lifecycles/sales/versions/1",
            "/lifecycles/customer_journey/automations/welcome/switch",
            "/lifecycles/escalation/edit",
        ):
            await page.goto(house.address + path)
            await kim.sound()
        await write(page, "expected: 5 business days", "expected: 5 busines days")
        await expect(page.locator("#checked .problems li").first).to_be_visible()
        await kim.sound()
        await page.get_by_role("button", name="Throw the draft away").click()
        await expect(page.locator("#notices")).to_contain_text("thrown away")


async def test_who_writes_while_somebody_publishes_is_told(chromium: Browser, house: House) -> None:
    """What is typed keeps the version it was begun from; the other's change is not taken back."""
    async with (
        looking(chromium, house, Role.ADMIN, "Lea") as lea,
        house.person(Role.ADMIN, "Max") as max_,
    ):
        page = lea.page
        await page.goto(f"{house.address}/lifecycles/directory/edit")
        text = await text_of(max_, "directory")
        await send(max_, "directory", text + "# Max was here.\n")
        await send(max_, "directory", text.replace("label: ", "label: The ", 1))
        await publish(max_, "directory")
        await write(page, "teams:", "teams:  # Lea")
        await expect(page.locator("#checked")).to_contain_text("What the draft changes")
        await page.reload()
        await expect(page.locator(".banner")).to_contain_text("Max published it.")
        await page.get_by_role("button", name="I have taken it over").click()
        await expect(page.locator("#notices")).to_contain_text("now follows version 2")
