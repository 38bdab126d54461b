"""Sign-in by an OpenID Connect provider, over real HTTP and with real signatures: whom it lets in, and whom not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from pydantic import AnyHttpUrl, SecretStr, ValidationError

from lifecycle.roles import Role
from lifecycle.settings import Oidc
from lifecycle.store.audit import Deed, WantedAudit, audit
from lifecycle.store.sessions import sessions
from lifecycle.web.app import make_app
from lifecycle.web.callers import COOKIE
from lifecycle.web.door import Door
from lifecycle.web.signing_in_elsewhere import BACK
from lifecycle.web.signing_in_elsewhere import COOKIE as WAITING
from tests.web.conftest import Doorstep, nowhere
from tests.web.provider import CLIENT, SECRET, Provider, open_provider, rsa, secret_key

ANN = {"email": "ann@example.com", "email_verified": True, "name": "Ann Lee", "roles": ["cs", "x"]}
ROLES: dict[str, Any] = {"csm": ("cs",), "admin": ("platform",)}


@dataclass
class Guest:
    """A browser between our door and the provider."""

    door: Doorstep
    browser: httpx2.AsyncClient
    elsewhere: httpx2.AsyncClient
    provider: Provider
    seen: list[str] = field(default_factory=list)

    async def sent(self, next: str = "/accounts") -> str:
        """Goes to the provider; answers with the address it sends the browser back to."""
        asked = await self.browser.get("/sign-in/oidc", params={"next": next})
        assert asked.status_code == 303, asked.text
        self.seen.append(asked.headers["location"])
        return str((await self.elsewhere.get(asked.headers["location"])).headers["location"])

    async def signs_in(self, next: str = "/accounts") -> httpx2.Response:
        return await self.browser.get(await self.sent(next))

    async def names(self) -> list[tuple[str, str]]:
        rows = await sessions(self.door.store, Door.now(self.door))  # type: ignore[arg-type]
        return [(row.name, row.role) for row in rows]


@asynccontextmanager
async def guest_of(door: Doorstep, provider: Provider, **settings: Any) -> AsyncIterator[Guest]:
    oidc = Oidc(
        issuer=AnyHttpUrl(provider.issuer), client_id=CLIENT, client_secret=SecretStr(SECRET),
        **{"roles": ROLES, **settings},
    )  # fmt: skip
    found = door.settings.model_copy(update={"oidc": oidc})
    transport = httpx2.ASGITransport(app=make_app(Door(found, door.store, await nowhere())))
    async with (
        httpx2.AsyncClient(transport=transport, base_url="http://door") as browser,
        httpx2.AsyncClient() as elsewhere,
    ):
        yield Guest(door, browser, elsewhere, provider)


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with open_provider(dict(ANN)) as provider:
        yield provider


@pytest.fixture
async def guest(door: Doorstep, provider: Provider) -> AsyncIterator[Guest]:
    async with guest_of(door, provider) as guest:
        yield guest


async def test_who_signs_in_there_is_let_in_here(guest: Guest) -> None:
    page = await guest.browser.get("/sign-in", params={"next": "/accounts"})
    assert 'href="/sign-in/oidc?next=%2Faccounts"' in page.text
    done = await guest.signs_in()
    assert (done.status_code, done.headers["location"]) == (303, "/accounts")
    assert guest.browser.cookies.get(COOKIE)
    assert guest.browser.cookies.get(WAITING) is None
    assert await guest.names() == [("ann@example.com", Role.CSM)]
    [row] = await audit(guest.door.store, WantedAudit())
    assert (row.what, row.who, row.role, row.detail) == (
        Deed.SIGNED_IN, "ann@example.com", "csm", "oidc",
    )  # fmt: skip


async def test_what_is_asked_is_new_each_time_and_hashed(guest: Guest) -> None:
    for _ in range(2):
        await guest.signs_in()
    first, second = (dict(parse_qsl(urlsplit(url).query)) for url in guest.seen)
    for name in ("state", "nonce", "code_challenge"):
        assert first[name] != second[name]
    assert first["code_challenge_method"] == "S256"
    assert first["redirect_uri"] == f"http://door{BACK}"
    assert set(first["scope"].split()) == {"openid", "email", "profile"}


async def test_claims_told_separately_count_too(guest: Guest) -> None:
    guest.provider.in_token = False
    assert (await guest.signs_in()).status_code == 303
    assert await guest.names() == [("ann@example.com", Role.CSM)]


async def refused(guest: Guest, answer: httpx2.Response) -> str:
    """A page that says why; nobody is signed in, and the audit says so."""
    assert answer.status_code == 403
    assert "You were not signed in" in answer.text
    assert guest.browser.cookies.get(COOKIE) is None
    assert await guest.names() == []
    row = (await audit(guest.door.store, WantedAudit()))[0]
    assert row.what == Deed.REFUSED
    return row.detail


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another client"},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"iat": 4_102_444_800},
        {"sub": None},
    ],
    ids=str,
)
async def test_a_token_for_something_else_lets_nobody_in(guest: Guest, lie: dict[str, Any]) -> None:
    guest.provider.lie = lie
    assert "could not be verified" in await refused(guest, await guest.signs_in())


@pytest.mark.parametrize("forged", ["none", "HS256", "another key"])
async def test_a_forged_signature_lets_nobody_in(guest: Guest, forged: str) -> None:
    """Whatever the provider's own list of algorithms says: here it names `none` and HS256."""
    if forged == "another key":
        guest.provider.signing = rsa("another")
    else:
        guest.provider.algorithm = forged
        guest.provider.signing = secret_key()
    assert "could not be verified" in await refused(guest, await guest.signs_in())


