"""Every page of the navigation in a real browser: nothing leaves the machine, sticks out or hinders.

And the main forms without a script.
"""

from collections.abc import AsyncIterator

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Browser, Page, Route, async_playwright

from lifecycle.roles import Role
from lifecycle.store.hook_arrivals import WantedArrivals, arrivals
from lifecycle.store.suppression import is_suppressed
from lifecycle.web.app import make_app
from lifecycle.web.door import Door
from lifecycle.web.serving import address_of, listen, serving
from tests.mail.test_browser import CHROMIUM, FAINT, QUIET
from tests.web.as_who import signed_in
from tests.web.people.looker import SERIOUS, SIZES
from tests.web.test_frame import POLICY, WIDE
from tests.web.test_walking import PLACES, door

__all__ = ["door"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]
BELOW = (
    "/suppressions",
    "/events/1",
    "/events/refused",
    "/accounts/acme",
    "/suppressions/lift?address=max%40example.com",
)
PAGES = [*(place.path for place in PLACES), *BELOW]
HELD = ("/day", "/accounts/acme")
"""What people use on a phone."""
STILL = "() => !document.querySelector('[aria-busy=true], .htmx-request')"
NO_SIDEWAYS = "() => document.documentElement.scrollWidth - innerWidth"


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        yield browser
        await browser.close()


@pytest.fixture(scope="module")
async def address(door: Door) -> AsyncIterator[str]:
    app = make_app(door)
    with listen("127.0.0.1", 0) as listener:
        async with serving(app, listener):
            yield address_of(listener)


async def opened(
    chromium: Browser, door: Door, address: str, troubles: list[str], **options: object
) -> Page:
    """A page of an administrator's whose every request elsewhere is stopped and noted."""
    context = await chromium.new_context(**options)  # type: ignore[arg-type]
    cookies = await signed_in(door.store, Role.ADMIN, "Ann Lee")
    await context.add_cookies(
        [{"name": name, "value": value, "url": address} for name, value in cookies.items()]
    )
    if options.get("java_script_enabled", True):
        await context.add_init_script(POLICY)

    async def gate(route: Route) -> None:
        if route.request.url.startswith((address, "data:", "blob:")):
            await route.continue_()
            return
        troubles.append(f"{route.request.url} leaves the machine")
        await route.abort()

    await context.route("**/*", gate)
    page = await context.new_page()
    page.on("pageerror", lambda error: troubles.append(f"{page.url}: {error}"))
    page.on("console", lambda message: troubles.append(f"{page.url}: {message.text}"))
    return page


async def hindrances(page: Page) -> list[str]:
    """What axe finds serious."""
    found = await Axe().run(page)
    return [
        f"{page.url} {one['id']}: {node['html'][:160]}"
        for one in found.response["violations"]
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]


@pytest.mark.parametrize(
    ("size", "scheme"), [("desk", "light"), ("desk", "dark"), ("phone", "light")]
)
async def test_every_page_is_sound(
    chromium: Browser, door: Door, address: str, size: str, scheme: str
) -> None:
    troubles: list[str] = []
    width, height = SIZES[size]
    viewport = {"width": width, "height": height}
    page = await opened(
        chromium,
        door,
        address,
        troubles,
        viewport=viewport,
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    for path in PAGES:
        await page.goto(address + path)
        await page.locator(".engine > span").first.wait_for(state="attached")
        await page.wait_for_function(STILL)
        if size == "desk" or path in HELD:
            troubles += await hindrances(page)
        troubles += [f"{path} is faint: {one}" for one in await page.evaluate(FAINT)]
        if await page.evaluate(NO_SIDEWAYS) > 0:
            troubles.append(f"{path} scrolls sideways: {await page.evaluate(WIDE)}")
    await page.context.close()
    assert troubles == []


async def test_the_main_forms_work_without_a_script(
    chromium: Browser, door: Door, address: str
) -> None:
    troubles: list[str] = []
    page = await opened(chromium, door, address, troubles, java_script_enabled=False)
    await page.goto(f"{address}/day?of=mine")
    await page.get_by_label("Whose").select_option("all")
    await page.get_by_role("button", name="Show").click()
    assert page.url.endswith("/day?of=all")
    await page.goto(f"{address}/outbox")
    await page.get_by_label("Account", exact=True).fill("acme")
    await page.get_by_role("button", name="Show").click()
    assert "account=acme" in page.url
    await page.goto(f"{address}/suppressions")
    await page.get_by_label("Keep out these addresses").fill("eve@example.com")
    await page.get_by_label("Reason, shown to everyone").fill("asked by mail")
    await page.get_by_role("button", name="Keep out").click()
    await page.get_by_text("1 address kept out from now on.").wait_for()
    await (
        page.get_by_role("row", name="eve@example.com")
        .get_by_role("link", name="Let in again")
        .click()
    )
    await page.get_by_label("Reason, shown to everyone").fill("wrote again")
    await page.get_by_role("button", name="Let in again").click()
    await page.get_by_text("eve@example.com may be mailed again.").wait_for()
    assert not await is_suppressed(door.store, "eve@example.com")
    await page.goto(f"{address}/events/1")
    await page.get_by_role("link", name="Drop").click()
    await page.get_by_label("Reason, shown to everyone").fill("a test of theirs")
    await page.get_by_role("button", name="Drop message").click()
    await page.get_by_text("Dropped: invoice.paid of stripe.").wait_for()
    assert await arrivals(door.store, WantedArrivals()) == []
    await page.context.close()
    assert troubles == []
