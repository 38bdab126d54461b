"""Many accounts in a real browser: sentences built by keyboard, a segment mailed, a sheet mended and applied."""

import re
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.async_api import Browser, Page, expect

from lifecycle.roles import Role
from tests.mail.test_browser import CHROMIUM
from tests.smtp import SmtpServer
from tests.web.accounts.test_campaigns import audience, sent_to
from tests.web.accounts.test_imports import sheet
from tests.web.people.house import House
from tests.web.people.looker import Looker, looking

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]
TEXT = "#as-text"


async def press(page: Page, *keys: str) -> None:
    for key in keys:
        await page.keyboard.press(key)


async def says(page: Page, text: str) -> None:
    """The box for the text, once the builder has been answered."""
    await expect(page.locator(TEXT)).to_have_value(text)


async def focused(page: Page, name: str) -> None:
    await expect(page.locator(f'[name="{name}"]:focus, [data-name="{name}"]:focus')).to_have_count(
        1
    )


async def test_t17_t18_a_sentence_is_built_by_keyboard(chromium: Browser, house: House) -> None:
    """Every token by keys alone; the focus stays where it was, although the lines are new each time."""
    async with looking(chromium, house) as ann:
        page = ann.page
        await page.goto(f"{house.address}/accounts")
        await page.get_by_role("button", name="Add a line", exact=True).focus()
        await press(page, "Enter")
        await says(page, "customer_journey is onboarding")
        await focused(page, "0-subject")
        await page.keyboard.type("Escalation")
        await says(page, "escalation is open")
        await focused(page, "0-subject")
        await press(page, "Tab")
        await focused(page, "0-verb")
        await press(page, "Tab", "Enter", "ArrowDown", "ArrowDown", "Space", "Escape")
        await says(page, "escalation is one of open, investigating")
        await focused(page, "0-values")
        await press(page, "Tab")
        await focused(page, "0-how")
        await page.keyboard.type("for more")
        await says(page, "escalation is one of open, investigating for more than 30 days")
        await press(page, "Tab", "Control+a")
        await page.keyboard.type("7")
        await press(page, "Tab")
        await says(page, "escalation is one of open, investigating for more than 7 days")
        await focused(page, "0-unit")
        await expect(page).to_have_url(re.compile("where=escalation"))


async def test_t19_lines_and_groups_are_added_counted_and_removed(
    chromium: Browser, house: House
) -> None:
    where, _ = await audience(house, "bruno", "carla")
    async with looking(chromium, house) as ann:
        page = ann.page
        await page.goto(f"{house.address}/accounts")
        await page.locator(TEXT).fill(where)
        await page.get_by_role("button", name="Show", exact=True).click()
        await expect(page.locator("#h-accounts")).to_have_text(re.compile("^2 "))
        await expect(page.locator(".matches")).to_have_text(["2 match"])
        await page.get_by_role("button", name="Add a group").click()
        await says(page, f"{where}\nany of:\n  customer_journey is onboarding")
        await expect(page.locator('[name="1.0-subject"]')).to_be_focused()
        await page.get_by_label("Of what").last.select_option(label="Sales")
        await says(page, f"{where}\nany of:\n  sales is lead")
        await page.get_by_label("What is said of it").last.select_option(label="completed")
        await says(page, f"{where}\nany of:\n  sales completed")
        await page.get_by_label("When").select_option("last")
        await says(page, f"{where}\nany of:\n  sales completed in the last 30 days")
        await expect(page.locator(".matches")).to_have_count(2)
        await expect(page.locator("#h-accounts")).to_have_text(re.compile("^0 of "))
        await page.get_by_role("button", name="Remove this line").last.click()
        await says(page, where)
        await page.get_by_role("button", name="Remove this line").click()
        await says(page, "")
        await page.go_back()
        await expect(page).to_have_url(re.compile("/accounts$"))


async def test_a_wrong_text_is_mended_in_place(chromium: Browser, house: House) -> None:
    where, _ = await audience(house, "dieter")
    async with looking(chromium, house) as ann:
        page = ann.page
        await page.goto(f"{house.address}/accounts")
        await page.locator(TEXT).fill(f"{where}\nname contains")
        await page.get_by_role("button", name="Show", exact=True).click()
        await expect(page.get_by_role("alert")).to_contain_text("The sentence ends here")
        await ann.sound()
        value = page.get_by_label("Value", exact=True).last
        await expect(value).to_have_attribute("aria-invalid", "true")
        await value.fill("Diet")
        await page.keyboard.press("Enter")
        await says(page, f"{where}\nname contains Diet")
        await expect(page.get_by_role("link", name="Dieter")).to_be_visible()


async def test_columns_are_chosen_and_stand_in_the_address(chromium: Browser, house: House) -> None:
    where, _ = await audience(house, "emma")
    async with looking(chromium, house) as ann:
        page = ann.page
        await page.goto(f"{house.address}/accounts?where={where}")
        await page.locator("summary", has_text="Columns").click()
        chooser = page.locator("form.colpick")
        while await chooser.locator("input:checked").count():
            await chooser.locator("input:checked").first.uncheck()
        await chooser.get_by_label("Seats bought").check()
        await chooser.get_by_label("What happens next").check()
        await chooser.get_by_role("button", name="Show these columns").click()
        heads = page.locator("thead th")
        await expect(heads).to_have_text(["Account", "Seats bought", "What happens next"])
        assert page.url.count("column=") == 2
        await heads.get_by_role("link", name="Seats bought").click()
        await expect(page.locator('th[aria-sort="descending"]')).to_have_text("Seats bought")
        await page.reload()
        await expect(heads).to_have_count(3)