async def test_new_keys_of_the_provider_are_found(guest: Guest) -> None:
    await guest.signs_in()
    guest.provider.key = rsa("two")
    assert (await guest.signs_in()).status_code == 303
    assert len(await guest.names()) == 1


@pytest.mark.parametrize(
    ("user", "said"),
    [
        ({"email_verified": False}, "not verified your e-mail address"),
        ({"email_verified": None}, "not verified your e-mail address"),
        ({"email": ""}, "sends no email to know you by"),
        ({"email": "x" * 121}, "sends no email to know you by"),
        ({"email": "a\r\nb@example.com"}, "sends no email to know you by"),
        ({"email": "ann@evil.example"}, "domain are not let in"),
        ({"email": "ann@sub.example.com"}, "domain are not let in"),
        ({"roles": []}, "have no role here"),
        ({"roles": "cs2"}, "have no role here"),
        ({"roles": {"cs": True}}, "have no role here"),
    ],
)
async def test_who_is_not_meant_is_not_let_in(
    door: Doorstep, provider: Provider, user: dict[str, Any], said: str
) -> None:
    provider.user |= user
    async with guest_of(door, provider, domains=("example.com",)) as guest:
        assert said in await refused(guest, await guest.signs_in())


@pytest.mark.parametrize(
    ("roles", "claim", "role"),
    [
        (["cs", "platform"], "roles", Role.ADMIN),
        ("cs", "roles", Role.CSM),
        ([], "roles", Role.VIEWER),
        ({"roles": ["platform"]}, "realm_access.roles", Role.ADMIN),
    ],
)
async def test_the_mightiest_role_counts(
    door: Doorstep, provider: Provider, roles: Any, claim: str, role: Role
) -> None:
    provider.user[claim.partition(".")[0]] = roles
    async with guest_of(door, provider, role_claim=claim, default_role=Role.VIEWER) as guest:
        await guest.signs_in()
        assert await guest.names() == [("ann@example.com", role)]


async def test_another_browsers_answer_is_not_taken(guest: Guest) -> None:
    """Somebody sends their own way back to a victim, who would then work under their name."""
    theirs = await guest.sent()
    guest.browser.cookies.clear()
    assert "away for too long" in await refused(guest, await guest.browser.get(theirs))
    await guest.sent()
    assert "does not belong" in await refused(guest, await guest.browser.get(theirs))


async def test_a_way_back_works_once(guest: Guest) -> None:
    back = await guest.sent()
    kept = str(guest.browser.cookies.get(WAITING))
    assert (await guest.browser.get(back)).status_code == 303
    guest.browser.cookies.clear()
    guest.browser.cookies.set(WAITING, kept)
    replayed = await guest.browser.get(back)
    assert replayed.status_code == 403
    assert len(await guest.names()) == 1


@pytest.mark.parametrize("change", ["cut", "signed elsewhere", "absent"])
async def test_a_changed_cookie_is_no_way_back(guest: Guest, change: str) -> None:
    back = await guest.sent()
    kept = str(guest.browser.cookies.get(WAITING))
    guest.browser.cookies.clear()
    if change != "absent":
        guest.browser.cookies.set(WAITING, kept[:-2] if change == "cut" else f"e30{kept[3:]}")
    assert "away for too long" in await refused(guest, await guest.browser.get(back))


async def test_who_turns_back_there_is_told(guest: Guest) -> None:
    back = urlsplit(await guest.sent())
    state = dict(parse_qsl(back.query))["state"]
    answer = await guest.browser.get(BACK, params={"state": state, "error": "access_denied"})
    assert "did not sign you in" in await refused(guest, answer)


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example"])
async def test_it_leads_to_our_own_pages_only(guest: Guest, back: str) -> None:
    assert (await guest.signs_in(back)).headers["location"] == "/"


async def test_a_provider_that_names_another_issuer_is_not_asked(guest: Guest) -> None:
    guest.provider.metadata = {"issuer": "https://evil.example"}
    answer = await guest.browser.get("/sign-in/oidc")
    assert "by another name" in await refused(guest, answer)


async def test_a_provider_that_is_away_leaves_the_link(door: Doorstep, provider: Provider) -> None:
    provider.issuer = "http://127.0.0.1:1"
    async with guest_of(door, provider) as guest:
        answer = await guest.browser.get("/sign-in/oidc")
    assert answer.status_code == 503
    assert "does not answer" in answer.text
    assert 'name="code"' in answer.text


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"issuer": "https://id.example.com"}, "go together"),
        (
            {"issuer": "http://id.example.com", "client_id": "x", "client_secret": "y"},
            "must begin with https://",
        ),
        (
            {"issuer": "https://id.example.com", "client_id": "x", "client_secret": "y"},
            "nobody would be let in",
        ),
        (
            {
                "issuer": "https://id.example.com",
                "client_id": "x",
                "client_secret": "y",
                "default_role": "service",
            },
            "is for programs",
        ),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, str], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Oidc.model_validate(settings)
