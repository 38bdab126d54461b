"""Every route and every role: who is let in is what the one table of rights says, and what the docs say."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI, Response
from pydantic import AnyHttpUrl, SecretStr

from lifecycle.settings import Oidc, Settings
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import migrate_database
from lifecycle.web.app import make_app
from lifecycle.web.door import Door
from lifecycle.web.who import Role
from tests.web.as_who import as_role
from tests.web.conftest import SECRET, nowhere
from tests.web.routes import OPEN, Way, table, ways

DOCUMENT = Path(__file__).parents[2] / "docs" / "security.md"
BEGIN, END = "<!-- routes -->\n", "\n<!-- end of routes -->"


@pytest.fixture(scope="module")
async def store(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Store]:
    url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('rights') / 'x.db'}"
    await migrate_database(url)
    store = Store(make_engine(url))
    yield store
    await store.close()


@pytest.fixture(scope="module")
async def app(store: Store, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """Every route there can be."""
    oidc = Oidc(
        issuer=AnyHttpUrl("https://id.example.com"),
        client_id="x",
        client_secret=SecretStr("y"),
        default_role=Role.VIEWER,
    )
    settings = Settings(
        state_dir=tmp_path_factory.mktemp("state"), secret=SecretStr(SECRET), oidc=oidc
    )
    return make_app(Door(settings, store, await nowhere()))


def test_every_route_asks_for_a_right_or_says_why_it_is_open(app: FastAPI) -> None:
    found = list(ways(app))
    assert len(found) > 20
    assert {way.path for way in found if not way.rights} <= OPEN.keys()
    assert {way.path for way in found if way.rights}.isdisjoint(OPEN)


def test_the_docs_have_the_table(app: FastAPI) -> None:
    text = DOCUMENT.read_text()
    before, _, rest = text.partition(BEGIN)
    written, _, after = rest.partition(END)
    if "LIFECYCLE_RECORD" in os.environ:
        DOCUMENT.write_text(f"{before}{BEGIN}\n{table(app)}\n{END}{after}")
        return
    assert written.strip() == table(app)


def refused(answer: httpx2.Response) -> bool:
    """401 and 403, and the way a page asks strangers to sign in."""
    location = answer.headers.get("location", "")
    asks = answer.status_code == 303 and location.startswith("/sign-in")
    return answer.status_code in {401, 403} or asks


async def nothing() -> Response:
    return Response(status_code=204)


@pytest.fixture
def idle(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> list[Way]:
    """The guarded routes, which let in and refuse as ever, and then do nothing."""
    found = [way for way in ways(app) if way.rights]
    for way in found:
        monkeypatch.setattr(way.dependant, "call", lambda **_: nothing())
    return found


@pytest.mark.parametrize("key", [True, False], ids=["key", "session"])
@pytest.mark.parametrize("role", [None, *Role])
async def test_who_is_let_in_where(
    app: FastAPI, store: Store, idle: list[Way], role: Role | None, key: bool
) -> None:
    wrong = []
    async with as_role(app, store, role, key=key) as client:
        for way in idle:
            answer = await client.request(way.method, way.address)
            if refused(answer) is way.lets_in(role):
                wrong.append((way.method, way.path, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("path", ["/healthz", "/sign-in", "/static/tokens.css"])
async def test_what_is_open_is_open(app: FastAPI, store: Store, path: str) -> None:
    async with as_role(app, store, None) as client:
        assert (await client.get(path)).status_code == 200
