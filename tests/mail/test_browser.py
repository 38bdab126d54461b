"""HTML mail in a real browser: nothing is fetched, sticks out, or is too faint to read."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Request, async_playwright, expect

from lifecycle.mail import render
from tests.mail.scenes import SCENES, TEMPLATES

CHROMIUM = Path("/usr/bin/chromium")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LONG_NAME = "Nordwind" * 12
# For all tests with a browser: how long a page may take on a busy machine is no finding.
expect.set_options(timeout=20_000)

# WCAG contrast of every piece of text against the nearest ground that is painted.
FAINT = """() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (node) => {
    const colour = rgb(getComputedStyle(node).backgroundColor);
    return colour[3] === 0 && node.parentElement ? ground(node.parentElement) : colour;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !node.offsetParent) continue;
    const pair = [rgb(getComputedStyle(node).color), ground(node)].map(light).sort((a, b) => b - a);
    const contrast = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (contrast < 4.5) found.push(`${walker.currentNode.data.trim()}: ${contrast}`);
  }
  return found;
}"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        yield browser
        await browser.close()


async def shown(page: Page, name: str, account: str = "Nordwind Logistics") -> list[Request]:
    """Shows the mail; answers with what the page asked for."""
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))  # noqa: PLW0108 -- builtins are refused
    context = SCENES[name].full()
    if "account" in context:
        known = context["account"]
        assert isinstance(known, dict)
        context["account"] = {**known, "name": account}
    await page.set_content(render(name, context, TEMPLATES).html, wait_until="load")
    return asked


@pytest.mark.parametrize("name", sorted(SCENES))
async def test_a_mail_fetches_nothing_and_fits_a_phone(browser: Browser, name: str) -> None:
    page = await browser.new_page(viewport={"width": 375, "height": 800})
    assert await shown(page, name, LONG_NAME) == []
    wide = """() => [...document.querySelectorAll('body *')]
        .filter((node) => node.getBoundingClientRect().right > innerWidth)
        .map((node) => node.outerHTML.slice(0, 80))"""
    assert await page.evaluate(wide) == []
    assert await page.evaluate("document.documentElement.scrollWidth") == 375
    await page.close()


async def test_a_fetch_would_have_been_seen(browser: Browser) -> None:
    page = await browser.new_page()
    asked = await shown(page, "welcome")
    await page.set_content('<img src="http://127.0.0.1:9/picture.png">')
    assert [request.url for request in asked] == ["http://127.0.0.1:9/picture.png"]
    await page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_word_can_be_read_in_light_and_dark(browser: Browser, scheme: str) -> None:
    page = await browser.new_page(color_scheme="dark" if scheme == "dark" else "light")
    for name in sorted(SCENES):
        await shown(page, name)
        assert await page.evaluate(FAINT) == [], name
    ground = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == ("rgb(14, 16, 20)" if scheme == "dark" else "rgb(246, 247, 249)")
    await page.close()


async def test_a_mail_is_a_column_of_600_with_one_heading(browser: Browser) -> None:
    page = await browser.new_page(viewport={"width": 1200, "height": 800})
    await shown(page, "notice_alert")
    assert await page.evaluate("document.querySelector('.card').offsetWidth") == 600
    assert await page.get_by_role("heading", level=1).count() == 1
    assert await page.get_by_role("link", name="Open Nordwind Logistics").is_visible()
    assert await page.title() == "Nordwind Logistics has given notice"
    assert await page.locator("html").get_attribute("lang") == "en"
    await page.close()
