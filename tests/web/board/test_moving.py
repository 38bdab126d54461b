"""Cards that move: by the mouse, by keys, by somebody else; and moves that are refused (T8, T9, V9, V10)."""

from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import expect

from lifecycle.roles import Role
from lifecycle.store.accounts import history
from tests.mail.test_browser import CHROMIUM
from tests.web.board.scene import BOARD, DISABLED, Scene, column, drag, give_reason, head, number

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]


async def test_t9_a_card_is_dragged_and_the_reason_is_asked(scene: Scene, at_desk: Any) -> None:
    """T9, V9, R3: it lands, the heads count anew, the journal has who and why."""
    await scene.at("acme", "onboarding")
    async with at_desk() as desk:
        page = await desk.open()
        before = [await number(page, stage) for stage in ("onboarding", "launched")]
        await drag(page, scene.card(page, "acme"), column(page, "launched").locator(".list"))
        await expect(page.locator("#dialog h2")).to_have_text("Move Acme to Launched")
        await expect(page.locator(".ac.left")).to_have_count(1)
        await give_reason(page, "Their partner did the rollout")
        await expect(column(page, "launched").locator(scene.card(page, "acme"))).to_be_visible()
        await expect(head(page, "onboarding")).to_contain_text(f"{before[0] - 1}")
        await expect(head(page, "launched")).to_contain_text(f"{before[1] + 1}")
        await expect(page.locator(".ac.left")).to_have_count(0)
        await expect(page.locator("#live")).to_have_text("Acme moved to Launched.")
        assert desk.troubles == []
    assert (await scene.track("acme")).stage == "launched"
    entry = (await history(scene.house.town.store, scene.ids["acme"]))[0].input
    assert (entry.actor, entry.reason) == ("Ann Lee", "Their partner did the rollout")  # type: ignore[union-attr]


async def test_v10_the_same_by_keys_alone(scene: Scene, at_desk: Any) -> None:
    """V10: arrows to the card, M, a figure for the stage, the reason, Enter; the focus stays with the card."""
    await scene.at("core/7%", "onboarding")
    await scene.at("bolt", "onboarding")
    async with at_desk() as desk:
        page = await desk.open()
        await column(page, "onboarding").locator(".nm a").first.focus()
        link = scene.card(page, "core/7%").locator(".nm a")
        for _ in range(10):
            if await link.evaluate("(node) => node === document.activeElement"):
                break
            await page.keyboard.press("ArrowDown")
        await expect(link).to_be_focused()
        await page.keyboard.press("m")
        menu = page.locator("#moves")
        await expect(menu).to_contain_text("Move Core & Söhne to")
        await expect(menu.locator('[data-to="onboarding"]')).to_have_attribute(
            "aria-disabled", "true"
        )
        await page.keyboard.press("4")
        await expect(page.locator("#dialog")).to_contain_text("skips Launched")
        await expect(page.locator("#dialog textarea")).to_be_focused()
        await page.keyboard.type("Signed early")
        await page.keyboard.press("Tab")
        while not await page.locator("#dialog button.pri").evaluate(
            "(it) => it === document.activeElement"
        ):
            await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(column(page, "renewal").locator(scene.card(page, "core/7%"))).to_be_visible()
        await expect(scene.card(page, "core/7%").locator(".nm a")).to_be_focused()
        assert desk.troubles == []
    assert (await scene.track("core/7%")).stage == "renewal"


async def test_t25_a_disabled_stage_sends_the_card_back_and_says_why(
    scene: Scene, at_desk: Any
) -> None:
    """T25, R15: in the words of the core; nothing was moved. H sets a hold in place of a move."""
    await scene.at("bolt", "onboarding")
    async with at_desk() as desk:
        page = await desk.open()
        await drag(page, scene.card(page, "bolt"), column(page, DISABLED).locator(".list"))
        await expect(page.locator("#notices")).to_contain_text(
            "Adopting of Customer journey is disabled: nobody can newly enter it."
        )
        await expect(column(page, "onboarding").locator(scene.card(page, "bolt"))).to_be_visible()
        await expect(page.locator(".ac.left, .ac.asking")).to_have_count(0)
        await scene.card(page, "bolt").locator(".nm a").focus()
        await page.keyboard.press("m")
        await page.keyboard.press("h")
        await expect(page.locator("#dialog h2")).to_have_text("Hold Bolt")
    assert (await scene.track("bolt")).stage == "onboarding"


