"""A house with a board of its own: five accounts in two stages, and a stage that is disabled."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from playwright.async_api import Browser, BrowserContext, Page
from temporalio.testing import WorkflowEnvironment

from lifecycle.roles import Role
from lifecycle.settings import Settings
from lifecycle.store.definitions import current_book, parts_of, publish
from lifecycle.store.engine import Store
from lifecycle.web.door import Door
from lifecycle.web.live.hub import Live, Pace
from tests.web.as_who import signed_in
from tests.web.board.scene import BOARD, DISABLED, JOURNEY, Scene
from tests.web.people.conftest import chromium
from tests.web.people.opening import open_house, publish_awake

__all__ = ["chromium"]

PACE = Pace(look=0.1, waiting=3)
DESK = {"width": 1440, "height": 900}


@pytest.fixture(scope="module")
async def scene(
    temporal_env: WorkflowEnvironment, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Scene]:
    """A worker polls, the door is open."""
    folder = tmp_path_factory.mktemp("board")
    async with open_house(temporal_env, folder, _publish, _hurry) as house:
        scene = Scene(house)
        await scene.begin()
        yield scene


def _hurry(door: Door) -> None:
    """Browsers are told at once."""
    object.__setattr__(door, "live", Live(door.store, door.now, PACE))


async def _publish(store: Store, settings: Settings) -> None:
    await publish_awake(store, settings)
    await _disable(store)


async def _disable(store: Store) -> None:
    """Nobody can newly enter one of the stages (T25)."""
    book, _ = await current_book(store)
    journey = book.lifecycles[JOURNEY]
    stages = tuple(replace(one, disabled=one.id == DISABLED) for one in journey.stages)
    lifecycles = book.lifecycles | {JOURNEY: replace(journey, stages=stages)}
    await publish(
        store, parts_of(replace(book, lifecycles=lifecycles), {}), "ann", datetime.now(UTC)
    )


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
