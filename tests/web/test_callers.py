"""Who calls: keys and sessions, on both databases; what is wrong is nobody."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from fastapi import APIRouter, Depends, FastAPI
from pydantic import SecretStr

from lifecycle.access import digest_of, make_key, make_token
from lifecycle.settings import Settings
from lifecycle.store.api_keys import api_keys, revoke_key
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import migrate_database
from lifecycle.store.sessions import Lasting, Person, begin_session, end_session, session_of
from lifecycle.web import callers
from lifecycle.web.app import make_app
from lifecycle.web.callers import COOKIE
from lifecycle.web.door import Door
from lifecycle.web.who import RIGHTS, Caller, Right, Role, may
from tests.web.as_who import as_role, key_for, signed_in
from tests.web.conftest import SECRET, nowhere

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@dataclass(frozen=True)
class House:
    """An app with one route for each right, which says who called."""

    app: FastAPI
    store: Store
    settings: Settings


def says_who(right: Right) -> APIRouter:
    router = APIRouter()

    @router.get(f"/v1/{right.value}")
    async def answer(caller: Caller = Depends(may(right))) -> dict[str, str]:  # noqa: B008
        return {"name": caller.name, "role": caller.role.value, "key": caller.key}

    return router


async def house_of(settings: Settings, store: Store) -> House:
    app = make_app(Door(settings, store, await nowhere()))
    for right in Right:
        app.include_router(says_who(right))
    return House(app, store, settings)


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    settings = Settings(
        state_dir=tmp_path, database_url=SecretStr(database_url), secret=SecretStr(SECRET)
    )
    await migrate_database(settings.database)
    store = Store(make_engine(settings.database))
    yield await house_of(settings, store)
    await store.close()


@pytest.mark.parametrize("key", [False, True], ids=["session", "key"])
@pytest.mark.parametrize("role", list(Role))
async def test_a_role_may_what_the_table_says(house: House, role: Role, key: bool) -> None:
    async with as_role(house.app, house.store, role, key=key, name="Ann") as client:
        for right in Right:
            answer = await client.get(f"/v1/{right.value}")
            if right in RIGHTS[role]:
                said = {"name": "Ann", "role": role.value, "key": "Ann" if key else ""}
                assert (answer.status_code, answer.json()) == (200, said)
            else:
                assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    "said",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        pytest.param(f"Bearer {make_key()}", id="made up"),
        f"Bearer lc_{'x' * 5_000}",
        "Bearer lc_é",
        "Basic YW5uOmFubg==",
        "Digest lc_x",
    ],
)
async def test_a_stranger_is_told_how_to_come_in(house: House, said: str | None) -> None:
    async with as_role(house.app, house.store, None) as client:
        headers = {} if said is None else {b"Authorization": said.encode("latin-1")}
        answer = await client.get("/v1/read", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_wrong_key_is_not_made_good_by_a_cookie(house: House) -> None:
    async with as_role(house.app, house.store, Role.ADMIN) as client:
        wrong = await client.get("/v1/read", headers={"Authorization": f"Bearer {make_key()}"})
        assert wrong.status_code == 401
        assert (await client.get("/v1/read")).status_code == 200


async def test_a_revoked_key_is_refused_within_seconds(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr(callers, "monotonic", lambda: clock[0])
    async with as_role(house.app, house.store, Role.VIEWER, key=True, name="crm") as client:
        assert (await client.get("/v1/read")).status_code == 200
        await revoke_key(house.store, "crm", "ann", datetime.now(UTC))
        clock[0] += callers.KEY_SECONDS + 0.1
        assert (await client.get("/v1/read")).status_code == 401


async def test_of_a_key_only_its_digest_is_kept_and_its_use_to_the_hour(house: House) -> None:
    key = await key_for(house.store, Role.SERVICE, "crm")
    [row] = await api_keys(house.store)
    assert (row.digest, row.last_used_at) == (digest_of(key), None)
    assert key not in repr(row)
    async with as_role(house.app, house.store, None) as client:
        await client.get("/v1/events", headers={"Authorization": f"Bearer {key}"})
    [row] = await api_keys(house.store)
    assert row.last_used_at is not None


@pytest.mark.parametrize("change", ["cut", "longer", "another", "empty", "role in it"])
async def test_a_tampered_cookie_is_nobody(house: House, change: str) -> None:
    token = (await signed_in(house.store, Role.VIEWER))[COOKIE]
    changed = {
        "cut": token[:-1],
        "longer": token + "A",
        "another": make_token(),
        "empty": "",
        "role in it": f"{token}.admin",
    }[change]
    async with as_role(house.app, house.store, None) as client:
        for sent, status in ((changed, 401), (token, 200)):
            cookie = {"Cookie": f"{COOKIE}={sent}"}
            assert (await client.get("/v1/read", headers=cookie)).status_code == status


async def test_the_digest_in_the_database_is_not_a_token(house: House) -> None:
    token = (await signed_in(house.store, Role.VIEWER))[COOKIE]
    async with as_role(house.app, house.store, None) as client:
        client.cookies.set(COOKIE, digest_of(token))
        assert (await client.get("/v1/read")).status_code == 401


async def test_a_session_slides_to_its_longest_and_no_further(house: House) -> None:
    lasting = Lasting(timedelta(hours=2), timedelta(hours=5))
    ann = Person("Ann", Role.CSM)
    await begin_session(house.store, "d", ann, lasting, NOW, "a test")
    for hours, there in ((1.9, True), (3.8, True), (4.9, True), (5.0, False)):
        found = await session_of(house.store, "d", lasting, NOW + timedelta(hours=hours))
        assert (found is not None) is there
    await begin_session(house.store, "e", ann, lasting, NOW, "a test")
    assert await session_of(house.store, "e", lasting, NOW + timedelta(hours=2)) is None


async def test_a_session_that_was_ended_is_over(house: House) -> None:
    cookies = await signed_in(house.store, Role.ADMIN)
    async with as_role(house.app, house.store, None) as client:
        client.cookies.update(cookies)
        assert (await client.get("/v1/admin")).status_code == 200
        await end_session(house.store, digest_of(cookies[COOKIE]), datetime.now(UTC))
        assert (await client.get("/v1/admin")).status_code == 401


async def test_where_the_database_is_away_nobody_is_called_unknown(
    house: House, tmp_path: Path
) -> None:
    """503 and again later, not 401: whoever asks may well be known."""
    away = Store(make_engine(f"sqlite:////{tmp_path}/no/such/folder/x.db"))
    app = (await house_of(house.settings, away)).app
    async with as_role(app, house.store, Role.ADMIN, key=True) as client:
        answer = await client.get("/v1/read")
    assert (answer.status_code, answer.json()["code"]) == (503, "no_database")
    await away.close()


async def test_without_authentication_only_this_machine_is_let_in(house: House) -> None:
    web = house.settings.web.model_copy(update={"auth": "off"})
    settings = house.settings.model_copy(update={"web": web, "actor": "ann"})
    app = (await house_of(settings, house.store)).app
    for address, status in (("127.0.0.1", 200), ("::1", 200), ("192.0.2.7", 401)):
        transport = httpx2.ASGITransport(app=app, client=(address, 1))
        async with httpx2.AsyncClient(transport=transport, base_url="http://door") as client:
            assert (await client.get("/v1/admin")).status_code == status
