"""A person before a real browser: signed in, and told at the end of everything that went wrong in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Browser, Page

from lifecycle.roles import Role
from tests.mail.test_browser import FAINT
from tests.web.as_who import signed_in
from tests.web.people.house import ANN, House
from tests.web.test_frame import POLICY, WIDE

SIZES = {"desk": (1440, 900), "phone": (390, 844)}
SERIOUS = ("serious", "critical")
STILL = """() => !document.querySelector('[aria-busy="true"]:not(dialog)')
  && document.getAnimations().every((one) => one.playState !== 'running' || !(one instanceof CSSTransition))"""


@dataclass
class Looker:
    """`page` is theirs; `troubles` must stay empty, but for refusals that were meant."""

    page: Page
    troubles: list[str] = field(default_factory=list)

    async def sound(self, *allowed: str) -> None:
        """Nothing sticks out, is too faint to read, or is a serious hindrance to anybody (axe)."""
        await self.page.wait_for_load_state("load")
        for asked in (WIDE.replace(".rail", ".rail, .scrolls *"), FAINT):
            found = await self.page.evaluate(asked)
            assert not found, f"{self.page.url}: {found}"
        said = await self.hindrances(*allowed)
        for _ in range(2):  # a list that was just being read again is dimmed for a moment
            said = said and await self.hindrances(*allowed)
        assert not said, f"{self.page.url}: {said}"

    async def hindrances(self, *allowed: str) -> list[str]:
        """What axe finds serious, once nothing is being read again and nothing fades."""
        await self.page.wait_for_function(STILL)
        results = await Axe().run(self.page)
        return [
            f"{one['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
            for one in results.response["violations"]
            if one["impact"] in SERIOUS and one["id"] not in allowed
            for node in one["nodes"]
        ]


@asynccontextmanager
async def looking(
    chromium: Browser,
    house: House,
    role: Role = Role.CSM,
    name: str = ANN,
    size: str = "desk",
    **options: Any,
) -> AsyncIterator[Looker]:
    """A browser of their own; nothing may leave the machine, break a policy or throw."""
    width, height = SIZES[size]
    context = await chromium.new_context(viewport={"width": width, "height": height}, **options)
    cookies = await signed_in(house.door.store, role, name)
    await context.add_cookies(
        [{"name": key, "value": value, "url": house.address} for key, value in cookies.items()]
    )
    await context.add_init_script(POLICY)
    looker = Looker(await context.new_page())
    _watch(looker, house.address)
    yield looker
    await context.close()
    meant = "the server responded with a status of 4"
    assert [text for text in looker.troubles if meant not in text] == []


def _watch(looker: Looker, address: str) -> None:
    page, troubles = looker.page, looker.troubles
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: troubles.append(message.text))

    def inside(url: str) -> None:
        if not url.startswith((address, "data:", "blob:")):
            troubles.append(f"{url} leaves the machine")

    page.on("request", lambda request: inside(request.url))