async def test_leaving_the_question_takes_the_card_back(scene: Scene, at_desk: Any) -> None:
    """Esc, and nothing happened."""
    await scene.at("bolt", "onboarding")
    async with at_desk() as desk:
        page = await desk.open()
        await drag(page, scene.card(page, "bolt"), column(page, "renewal").locator(".list"))
        await expect(page.locator("#dialog textarea")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(column(page, "onboarding").locator(scene.card(page, "bolt"))).to_be_visible()
        await expect(scene.card(page, "bolt")).to_have_count(1)
        shown = await page.locator(".ac").count()
        await drag(page, scene.card(page, "bolt"), column(page, "onboarding").locator(".list"))
        await expect(page.locator(".ac")).to_have_count(shown)
        await expect(page.locator("#dialog")).to_be_hidden()
    assert (await scene.track("bolt")).stage == "onboarding"


async def test_r18_who_moved_it_meanwhile_is_heard_first(scene: Scene, at_desk: Any) -> None:
    """R18: refused with what happened since, the card slides back; to insist is another press."""
    await scene.at("dune", "launched")
    async with at_desk() as desk:
        page = await desk.open()
        await drag(page, scene.card(page, "dune"), column(page, "renewal").locator(".list"))
        await expect(page.locator("#dialog textarea")).to_be_focused()
        await scene.move("dune", "will_churn", "They gave notice")
        await give_reason(page, "They renewed")
        await expect(page.locator("#dialog .notices")).to_contain_text(
            "has changed since you looked"
        )
        await expect(page.locator("#dialog textarea")).to_have_value("They renewed")
        await expect(column(page, "renewal").locator(".ac.asking")).to_have_count(0)
        await page.locator("#dialog .body .check").check()
        await page.locator("#dialog button.pri").click()
        await expect(column(page, "renewal").locator(scene.card(page, "dune"))).to_be_visible()
    assert (await scene.track("dune")).stage == "renewal"


async def test_what_others_do_is_seen(scene: Scene, at_desk: Any) -> None:
    """A move in another session: the card goes, both heads count anew, nothing is loaded again."""
    await scene.at("echo", "launched")
    async with at_desk(Role.VIEWER, "Vic") as desk:
        page = await desk.open()
        before = await number(page, "renewal")
        await page.evaluate("window.same = true")
        await scene.move("echo", "renewal", "They renewed")
        await expect(column(page, "renewal").locator(scene.card(page, "echo"))).to_be_visible()
        await expect(head(page, "renewal")).to_contain_text(f"{before + 1}")
        await expect(page.locator('[data-column="renewal"] [data-shown]')).to_have_text(
            f"{before + 1} of {before + 1}"
        )
        assert await page.evaluate("window.same")
        assert await page.locator("#moves, .mv").count() == 0, "a viewer moves nothing"
        assert desk.troubles == []


async def test_very_many_changes_are_only_counted(scene: Scene, at_desk: Any) -> None:
    """No thousands of changes to a page: it says that there are some, and looks again when asked."""
    async with at_desk() as desk:
        page = await desk.open()
        shown = await page.locator(".ac").count()
        lives = [await scene.recorded(f"new-{number}") for number in range(8)]
        await expect(page.locator("[data-fresh]")).to_be_visible()
        assert await page.locator(".ac").count() <= shown + 3
        await page.get_by_role("link", name="Look again").click()
        await expect(
            column(page, "onboarding").locator(f'[data-account="{lives[-1]}"]')
        ).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["desk", "phone"])
async def test_the_board_can_be_used_by_everybody(
    scene: Scene, at_desk: Any, size: str, scheme: str
) -> None:
    """Axe finds nothing serious, with the menu and with the dialog open; nothing sticks out of a phone."""
    how: dict[str, Any] = {"color_scheme": scheme}
    if size == "phone":
        how |= {"viewport": {"width": 375, "height": 720}, "has_touch": True, "is_mobile": True}
    async with at_desk(**how) as desk:
        page = await desk.open(f"{BOARD}?open=None")
        await sound(page)
        card = scene.card(page, "bolt")
        await card.scroll_into_view_if_needed()
        await card.locator(".nm a").focus()
        await page.keyboard.press("m") if size == "desk" else await card.locator(".mv").tap()
        await expect(page.locator("#moves")).to_be_visible()
        await sound(page)
        await page.locator('#moves [data-to="will_churn"]').click()
        await expect(page.locator("#dialog textarea")).to_be_focused()
        await sound(page)
        assert desk.troubles == []


async def sound(page: Any) -> None:
    wide = "document.documentElement.scrollWidth <= innerWidth"
    assert await page.evaluate(wide)
    found = (await Axe().run(page)).response["violations"]
    grave = [one for one in found if one["impact"] in ("serious", "critical")]
    assert [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in grave] == []


async def test_all_of_it_without_javascript(scene: Scene, at_desk: Any) -> None:
    """Filters, a folded column, Move to…: links, forms and pages of their own."""
    await scene.at("acme", "onboarding")
    async with at_desk(java_script_enabled=False) as desk:
        page = await desk.open()
        await page.get_by_label("Find on this board").fill("acm")
        await page.get_by_role("button", name="Show", exact=True).click()
        assert await page.locator(".ac").count() == 1
        await page.get_by_role("link", name="Open None").click()
        await expect(column(page, "None").locator(".list")).to_be_visible()
        await page.get_by_role("link", name="Move Acme to…").click()
        await page.get_by_role("link", name="Renewal").click()
        await page.get_by_label("Reason, shown to everyone").fill("They signed")
        await page.get_by_role("button", name="Move to Renewal").click()
        await expect(page.locator("#notices")).to_contain_text("Acme moved to Renewal.")
        assert "search=acm" in page.url
        await expect(column(page, "renewal").locator(scene.card(page, "acme"))).to_be_visible()
