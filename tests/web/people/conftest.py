"""One house for all tests of the pages: each takes accounts of its own."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright
from temporalio.testing import WorkflowEnvironment

from tests.mail.test_browser import CHROMIUM, QUIET
from tests.web.people.house import House
from tests.web.people.opening import open_house, publish_awake


@pytest.fixture(scope="session")
async def house(
    temporal_env: WorkflowEnvironment, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """A worker polls, the door is open."""
    folder = tmp_path_factory.mktemp("house")
    async with open_house(temporal_env, folder, publish_awake) as house:
        yield house


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One browser for all."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        yield browser
        await browser.close()
