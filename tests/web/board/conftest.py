"""A house with a board of its own: five accounts in two stages, and a stage that is disabled."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright
from pydantic import SecretStr
from temporalio.testing import WorkflowEnvironment

from lifecycle.publishing import publish_first
from lifecycle.roles import Role
from lifecycle.search_attributes import register
from lifecycle.settings import Settings
from lifecycle.store.definitions import current_book, parts_of, publish
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import migrate_database
from lifecycle.web.app import make_app
from lifecycle.web.door import Door
from lifecycle.web.live.hub import Live, Pace
from lifecycle.web.serving import address_of, listen, serving
from tests.awake import keep_awake
from tests.mail.test_browser import CHROMIUM, QUIET
from tests.web.as_who import signed_in
from tests.web.board.scene import BOARD, DISABLED, JOURNEY, Scene
from tests.web.conftest import SECRET
from tests.web.people.house import House
from tests.workflows.town import Town

PACE = Pace(look=0.1, waiting=3)
DESK = {"width": 1440, "height": 900}


@pytest.fixture(scope="module")
async def scene(
    temporal_env: WorkflowEnvironment, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Scene]:
    """A worker polls, the door is open."""
    await register(temporal_env.client)
    settings = Settings(
        state_dir=tmp_path_factory.mktemp("board"),
        task_queue=f"test-{uuid4()}",
        secret=SecretStr(SECRET),
    )
    await migrate_database(settings.database)
    store = Store(make_engine(settings.database))
    await publish_first(store, settings)
    await keep_awake(store)
    await _disable(store)
    town = Town(temporal_env, settings, store)
    door = Door(settings, store, town.client)
    object.__setattr__(door, "live", Live(store, door.now, PACE))
    app = make_app(door)
    async with town.open():
        with listen("127.0.0.1", 0) as listener:
            async with serving(app, listener):
                scene = Scene(House(town, door, app, address_of(listener)))
                await scene.begin()
                yield scene
    await store.close()


async def _disable(store: Store) -> None:
    """Nobody can newly enter one of the stages (T25)."""
    book, _ = await current_book(store)
    journey = book.lifecycles[JOURNEY]
    stages = tuple(replace(one, disabled=one.id == DISABLED) for one in journey.stages)
    lifecycles = book.lifecycles | {JOURNEY: replace(journey, stages=stages)}
    await publish(
        store, parts_of(replace(book, lifecycles=lifecycles), {}), "ann", datetime.now(UTC)
    )


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    """One browser for all."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        yield browser
        await browser.close()


class Desk:
    """Somebody's browser, signed in; what its console says is kept."""

    def __init__(self, scene: Scene, context: BrowserContext) -> None:
        self.scene = scene
        self.context = context
        self.troubles: list[str] = []

    async def open(self, path: str = BOARD) -> Page:
        """A page of the house."""
        page = await self.context.new_page()
        page.on("console", lambda said: self.troubles.append(said.text))
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        await page.goto(self.scene.house.address + path)
        return page


@pytest.fixture
def at_desk(scene: Scene, chromium: Browser) -> Callable[..., AbstractAsyncContextManager[Desk]]:
    """Sit somebody down: `async with at_desk(Role.CSM, color_scheme="dark") as desk`."""

    @asynccontextmanager
    async def sit(
        role: Role = Role.CSM, name: str = "Ann Lee", **how: object
    ) -> AsyncIterator[Desk]:
        options = {"viewport": DESK, **how}
        context = await chromium.new_context(**options)  # type: ignore[arg-type]
        for cookie, token in (await signed_in(scene.house.town.store, role, name)).items():
            await context.add_cookies(
                [{"name": cookie, "value": token, "url": scene.house.address}]
            )
        yield Desk(scene, context)
        await context.close()

    return sit
