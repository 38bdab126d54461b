"""Signing in by a link, staying in, and leaving; on both databases."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from pydantic import AnyHttpUrl, SecretStr

from lifecycle.access import make_token
from lifecycle.core.refusal import Refusal
from lifecycle.letting_in import LASTS, make_link
from lifecycle.roles import Role
from lifecycle.settings import Settings
from lifecycle.store.audit import Deed, WantedAudit, audit
from lifecycle.store.sessions import Person
from lifecycle.web.app import make_app
from lifecycle.web.callers import COOKIE
from lifecycle.web.door import Door
from lifecycle.web.paths import local
from tests.web.as_who import HOST, as_role, signed_in
from tests.web.conftest import Doorstep, nowhere

ANN = Person("Ann Lee", Role.CSM)


async def link_for(door: Doorstep, person: Person = ANN, ago: timedelta = timedelta()) -> str:
    return await make_link(door.store, person, "ben", datetime.now(UTC) - ago)


async def may_look(browser: httpx2.AsyncClient) -> bool:
    """Whether the browser is known: who is gets sent on from the sign-in page."""
    return (await browser.get("/sign-in")).status_code == 303


@asynccontextmanager
async def browser_of(
    settings: Settings, door: Doorstep, address: str
) -> AsyncIterator[httpx2.AsyncClient]:
    app = make_app(Door(settings, door.store, await nowhere()))
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url=address) as browser:
        yield browser


async def deeds(door: Doorstep) -> list[tuple[str, str, str]]:
    rows = await audit(door.store, WantedAudit())
    return [(row.what, row.who, row.detail) for row in reversed(rows)]


async def test_looking_at_a_link_does_not_use_it(door: Doorstep) -> None:
    """Mail scanners and chats follow every link."""
    path = await link_for(door)
    for _ in range(3):
        page = await door.browser.get(path)
        assert page.status_code == 200
        assert "Sign in as Ann Lee" in page.text
        assert "set-cookie" not in page.headers
    assert not await may_look(door.browser)


async def test_the_button_lets_in_once(door: Doorstep) -> None:
    path = await link_for(door)
    done = await door.browser.post(path)
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert await may_look(door.browser)
    async with as_role(
        make_app(Door(door.settings, door.store, await nowhere())), door.store, None
    ) as thief:
        for replayed in (await thief.post(path), await thief.get(path)):
            assert replayed.status_code == 410
            assert "This link is used up" in replayed.text
            assert "set-cookie" not in replayed.headers
        assert not await may_look(thief)
    assert await deeds(door) == [
        (Deed.LINK_MADE, "ben", "Ann Lee"),
        (Deed.SIGNED_IN, "Ann Lee", "link"),
        (Deed.REFUSED, "", "link used, expired or unknown"),
    ]


async def test_the_cookie_is_for_our_pages_only(door: Doorstep) -> None:
    cookie = (await door.browser.post(await link_for(door))).headers["set-cookie"]
    name, *words = [part.strip() for part in cookie.split(";")]
    assert name.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(words)
    assert "Secure" not in words
    assert "Domain" not in cookie


@pytest.mark.parametrize("base", ["https://lifecycle.example.com", None])
async def test_by_https_the_cookie_is_bound_to_the_host(door: Doorstep, base: str | None) -> None:
    """Also behind a proxy that speaks https, where this process sees http."""
    settings = door.settings.model_copy(update={"base_url": AnyHttpUrl(base) if base else None})
    address = "http://lifecycle.example.com" if base else "https://lifecycle.example.com"
    async with browser_of(settings, door, address) as browser:
        cookie = (await browser.post(await link_for(door))).headers["set-cookie"]
        assert cookie.startswith(f"__Host-{COOKIE}=")
        assert "Secure" in cookie
        plain = await signed_in(door.store, Role.ADMIN)
        planted = await browser.get("/sign-in", headers={"Cookie": f"{COOKIE}={plain[COOKIE]}"})
        assert planted.status_code == 200


@pytest.mark.parametrize("ago", [LASTS, timedelta(days=1)])
async def test_a_link_expires(door: Doorstep, ago: timedelta) -> None:
    path = await link_for(door, ago=ago)
    assert (await door.browser.get(path)).status_code == 410
    assert (await door.browser.post(path)).status_code == 410
    assert not await may_look(door.browser)


@pytest.mark.parametrize("written", ["{token}", " {token}\n", "http://door{path}", "{path}/"])
async def test_a_code_is_pasted_as_one_has_it(door: Doorstep, written: str) -> None:
    path = await link_for(door)
    code = written.format(path=path, token=path.rpartition("/")[2])
    done = await door.browser.post("/sign-in", data={"code": code, "next": "/accounts?stage=x"})
    assert (done.status_code, done.headers["location"]) == (303, "/accounts?stage=x")
    assert await may_look(door.browser)


@pytest.mark.parametrize(
    "code",
    [
        *("", "x", "x" * 1_999, "' OR 1=1 --", "\ud83d\ude00", "%00"),
        pytest.param(make_token(), id="made up"),
    ],
)
async def test_no_code_is_no_way_in(door: Doorstep, code: str) -> None:
    body = {"code": code.encode("utf-16", "surrogatepass").decode("utf-16")}
    refused = await door.browser.post("/sign-in", data=body)
    assert refused.status_code == 410
    assert not await may_look(door.browser)


async def test_signing_in_makes_a_new_session_whatever_the_browser_had(door: Doorstep) -> None:
    """A cookie somebody planted (session fixation) is not taken over, and one of before ends."""
    planted = make_token()
    door.browser.cookies.set(COOKIE, planted, domain=HOST)
    await door.browser.post(await link_for(door))
    first = door.browser.cookies.get(COOKIE)
    assert first != planted
    await door.browser.post(await link_for(door))
    assert door.browser.cookies.get(COOKIE) != first
    for old in (planted, str(first)):
        door.browser.cookies.clear()
        door.browser.cookies.set(COOKIE, old)
        assert not await may_look(door.browser)


async def test_signing_out_ends_the_session_and_not_only_the_cookie(door: Doorstep) -> None:
    await door.browser.post(await link_for(door))
    token = str(door.browser.cookies.get(COOKIE))
    out = await door.browser.post("/sign-out")
    assert (out.status_code, out.headers["location"]) == (303, "/sign-in")
    assert door.browser.cookies.get(COOKIE) is None
    door.browser.cookies.set(COOKIE, token)
    assert not await may_look(door.browser)
    assert (await deeds(door))[-1] == (Deed.SIGNED_OUT, "Ann Lee", "")


async def test_signing_out_needs_a_button(door: Doorstep) -> None:
    await door.browser.post(await link_for(door))
    assert (await door.browser.get("/sign-out")).status_code == 405
    assert await may_look(door.browser)


ELSEWHERE = [
    "//evil.example", "///evil.example", "/\\evil.example", "/\\/evil.example", "https://evil.example",
    "https:evil.example", "evil.example", "javascript:alert(1)", "/\t/evil.example", "/\n/evil.example",
    "/a\r\nSet-Cookie: x=y", "", "\\\\evil.example", "/ok\\..\\evil", "/" + "x" * 2_001, "/accounts/\u65e5",
]  # fmt: skip


@pytest.mark.parametrize("back", ELSEWHERE)
def test_what_leads_elsewhere_is_not_followed(back: str) -> None:
    assert local(back) == "/"
    assert local(back, "/accounts/7") == "/accounts/7"


@pytest.mark.parametrize("back", ["//evil.example", "/\\evil.example", "/a\r\nSet-Cookie: x=y"])
async def test_signing_in_leads_to_our_own_pages_only(door: Doorstep, back: str) -> None:
    """No open redirect by `next`."""
    token = (await link_for(door)).rpartition("/")[2]
    done = await door.browser.post("/sign-in", data={"code": token, "next": back})
    assert (done.status_code, done.headers["location"]) == (303, "/")
    again = await door.browser.get("/sign-in", params={"next": back})
    assert again.headers["location"] == "/"


@pytest.mark.parametrize(
    "path", ["/accounts/a%2Fb", "/accounts?where=stage%20is%20x&sort=arr", "/accounts/a//b"]
)
def test_paths_of_ours_are_followed(path: str) -> None:
    assert local(path) == path


async def test_a_page_asks_a_stranger_to_sign_in_and_leads_back(door: Doorstep) -> None:
    page = await door.browser.get("/sign-in", params={"next": '/accounts?search="><script>'})
    [back] = re.findall(r'name="next" value="([^"]*)"', page.text)
    assert back == "/accounts?search=&#34;&gt;&lt;script&gt;"


@pytest.mark.parametrize("name", ["", "  ", "x" * 121, "a\nb", "a\x00", "a\u202eb"])
async def test_a_link_is_for_somebody_with_a_name(door: Doorstep, name: str) -> None:
    with pytest.raises(Refusal, match="A name has 1 to 120 characters"):
        await link_for(door, Person(name, Role.CSM))


async def test_a_link_is_for_people(door: Doorstep) -> None:
    with pytest.raises(Refusal, match="they have keys"):
        await link_for(door, Person("crm", Role.SERVICE))


@pytest.mark.usefixtures("one_minute")
async def test_attempts_are_limited_by_address(door: Doorstep) -> None:
    web = door.settings.web.model_copy(update={"attempts_per_minute": 3})
    settings = door.settings.model_copy(update={"web": web, "secret": SecretStr("x" * 40)})
    async with browser_of(settings, door, "http://door") as browser:
        answers = [await browser.post("/sign-in", data={"code": str(n)}) for n in range(5)]
        assert [answer.status_code for answer in answers] == [410, 410, 410, 429, 429]
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
        assert (await browser.get("/sign-in")).status_code == 200
