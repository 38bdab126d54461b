"""The pages in a real browser: pressed, on a phone and a desk, in light and dark."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, async_playwright

from lifecycle.web.app import make_app
from lifecycle.web.door import Door
from lifecycle.web.serving import address_of, listen, serving
from tests.mail.test_browser import CHROMIUM, FAINT, QUIET
from tests.web.conftest import Doorstep, nowhere

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]
SIZES = {"desk": (1200, 800), "phone": (375, 720)}


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        yield browser
        await browser.close()


@pytest.fixture
async def address(door: Doorstep) -> AsyncIterator[str]:
    """The link, on a real server."""
    with listen("127.0.0.1", 0) as listener:
        async with serving(make_app(Door(door.settings, door.store, await nowhere())), listener):
            yield f"{address_of(listener)}{door.path}"


async def sound(page: Page) -> None:
    """Nothing sticks out, is too faint to read, or was refused by the policy."""
    wide = """() => [...document.querySelectorAll('body *')]
        .filter((node) => node.getBoundingClientRect().right > innerWidth)
        .map((node) => node.outerHTML.slice(0, 80))"""
    assert await page.evaluate(wide) == []
    assert await page.evaluate(FAINT) == []
    font = "document.fonts.ready.then(() => [...document.fonts].some((one) => one.status === 'loaded'))"
    assert await page.evaluate(font)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", sorted(SIZES))
async def test_a_reader_leaves_and_comes_back(
    browser: Browser, address: str, size: str, scheme: str
) -> None:
    width, height = SIZES[size]
    page = await browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text))
    await page.goto(address)
    for button, then in (
        ("Unsubscribe", "You are unsubscribed"),
        ("Undo: subscribe again", "You get our e-mails again"),
    ):
        await sound(page)
        pressed = page.get_by_role("button", name=button, exact=True)
        box = await pressed.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        await pressed.click()
        await page.get_by_role("heading", name=then, exact=True).wait_for()
    await sound(page)
    assert troubles == []
    await page.goto(address.rpartition("/")[0] + "/nonsense")
    await sound(page)
    await page.close()
