"""The dashboard in a real browser: charts under the policy, tables, periods, light and dark, a phone, no script."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Browser, Page, async_playwright, expect

from lifecycle.roles import Role
from lifecycle.web.serving import address_of, listen, serving
from tests.mail.test_browser import CHROMIUM, QUIET
from tests.web.as_who import signed_in
from tests.web.dashboard.conftest import House

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]
SIZES = {"desk": (1440, 2000), "phone": (375, 4200)}
DRAWN = "drawn-chart[data-drawn]"
FILLS = """() => [...document.querySelectorAll('[data-drawn=columns] path')]
    .map((one) => one.getAttribute('fill')).filter((one) => one?.startsWith('rgb') && one !== 'rgb(0,0,0)')"""
OTHERS = f"(before) => ({FILLS})().every((one) => !before.includes(one))"
NARROWED = "() => document.querySelector('[data-drawn] svg').getBoundingClientRect().width < 390"
WIDE = "() => document.documentElement.scrollWidth > innerWidth"

Open = Callable[..., Awaitable[Page]]


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        yield browser
        await browser.close()


@pytest.fixture
async def opened(browser: Browser, house: House) -> AsyncIterator[Open]:
    """Opens a page as somebody who may look; at the end nothing may have gone wrong or left the machine."""
    troubles: list[str] = []
    with listen("127.0.0.1", 0) as listener:
        address = address_of(listener)
        async with serving(house.app, listener):
            (cookie,) = (await signed_in(house.store, Role.VIEWER)).items()
            contexts = []

            async def opened(path: str, size: str = "desk", **options: Any) -> Page:
                width, height = SIZES[size]
                context = await browser.new_context(
                    viewport={"width": width, "height": height}, **options
                )
                contexts.append(context)
                await context.add_cookies([{"name": cookie[0], "value": cookie[1], "url": address}])
                page = await context.new_page()
                page.on("console", lambda message: troubles.append(message.text))
                page.on("pageerror", lambda error: troubles.append(str(error)))
                page.on("request", lambda request: _inside(troubles, request.url, address))
                await page.goto(f"{address}{path}")
                return page

            yield opened
            for context in contexts:
                await context.close()
    # The browser notes every refusal it is answered with; those are meant.
    assert [one for one in troubles if "the server responded with a status of 422" not in one] == []


def _inside(troubles: list[str], url: str, address: str) -> None:
    if not url.startswith((address, "data:")):
        troubles.append(f"{url} leaves the machine")


async def all_drawn(page: Page, number: int = 5) -> None:
    await expect(page.locator(DRAWN)).to_have_count(number)


async def grave(page: Page) -> list[str]:
    """What hinders somebody seriously, as axe finds it."""
    found = await Axe().run(page)
    serious = [
        one for one in found.response["violations"] if one["impact"] in {"serious", "critical"}
    ]
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in serious]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", sorted(SIZES))
async def test_charts_are_drawn_in_every_look(opened: Open, size: str, scheme: str) -> None:
    page = await opened("/dashboard", size, color_scheme=scheme)
    await all_drawn(page)
    for stage in ("Onboarding", "Launched", "Adopting"):
        await expect(
            page.locator(f"[data-drawn=flow] text:has-text('{stage}')").first
        ).to_be_visible()
    await expect(page.locator(".kpis dt").first).to_have_text("Accounts")
    await expect(page.locator(".needs tbody tr")).to_have_count(3)
    assert not await page.evaluate(WIDE)
    assert await grave(page) == []


async def test_texts_of_charts_have_the_fonts_of_the_page(opened: Open) -> None:
    """The policy refuses styles in attributes; set as properties they are there."""
    page = await opened("/dashboard/over-time?lifecycle=customer_journey")
    await all_drawn(page, 1)
    font = "() => getComputedStyle(document.querySelector('[data-drawn] text')).fontFamily"
    assert "Inter" in await page.evaluate(font)


async def test_a_table_opens_beside_its_chart(opened: Open) -> None:
    page = await opened("/dashboard")
    await all_drawn(page)
    card = page.get_by_role("region", name="Accounts per stage")
    await expect(card.locator("table")).to_be_hidden()
    await card.get_by_text("As a table").click()
    await expect(card.locator("table")).to_be_visible()
    shown = card.locator(".plot[role=img]")
    assert await shown.get_attribute("aria-label") == await card.locator("figcaption").inner_text()


async def test_another_period_and_lifecycle_are_one_press_away(opened: Open) -> None:
    page = await opened("/dashboard")
    await all_drawn(page)
    await page.get_by_role("link", name="12 months").click()
    await page.wait_for_url("**/dashboard?*period=12m*")
    await all_drawn(page)
    caption = page.get_by_role("region", name="Accounts per stage").locator("figcaption")
    await expect(caption).to_contain_text("2025 to 1 Jun 2026")
    await page.get_by_label("Lifecycle", exact=True).select_option(label="Onboarding project")
    await page.wait_for_url("**/dashboard?lifecycle=onboarding&period=12m")
    await expect(page.locator("[data-drawn=flow] text:has-text('Kickoff')").first).to_be_visible()


async def test_sentences_and_a_day_of_the_past_are_asked_in_place(opened: Open) -> None:
    page = await opened("/dashboard/distribution?lifecycle=customer_journey")
    await all_drawn(page, 1)
    await page.locator(".top summary", has_text="As of now").click()
    await page.get_by_label("As of", exact=True).fill("2026-03-01")
    await page.get_by_role("button", name="Show", exact=True).locator("visible=true").click()
    await page.get_by_text("Filters").click()
    await page.get_by_label("Only accounts where").fill("type is Customer")
    await page.get_by_role("button", name="Show", exact=True).locator("visible=true").click()
    await page.wait_for_url(
        "**/dashboard/distribution?lifecycle=customer_journey&as_of=2026-03-01&where=type+is+Customer"
    )
    await expect(page.locator(".then")).to_contain_text("As of 1 Mar 2026")
    await expect(page.locator("main")).to_contain_text("Account type is “Customer”")


async def test_colours_follow_the_page(opened: Open) -> None:
    page = await opened("/dashboard/over-time?lifecycle=customer_journey", color_scheme="light")
    await all_drawn(page, 1)
    light = set(await page.evaluate(FILLS))
    await page.get_by_role("button", name="Switch to dark").click()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await page.wait_for_function(OTHERS, arg=list(light))
    dark = set(await page.evaluate(FILLS))
    assert len(light) == len(dark) >= 5
    assert not light & dark


async def test_a_chart_fits_when_the_room_changes(opened: Open) -> None:
    page = await opened("/dashboard/transitions?lifecycle=customer_journey")
    await all_drawn(page, 1)
    await page.set_viewport_size({"width": 390, "height": 900})
    await page.wait_for_function(NARROWED)
    assert not await page.evaluate(WIDE)


async def test_without_a_script_there_are_tables(opened: Open) -> None:
    page = await opened("/dashboard", java_script_enabled=False)
    await expect(page.locator("details[open] table").first).to_be_visible()
    await expect(page.locator("drawn-chart")).to_have_count(0)
    await expect(
        page.get_by_role("region", name="Funnel and pace").locator("td").first
    ).to_have_text("Onboarding")


async def test_a_report_that_is_not_made_holds_up_no_other(opened: Open) -> None:
    page = await opened("/dashboard/distribution?lifecycle=customer_journey")
    await all_drawn(page, 1)
    await page.route("**/dashboard/cards/funnel*", lambda route: asyncio.Future())
    await page.get_by_role("link", name="Dashboard", exact=True).first.click()
    await all_drawn(page, 4)
    funnel = page.get_by_role("region", name="Funnel and pace")
    await expect(funnel.locator(".sk").first).to_be_visible()


async def test_a_refusal_stands_in_its_card(opened: Open) -> None:
    """A sentence that makes no sense is told by every card, and the frame stays."""
    page = await opened("/dashboard?where=nonsense+everywhere")
    card = page.get_by_role("region", name="Funnel and pace")
    await expect(card.get_by_role("alert")).to_contain_text("nonsense everywhere")
    await expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()
    await expect(page.locator("#notices")).to_be_empty()
