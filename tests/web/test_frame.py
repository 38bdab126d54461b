"""The frame of the pages in a real browser: dialogs, menus, what is said, light and dark, with and without scripts."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import uvicorn
from playwright.async_api import Browser, Page, async_playwright, expect

from lifecycle.web.serving import address_of, listen
from tests.mail.test_browser import CHROMIUM, FAINT, QUIET
from tests.web.frame import frame_app

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]
SIZES = {"desk": (1440, 900), "phone": (390, 800)}
WIDE = """() => [...document.querySelectorAll('body *')]
    .filter((node) => node.checkVisibility() && node.getBoundingClientRect().right > innerWidth + 1)
    .filter((node) => !node.closest('.rail, .sr'))
    .map((node) => node.outerHTML.slice(0, 80))"""
SMALL = """() => [...document.querySelectorAll('a, button, input, select, textarea, summary')]
    .filter((node) => node.checkVisibility() && !node.closest('.sr, .skip') && node.type !== 'hidden')
    .filter((node) => node.getBoundingClientRect().height < LEAST && !node.matches('.check, .radio, .switch'))
    .map((node) => node.outerHTML.slice(0, 80))"""
POLICY = "document.addEventListener('securitypolicyviolation', (event) => console.warn(event.violatedDirective))"

Open = Callable[..., Awaitable[Page]]


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        yield browser
        await browser.close()


@pytest.fixture(scope="module")
async def address() -> AsyncIterator[str]:
    with listen("127.0.0.1", 0) as listener:
        server = uvicorn.Server(uvicorn.Config(frame_app(), lifespan="off", log_config=None))
        running = asyncio.create_task(server.serve(sockets=[listener]))
        yield address_of(listener)
        server.should_exit = True
        await running


@pytest.fixture
async def opened(browser: Browser, address: str) -> AsyncIterator[Open]:
    """Opens a page of the frame; at the end nothing may have gone wrong in any."""
    troubles: list[str] = []
    contexts = []

    async def opened(path: str = "/frame", size: str = "desk", **options: Any) -> Page:
        width, height = SIZES[size]
        context = await browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        await context.add_init_script(POLICY)
        page = await context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda message: troubles.append(message.text))
        page.on("request", lambda request: _inside(troubles, request.url, address))
        await page.goto(f"{address}{path}")
        return page

    yield opened
    for context in contexts:
        await context.close()
    # The browser notes every refusal it is answered with; those are meant.
    assert [
        text for text in troubles if "the server responded with a status of 4" not in text
    ] == []


def _inside(troubles: list[str], url: str, address: str) -> None:
    if not url.startswith((address, "data:")):
        troubles.append(f"{url} leaves the machine")


async def read_aloud(page: Page, text: str) -> None:
    """The text was said to who listens."""
    await expect(page.locator("#live")).to_have_text(text)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", sorted(SIZES))
async def test_it_can_be_read_and_pressed(opened: Open, size: str, scheme: str) -> None:
    page = await opened(size=size, color_scheme=scheme)
    assert await page.evaluate(WIDE) == []
    assert await page.evaluate(FAINT) == []
    assert await page.evaluate(SMALL.replace("LEAST", "40" if size == "phone" else "18")) == []
    assert await page.evaluate(
        "document.fonts.ready.then(() => document.fonts.check('13px Inter'))"
    )
    await expect(page.locator(".nav .n[hx-get]")).to_have_text("9")


async def test_a_dialog_asks_refuses_and_is_done(opened: Open) -> None:
    page = await opened()
    opener = page.get_by_role("link", name="Hold …")
    await opener.click()
    dialog = page.get_by_role("dialog", name="Hold Kan-code")
    reason = dialog.get_by_role("textbox", name="Reason, shown to everyone")
    await expect(reason).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(opener).to_be_focused()

    await opener.click()
    press = dialog.get_by_role("button", name="Hold", exact=True)
    await reason.fill("stale")
    await press.click()
    await expect(dialog.get_by_role("alert")).to_contain_text("Kan-code changed while you looked.")
    await expect(reason).to_have_value("stale")
    await reason.fill("no")
    await press.click()
    await expect(dialog.get_by_text("Say it in more words.")).to_be_visible()
    await expect(reason).to_be_focused()
    await reason.fill("They asked for a pause")
    await page.evaluate("scrollTo(0, 100)")
    await press.click()
    await expect(dialog).to_be_hidden()
    await expect(page.locator("#notices")).to_have_text("Held until 24 Nov 2026.")
    await read_aloud(page, "Held until 24 Nov 2026.")
    assert await page.evaluate("scrollY") >= 100
    await opener.click()
    await expect(reason).to_be_focused()


async def test_the_page_behind_a_dialog_is_out_of_reach(opened: Open) -> None:
    page = await opened()
    await page.get_by_role("link", name="Hold …").click()
    await expect(page.locator("dialog[open]")).to_be_visible()
    for _ in range(8):
        await page.keyboard.press("Tab")
        inside = (
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
        assert await page.evaluate(inside)
    await page.get_by_role("link", name="Cancel").click()
    await expect(page.locator("dialog[open]")).to_have_count(0)


async def test_what_is_done_and_refused_in_place_is_said(opened: Open) -> None:
    page = await opened()
    await page.get_by_role("button", name="Tick").click()
    await expect(page.locator("#toast")).to_have_text("Ticked.")
    await read_aloud(page, "Ticked.")
    await page.get_by_role("button", name="Refuse").click()
    told = page.locator("#notices").get_by_role("alert")
    await expect(told).to_contain_text("Kan-code changed while you looked.")
    await expect(page.get_by_role("button", name="Refuse")).to_be_visible()


async def test_a_menu_goes_by_keys(opened: Open) -> None:
    page = await opened()
    summary = page.locator("summary", has_text="Move to")
    await summary.focus()
    for key, item in (
        ("ArrowDown", "Onboarding"), ("ArrowDown", "Launched"), ("End", "Churned"),
        ("ArrowDown", "Onboarding"), ("ArrowUp", "Churned"), ("Home", "Onboarding"), ("l", "Launched"),
    ):  # fmt: skip
        await page.keyboard.press(key)
        await expect(page.locator(".menu .mi", has_text=item)).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(summary).to_be_focused()
    await expect(page.locator(".menu .mi").first).to_be_hidden()


async def test_slash_searches_but_where_one_types(opened: Open) -> None:
    page = await opened()
    await page.keyboard.press("/")
    search = page.get_by_role("searchbox", name="Find an account")
    await expect(search).to_be_focused()
    await page.keyboard.type("a/b")
    await expect(search).to_have_value("a/b")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/accounts?search=a%2Fb")


async def test_the_scheme_is_chosen_and_kept(opened: Open) -> None:
    page = await opened(color_scheme="light")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = await page.evaluate(ground)
    await page.get_by_role("button", name="Switch to dark").click()
    dark = await page.evaluate(ground)
    assert dark != light
    await page.reload()
    assert await page.evaluate(ground) == dark
    await page.get_by_role("button", name="Switch to light").click()
    assert await page.evaluate(ground) == light


async def test_a_phone_reaches_what_the_bar_has_no_room_for(opened: Open) -> None:
    page = await opened(size="phone")
    keys = page.get_by_role("link", name="Keys")
    await expect(keys).to_be_hidden()
    await page.get_by_text("More", exact=True).click()
    await expect(keys).to_be_visible()
    await expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    assert await page.evaluate(WIDE) == []


async def test_without_scripts_a_dialog_is_a_page(opened: Open) -> None:
    page = await opened(java_script_enabled=False)
    await page.get_by_role("link", name="Hold …").click()
    assert page.url.endswith("/frame/hold")
    await page.get_by_role("textbox", name="Reason, shown to everyone").fill("no")
    await page.get_by_role("button", name="Hold", exact=True).click()
    await expect(page.get_by_text("Say it in more words.")).to_be_visible()
    await page.get_by_role("textbox", name="Reason, shown to everyone").fill("They asked")
    await page.get_by_role("button", name="Hold", exact=True).click()
    assert page.url.endswith("/frame")
    await expect(page.locator("#notices")).to_have_text("Held until 24 Nov 2026.")


@pytest.mark.parametrize("options", [{"forced_colors": "active"}, {"reduced_motion": "reduce"}])
async def test_settings_of_the_reader_are_kept(opened: Open, options: dict[str, str]) -> None:
    page = await opened(**options)
    if "forced_colors" in options:
        edge = "getComputedStyle(document.querySelector('.chip')).borderTopStyle"
        assert await page.evaluate(edge) == "solid"
    else:
        moving = "document.getAnimations().length"
        assert await page.evaluate(moving) == 0


async def test_a_printed_page_is_the_page_alone(opened: Open) -> None:
    page = await opened(color_scheme="dark")
    await page.emulate_media(media="print")
    for left_out in (".nav", ".top", ".btn"):
        await expect(page.locator(left_out).first).to_be_hidden()
    await expect(page.get_by_role("heading", name="Customer journey")).to_be_visible()