async def test_t16_a_segment_is_saved_in_place(chromium: Browser, house: House) -> None:
    where, _ = await audience(house, "fiona")
    title = f"Fiona's {uuid4().hex[:4]}"
    async with looking(chromium, house, role=Role.ADMIN, name="Ada") as ada:
        page = ada.page
        await page.goto(f"{house.address}/accounts?where={where}")
        await page.get_by_role("link", name="Save as segment…").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Title").fill(title)
        await dialog.get_by_label("What it is for").fill("Call her.")
        await expect(dialog.locator(".yaml")).to_contain_text("title: ")
        await dialog.get_by_role("button", name="Save segment").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(title)
        await expect(page.get_by_role("complementary")).to_contain_text(title)
        await expect(page.locator("#notices")).to_contain_text("Saved: the segment")


async def test_v2_from_a_segment_to_mails_that_arrived(
    chromium: Browser, house: House, post: SmtpServer
) -> None:
    """V2, G14: chosen, looked at, sent, followed until the last one is there."""
    where, addresses = await audience(house, "greta", "hanna", "ingo")
    name = f"b-{uuid4().hex[:6]}"
    async with looking(chromium, house) as ann:
        page = ann.page
        await page.goto(f"{house.address}/accounts?where={where}")
        await page.get_by_role("link", name="Start campaign").click()
        await page.get_by_label("E-mail").select_option("feature_news")
        await page.get_by_label("Name").fill(name)
        await ann.sound()
        await page.get_by_role("button", name="Look at it first").click()
        await expect(page.locator("main")).to_contain_text("3 would get it now")
        letter = page.frame_locator("iframe").first
        await page.locator("iframe").first.scroll_into_view_if_needed()
        await expect(letter.locator("body")).to_contain_text("Hello")
        await ann.sound()
        await page.get_by_role("button", name="Send 3 e-mails").click()
        await expect(page.locator("#notices")).to_contain_text(f"{name} is on its way.")
        await expect(page.locator("#campaign")).to_contain_text(
            "100 % of 3 accounts", timeout=20_000
        )
        await expect(page.locator("#campaign .tag", has_text="Done")).to_be_visible(timeout=20_000)
        await expect(page.locator("tbody .tag.ok")).to_have_count(3)
        await ann.sound()
    assert sent_to(post, addresses) == sorted(addresses)


async def test_t26_a_sheet_with_bad_rows_is_mended_and_applied(
    chromium: Browser, house: House, tmp_path: Path
) -> None:
    first, second = [await house.customer(name) for name in ("jonas", "karin")]
    bad, good = tmp_path / "seats.csv", tmp_path / "seats mended.csv"
    bad.write_bytes(sheet({"account": first, "seats": "20"}, {"account": second, "seats": "lots"}))
    good.write_bytes(sheet({"account": first, "seats": "20"}, {"account": second, "seats": "30"}))
    async with looking(chromium, house) as ann:
        page = ann.page
        await page.goto(f"{house.address}/imports")
        await ann.sound()
        await page.get_by_label("File", exact=True).set_input_files(bad)
        await page.get_by_role("button", name="Upload and look").click()
        refused = page.get_by_role("region", name="1 row is refused")
        await expect(refused).to_contain_text("'lots' is not a whole number")
        await ann.sound()
        await page.get_by_role("link", name="Import", exact=True).first.click()
        await page.get_by_label("File", exact=True).set_input_files(good)
        await page.get_by_role("button", name="Upload and look").click()
        await expect(page.locator("main")).to_contain_text("2 accounts would be changed.")
        await page.get_by_role("button", name="Apply to 2 accounts").click()
        await expect(page.locator("main")).to_contain_text(
            "2 accounts were changed.", timeout=20_000
        )
        await ann.sound()
        await page.get_by_role("link", name=second).click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Karin")
    assert (await house.state(second)).fields["seats"] == 30


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["desk", "phone"])
async def test_everybody_can_read_and_reach_it(
    chromium: Browser, house: House, size: str, scheme: str
) -> None:
    """axe finds nothing serious, nothing sticks out, in both schemes and on a phone."""
    await audience(house, f"lotte{size}")
    async with looking(chromium, house, size=size, color_scheme=scheme) as ann:
        for path in (
            "/accounts",
            "/accounts?segment=renewals_at_risk",
            "/campaigns",
            "/campaigns/new?segment=customers",
            "/imports",
        ):
            await ann.page.goto(house.address + path)
            await settled(ann)
            await ann.sound()


async def settled(looker: Looker) -> None:
    """The numbers that come after the page are there."""
    await looker.page.wait_for_load_state("networkidle")


async def test_the_usual_columns_fit_a_laptop(chromium: Browser, house: House) -> None:
    """A long name takes two lines, so that nothing is cut at the edge; where the top bar has no room, the day is
    chosen beside the export."""
    name = "quince-and-partners-engineering-consultants"
    account = await house.customer(name)
    async with looking(chromium, house) as ann:
        page = ann.page
        await page.set_viewport_size({"width": 1360, "height": 850})
        await page.goto(f"{house.address}/accounts?search={account}")
        await expect(page.get_by_role("link", name=name.title(), exact=True)).to_be_visible()
        over = "(one) => one.scrollWidth - one.clientWidth"
        assert await page.locator(".card > .scrolls").evaluate(over) == 0
        day = page.locator("summary", has_text="As of now")
        assert [await one.is_visible() for one in await day.all()] == [True, False]
        await page.set_viewport_size({"width": 390, "height": 844})
        assert [await one.is_visible() for one in await day.all()] == [False, True]
        await ann.sound()
