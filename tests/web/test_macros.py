"""Every macro of templates/web/parts/, rendered: one page shows them all (tests/web/frame/web/components.html)."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from lifecycle.places import app_folder
from lifecycle.web.assets import STATIC
from lifecycle.web.pages.rendering import PARTS
from tests.web.frame import frame_app

WEB = app_folder() / "templates" / "web"
FILES = [WEB / "parts" / f"{part}.html" for part in PARTS]
SHOWN = Path(__file__).parent / "frame" / "web"
PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
async def browser() -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=frame_app())
    async with httpx2.AsyncClient(transport=transport, base_url="http://door") as browser:
        yield browser


@pytest.fixture
async def html(browser: httpx2.AsyncClient) -> str:
    return (await browser.get("/frame")).text


def macros() -> set[str]:
    written = "".join(file.read_text() for file in FILES)
    return set(re.findall(r"{% macro ([a-z]\w*)\(", written))


def test_every_macro_is_shown() -> None:
    texts = [file.read_text() for file in (*SHOWN.glob("*.html"), *FILES, WEB / "layout.html")]
    used = set(re.findall(r"(?:ui\.|{{-? ?)(\w+)\(", "".join(texts)))
    assert macros() - used == set()


def test_nothing_needs_what_the_policy_refuses(html: str) -> None:
    """No style attributes, no scripts in the page, no handlers in attributes, nothing from elsewhere."""
    tags = re.findall(r"<[a-z][^>]*>", html)
    assert [tag for tag in tags if re.search(r"\s(style|on\w+|hx-on[^=]*)=", tag)] == []
    assert [tag for tag in tags if tag.startswith("<script") and "src=" not in tag] == []
    assert "<style" not in html
    assert re.findall(r"(?:https?:)?//\w", html) == []


def test_names_lead_somewhere(html: str) -> None:
    """Labels, errors and icons point at what is there; no id is given twice."""
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert sorted(ids) == sorted(set(ids))
    pointed = re.findall(r'(?:for|aria-describedby)="([^"]+)"', html)
    assert set(pointed) - set(ids) == set()
    icons = set(re.findall(r"icons\.svg#([\w-]+)", html))
    sheet = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text()))
    assert icons - sheet == set()
    assert len(icons) > 20
    named = (
        (WEB / "parts" / "icons.html").read_text().partition("Names:")[2].partition("#}")[0].split()
    )
    assert {f"i-{name}" for name in named} == sheet


def test_classes_are_those_of_the_styles(html: str) -> None:
    styles = "".join(file.read_text() for file in STATIC.glob("*.css"))
    known = set(re.findall(r"\.([a-z][\w-]*)", styles))
    used = set(" ".join(re.findall(r'class="([^"]*)"', html)).split())
    assert used - known == set()


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (r'<span class="chip c-red end">Churned</span>', "an end stage"),
        (r'<span class="chip c-dark-green">Dark green</span>', "a colour of two words"),
        (r'<i class="p88"></i>', "35 days of a track that ends at 1.33 times expected"),
        (r'aria-invalid="true" aria-describedby="f-until-wrong"', "what is wrong, beside it"),
        (r'<time datetime="20\d\d-\d\d-\d\d', "a time programs can read"),
        (r"USD 48,200", "money"),
        (r"50 of 1,284 accounts", "how many there are"),
        (r">RP</span>", "initials"),
    ],
)
def test_a_mark_says_what_it_means(html: str, shown: str, words: str) -> None:
    assert re.search(shown, html), words


async def test_the_frame_knows_who_looks_and_where(browser: httpx2.AsyncClient, html: str) -> None:
    assert "Rosie Papadopoulos, admin" in html
    assert '<form class="foot" method="post" action="/sign-out">' in html
    assert "/keys" in html
    transport = httpx2.ASGITransport(app=frame_app(caller=None))
    async with httpx2.AsyncClient(transport=transport, base_url="http://door") as stranger:
        page = (await stranger.get("/frame")).text
    assert "/keys" not in page
    assert "/sign-out" not in page


async def test_a_script_gets_a_part(browser: httpx2.AsyncClient) -> None:
    content = (await browser.get("/frame", headers=PARTIAL)).text
    assert content.startswith("<title>Components</title>")
    assert "<nav" not in content.partition("<section")[0]
    dialog = (await browser.get("/frame/hold", headers=PARTIAL)).text
    assert dialog.lstrip().startswith('<form class="dlg"')
    assert 'hx-target="#dialog"' in dialog
    crumbs = (await browser.get("/frame?part=crumbs", headers=PARTIAL)).text
    assert "Components and states" in crumbs
    assert "<section" not in crumbs
    whole = await browser.get("/frame/hold", headers={**PARTIAL, "HX-Request-Type": "full"})
    assert "<!DOCTYPE html>" in whole.text
    assert "hx-post" not in whole.text


async def test_a_command_ends_on_a_page_that_says_so_once(browser: httpx2.AsyncClient) -> None:
    done = await browser.post("/frame/hold", data={"reason": "They asked for a pause"})
    assert (done.status_code, done.headers["location"]) == (303, "/frame")
    cookie = done.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Held until 24 Nov 2026." in (await browser.get("/frame")).text
    assert "Held until 24 Nov 2026." not in (await browser.get("/frame")).text


async def test_a_forged_word_is_not_said(browser: httpx2.AsyncClient) -> None:
    browser.cookies.set("said", "WyJZb3UgYXJlIG91dCIsImJhZCJd.aSGp5w.forged")
    answer = await browser.get("/frame")
    assert answer.status_code == 200
    assert "You are out" not in answer.text


async def test_a_form_keeps_what_was_typed(browser: httpx2.AsyncClient) -> None:
    refused = await browser.post("/frame/hold", data={"reason": "<b>"})
    assert refused.status_code == 422
    assert "&lt;b&gt;</textarea>" in refused.text
    assert "Say it in more words." in refused.text


async def test_a_script_is_sent_on_and_told(browser: httpx2.AsyncClient) -> None:
    done = await browser.post(
        "/frame/hold",
        data={"reason": "They asked"},
        headers={**PARTIAL, "HX-Current-URL": "http://door/frame?x=1"},
    )
    assert done.status_code == 200
    assert '"path": "/frame"' in done.headers["hx-location"]
    assert '"replace": "true"' in done.headers["hx-location"]
    elsewhere = {**PARTIAL, "HX-Current-URL": "http://door/board"}
    away = await browser.post("/frame/hold", data={"reason": "They asked"}, headers=elsewhere)
    assert away.headers["hx-redirect"] == "/frame"
    assert "hx-location" not in away.headers
    told = await browser.post("/frame/do", headers=PARTIAL)
    assert told.headers["hx-trigger"] == '{"said": {"text": "Ticked.", "kind": "good"}}'
    refused = await browser.post("/frame/refuse", headers=PARTIAL)
    assert refused.status_code == 409
    assert refused.headers["hx-retarget"] == "#notices"
    assert "Kan-code changed while you looked." in refused.text
    assert "<html" not in refused.text


async def test_what_is_away_is_said_in_the_frame(browser: httpx2.AsyncClient) -> None:
    away = await browser.get("/frame/away")
    assert away.status_code == 503
    for words in ("The engine is away", "The database does not answer.", "Look whether it runs."):
        assert words in away.text
    assert '<a class="btn" href="/frame/away">Look again</a>' in away.text
    nothing = (await browser.get("/nothing")).text
    assert "No page has this address." in nothing
    assert "Not Found" not in nothing


async def test_who_is_not_known_signs_in_and_comes_back(browser: httpx2.AsyncClient) -> None:
    sent = await browser.get("/frame/private?a=1&b=2")
    assert sent.status_code == 303
    assert sent.headers["location"] == "/sign-in?next=%2Fframe%2Fprivate%3Fa%3D1%26b%3D2"
    here = {**PARTIAL, "HX-Current-URL": "http://door/accounts?search=x"}
    script = await browser.get("/frame/private", headers=here)
    assert script.headers["hx-redirect"] == "/sign-in?next=%2Faccounts%3Fsearch%3Dx"


async def test_the_way_back_after_signing_in_is_the_address_as_it_was(
    browser: httpx2.AsyncClient,
) -> None:
    """Ids of accounts hold anything: a space, a percent sign, a question mark."""
    sent = await browser.get("/frame/private/a%20b%3Fc%25%2Fd?x=%C3%A4")
    assert sent.headers["location"] == (
        "/sign-in?next=%2Fframe%2Fprivate%2Fa%2520b%253Fc%2525%252Fd%3Fx%3D%25C3%25A4"
    )
