"""What a board is asked by its address, and how it answers who asks wrongly or may not (T8, T16, T27)."""

import re
from urllib.parse import quote

import httpx2
import pytest

from lifecycle.roles import Role
from lifecycle.telling.board import brief
from lifecycle.web.app import make_app
from lifecycle.web.door import Door
from lifecycle.web.pages.moving import local
from tests.web.as_who import as_role
from tests.web.board.scene import BOARD, JOURNEY, NAMES, Scene
from tests.web.conftest import nowhere

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


def counts(page: str) -> dict[str, int]:
    """What the heads say, by column."""
    heads = re.findall(r'data-head="([^"]+)".*?class="n">([\d,]+)<', page, re.DOTALL)
    return {stage: int(number.replace(",", "")) for stage, number in heads}


def accounts(page: str) -> list[str]:
    """The cards, in order."""
    return re.findall(r'class="ac[^"]*" data-account="([^"]+)"', page)


async def got(person: httpx2.AsyncClient, path: str, status: int = 200) -> str:
    answer = await person.get(path)
    assert answer.status_code == status, answer.text
    return answer.text


async def test_t8_every_account_is_counted_once_and_filters_count_alike(scene: Scene) -> None:
    """T8, T16: a segment, a sentence, a CSM, a search; heads and cards agree; the address keeps them."""
    async with scene.house.person(Role.VIEWER) as vic:
        whole = await got(vic, f"{BOARD}?open=None&open=churned")
        assert sum(counts(whole).values()) == len(accounts(whole)) >= len(NAMES)
        for asked in (
            "segment=customers",
            "where=" + quote(f"{JOURNEY} is one of onboarding, launched"),
            "where=type+does+not+exist&where=" + quote("csm is Ann Lee"),
            "csm=Ann+Lee",
            "csm=Nobody",
            "search=" + quote("söhne"),
            "search=ACME",
            "show=late",
            "show=hold",
        ):
            page = await got(vic, f"{BOARD}?{asked}&open=None&open=churned")
            assert sum(counts(page).values()) == len(accounts(page)), asked
        found = await got(vic, f"{BOARD}?search={quote('söhne')}")
        assert accounts(found) == [scene.ids["core/7%"]]
        assert f"/board/onboarding?search={quote('söhne')}" in found, (
            "another lifecycle, the same search"
        )
        assert "Ann Lee (me)" in found


async def test_a_wrong_sentence_is_kept_and_explained(scene: Scene) -> None:
    """422, the sentence as it was typed, what is wrong with it; no accounts in its place."""
    async with scene.house.person(Role.VIEWER) as vic:
        page = await got(vic, f"{BOARD}?where=tipe+is+Customer", 422)
        assert "There is no field or lifecycle `tipe`. Did you mean type?" in page
        assert 'value="tipe is Customer"' in page
        assert accounts(page) == []
        page = await got(vic, f"{BOARD}?segment=custommers", 422)
        assert "Did you mean customers?" in page


async def test_t27_what_is_not_there(scene: Scene) -> None:
    """T27: a lifecycle, a stage, a place in a column."""
    async with scene.house.person(Role.VIEWER) as vic:
        first = await vic.get("/board?show=late&search=acme")
        assert first.headers["location"].startswith("/board/")
        assert first.headers["location"].endswith("?show=late&search=acme"), "nothing asked is lost"
        for path in (
            "/board/nonsense",
            f"{BOARD}/columns/nonsense",
            f"{BOARD}/columns/launched?after=x",
        ):
            assert (await vic.get(path)).status_code in (404, 422), path
        assert (await vic.get(f"{BOARD}?show=sometimes")).status_code == 422


async def test_a_column_goes_on_where_its_page_ended(scene: Scene) -> None:
    """A page of a column for who has no script; for htmx only the cards."""
    async with scene.house.person(Role.VIEWER) as vic:
        page = await got(vic, f"{BOARD}/columns/onboarding")
        first = re.search(r'data-place="([^"]+)"', page)
        assert first is not None
        rest = await vic.get(f"{BOARD}/columns/onboarding?after={quote(first[1])}", headers=PARTIAL)
        assert accounts(rest.text) == accounts(page)[1:]
        assert "<html" not in rest.text


async def test_what_changed_is_told_for_the_accounts_that_are_shown(scene: Scene) -> None:
    """Heads of all columns, and cards: not of accounts the filters leave out."""
    acme, echo = (quote(scene.ids[name], safe="") for name in ("acme", "echo"))
    async with scene.house.person(Role.VIEWER) as vic:
        page = await got(
            vic, f"{BOARD}/changes?search=acme&account={acme}&account={echo}&account=nobody"
        )
        assert accounts(page) == [scene.ids["acme"]]
        assert len(counts(page)) == len(counts(await got(vic, BOARD)))


async def test_a_viewer_moves_nothing(scene: Scene) -> None:
    """Right.COMMAND: neither asked nor done; a service has no board at all."""
    path = f"/accounts/{quote(scene.ids['echo'], safe='')}/stages/{JOURNEY}"
    async with scene.house.person(Role.VIEWER) as vic:
        assert (await vic.get(path)).status_code == 403
        assert (await vic.post(path, data={"stage": "renewal", "reason": "x"})).status_code == 403
        assert path not in await got(vic, BOARD)
    async with scene.house.person(Role.SERVICE) as robot:
        assert (await robot.get(BOARD)).status_code == 403


async def test_the_board_is_there_while_temporal_is_away(scene: Scene) -> None:
    """A move is answered with 503, what was typed is kept, nothing was done."""
    town = scene.house.town
    app = make_app(Door(town.settings, town.store, await nowhere()))
    await scene.at("echo", "launched")
    async with as_role(app, town.store, Role.CSM) as ann:
        assert (await ann.get(BOARD)).status_code == 200
        path = f"/accounts/{quote(scene.ids['echo'], safe='')}/stages/{JOURNEY}"
        typed = {"stage": "renewal", "reason": "They renewed", "back": BOARD}
        answer = await ann.post(path, data=typed)
        assert answer.status_code == 503
        assert "They renewed" in answer.text
    assert (await scene.track("echo")).stage == "launched"


@pytest.mark.parametrize(
    "text",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "",
        "/a\nb",
    ],
)
def test_a_link_leads_nobody_elsewhere(text: str) -> None:
    """`back` is an address of this door, or it is not followed."""
    assert local(text, "/here") == "/here"
    assert local("/board/x?a=b", "/here") == "/board/x?a=b"


@pytest.mark.parametrize(
    ("cents", "said"),
    [
        (90_000, "EUR 900"),
        (4_820_000, "EUR 48.2k"),
        (40_500_000, "EUR 405k"),
        (6_120_000_000, "EUR 61.2M"),
        (0, "EUR 0"),
    ],
)
def test_amounts_in_a_head_are_brief(cents: int, said: str) -> None:
    assert brief(cents, "EUR") == said
