"""Take the pictures of the documents anew, from a `make run` with the demo book, once the README's change is rehearsed.

.venv/bin/python docs/pictures/take.py http://127.0.0.1:8400/sign-in/…    (the link that it printed)
"""

import asyncio
import os
import sys
from pathlib import Path
from urllib.parse import urljoin

from playwright.async_api import ViewportSize, async_playwright

HERE = Path(__file__).parent
PICTURES = {
    "account.png": "/accounts/kestrel",
    "board.png": "/board/customer_journey",
    "rehearsal.png": "/lifecycles/customer_journey/rehearse",
}
SIZE: ViewportSize = {"width": 1360, "height": 850}


async def take(link: str) -> None:
    """Two points to a pixel, so that they are sharp wherever they are shown."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
        )
        page = await browser.new_page(viewport=SIZE, device_scale_factor=2)
        await page.goto(link)
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_url("**/day")
        for name, path in PICTURES.items():
            await page.goto(urljoin(link, path))
            await page.wait_for_timeout(1_500)  # numbers beside the navigation arrive
            await page.screenshot(path=HERE / name)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(take(sys.argv[1]))
