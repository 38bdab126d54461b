"""What is on the board, and where its cards are."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from playwright.async_api import Locator, Page, expect

from lifecycle.core.state import Track
from lifecycle.store.record import record
from tests.store.lives import Life
from tests.web.people.house import ANN, House

JOURNEY, DISABLED = "customer_journey", "adopting"
BOARD = f"/board/{JOURNEY}"
NAMES = {
    "acme": ("Acme", "onboarding"),
    "bolt": ("Bolt", "onboarding"),
    "core/7%": ("Core & Söhne", "onboarding"),
    "dune": ("Dune", "launched"),
    "echo": ("Echo", "launched"),
}


@dataclass(frozen=True)
class Scene:
    """A house and its accounts, by the names above."""

    house: House
    ids: dict[str, str] = field(default_factory=dict)

    async def begin(self) -> None:
        """Everybody is in a stage, put there by Ann."""
        for name, (title, stage) in NAMES.items():
            account = self.ids[name] = self.house.town.account(name)
            await self.house.lifecycles.start(account, {"name": title, "csm": ANN}, actor=ANN)
            await self.move(name, stage, "as agreed")

    async def move(self, name: str, stage: str | None, reason: str, actor: str = "Bo Diaz") -> None:
        """Somebody else moves it."""
        await self.house.lifecycles.set_stage(
            self.ids[name], JOURNEY, stage, actor=actor, reason=reason, anyway=True
        )

    async def at(self, name: str, stage: str) -> None:
        """It stands there, wherever a test before left it."""
        if (await self.track(name)).stage != stage:
            await self.move(name, stage, "for the next test")

    async def track(self, name: str) -> Track:
        """As recorded."""
        return (await self.house.state(self.ids[name])).tracks[JOURNEY]

    async def recorded(self, name: str) -> str:
        """An account that only the database knows: recorded in a moment, it is news like any other."""
        life = Life(self.house.town.account(name)).create(name=name.title())
        life.move(1, JOURNEY, "onboarding", restart=True)
        await record(self.house.town.store, life.batch(), datetime.now(UTC))
        return life.account

    def card(self, page: Page, name: str) -> Locator:
        """On the board; a copy that only keeps a place is none."""
        return page.locator(f'.ac[data-account="{self.ids[name]}"]')


def column(page: Page, stage: str) -> Locator:
    """By the id of its stage."""
    return page.locator(f'[data-column="{stage}"]')


def head(page: Page, stage: str) -> Locator:
    """The number in a column's head."""
    return column(page, stage).locator("h2 .n")


async def number(page: Page, stage: str) -> int:
    """How many accounts the head says there are."""
    return int((await head(page, stage).inner_text()).split()[0])


async def drag(page: Page, card: Locator, to: Locator) -> None:
    """By the mouse, as a hand does it."""
    await card.scroll_into_view_if_needed()
    here, there = await card.bounding_box(), await to.bounding_box()
    assert here is not None
    assert there is not None
    await page.mouse.move(here["x"] + 40, here["y"] + 34)
    await page.mouse.down()
    await page.mouse.move(here["x"] + 60, here["y"] + 44, steps=4)
    await page.mouse.move(there["x"] + there["width"] / 2, there["y"] + 120, steps=10)
    # A hand waits until it sees where the card would go.
    await expect(to.locator(".ac.ghost")).to_have_count(1)
    await page.mouse.up()


async def give_reason(page: Page, reason: str) -> None:
    """Into the dialog, which has the focus where one types; then the button."""
    box = page.locator("#dialog textarea")
    await expect(box).to_be_focused()
    await page.keyboard.type(reason)
    await page.locator("#dialog button.pri").click()
