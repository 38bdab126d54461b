"""What stands around every answer, and how the door is opened and shut."""

import socket
from pathlib import Path

import httpx2
import pytest
from pydantic import SecretStr

from lifecycle.settings import Settings
from lifecycle.store.engine import Store, make_engine
from lifecycle.web.app import make_app
from lifecycle.web.door import Door
from lifecycle.web.serving import PortTaken, address_of, listen, serving
from tests.web.conftest import SECRET, Doorstep, nowhere


@pytest.mark.parametrize("path", ["/healthz", "/nothing", "/static/bare.css", "/static/nothing"])
async def test_every_answer_is_guarded(door: Doorstep, path: str) -> None:
    answer = await door.browser.get(path)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["x-content-type-options"] == "nosniff"
    kept = "public" if path.startswith("/static/") else "no-store"
    assert answer.headers["cache-control"].startswith(kept)
    assert "set-cookie" not in answer.headers


async def test_a_page_is_found_lost_and_refused_in_words(door: Doorstep) -> None:
    for answer in (await door.browser.get("/nothing"), await door.browser.put(door.path)):
        assert answer.status_code in {404, 405}
        assert "<h1>Nothing is here</h1>" in answer.text


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/static/../app.py"])
async def test_nothing_else_is_shown(door: Doorstep, path: str) -> None:
    assert (await door.browser.get(path)).status_code == 404


async def test_health_says_whether_the_database_answers(door: Doorstep, tmp_path: Path) -> None:
    well = await door.browser.get("/healthz")
    assert (well.status_code, well.json()) == (200, {"status": "ok"})
    away = Store(make_engine(f"sqlite:////{tmp_path}/no/such/folder/x.db"))
    app = make_app(
        Door(Settings(state_dir=tmp_path, secret=SecretStr(SECRET)), away, await nowhere())
    )
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://door") as browser:
        ill = await browser.get("/healthz")
    assert (ill.status_code, ill.json()) == (503, {"status": "no database"})
    await away.close()


async def test_ones_own_pages_come_before_the_shipped(door: Doorstep, tmp_path: Path) -> None:
    for folder, text in (("email", ""), ("web", "our own page")):
        (tmp_path / "templates" / folder).mkdir(parents=True)
        (tmp_path / "templates" / folder / "lost.html").write_text(text)
    settings = door.settings.model_copy(update={"templates_dir": tmp_path / "templates"})
    transport = httpx2.ASGITransport(app=make_app(Door(settings, door.store, await nowhere())))
    async with httpx2.AsyncClient(transport=transport, base_url="http://door") as browser:
        assert (await browser.get("/nothing")).text == "our own page"
        assert "Unsubscribe from our e-mails?" in (await browser.get(door.path)).text


async def test_a_real_server_answers_and_ends_with_its_block(door: Doorstep) -> None:
    with listen("127.0.0.1", 0) as listener:
        address = address_of(listener)
        async with (
            serving(make_app(Door(door.settings, door.store, await nowhere())), listener),
            httpx2.AsyncClient() as browser,
        ):
            answer = await browser.get(f"{address}/healthz")
            assert answer.status_code == 200
            assert "server" not in answer.headers
    with pytest.raises(httpx2.ConnectError):
        async with httpx2.AsyncClient() as browser:
            await browser.get(f"{address}/healthz")


def test_a_taken_port_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port} cannot be listened at"):
            listen("127.0.0.1", port)
