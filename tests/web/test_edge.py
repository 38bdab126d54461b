"""Hostile input before the routes: names, origins, sizes, rates, faults; each through the whole app."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import httpx2
import pytest
from fastapi import APIRouter, Body, Depends, FastAPI, Request
from fastapi.responses import StreamingResponse
from pydantic import AnyHttpUrl, SecretStr

from lifecycle.settings import Settings
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import migrate_database
from lifecycle.web.app import make_app
from lifecycle.web.door import Door
from lifecycle.web.hosts import Exposed, check_exposure
from lifecycle.web.serving import address_of, listen, serving
from lifecycle.web.who import Caller, Right, Role, may
from tests.web.as_who import as_role, key_for, signed_in
from tests.web.conftest import SECRET, nowhere

HIDDEN = "clara@example.com"


@pytest.fixture(scope="module")
async def store(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Store]:
    url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('edge') / 'x.db'}"
    await migrate_database(url)
    store = Store(make_engine(url))
    yield store
    await store.close()


def settings_of(tmp_path: Path, **web: Any) -> Settings:
    known = {
        name: web.pop(name) for name in ("base_url", "public_url", "temporal_ui") if name in web
    }
    found = Settings(state_dir=tmp_path, secret=SecretStr(SECRET), **known)
    return found.model_copy(update={"web": found.web.model_copy(update=web)})


async def app_of(settings: Settings, store: Store) -> FastAPI:
    app = make_app(Door(settings, store, await nowhere()))
    app.include_router(echoing())
    return app


def echoing() -> APIRouter:
    """Routes of all sorts: what is sent, how much of it, a fault, and an answer that breaks off."""
    router = APIRouter()
    Commander = Annotated[Caller, Depends(may(Right.COMMAND))]  # noqa: N806  # a type

    @router.post("/v1/echo")
    async def echo(_: Commander, sent: Annotated[dict[str, Any] | list[Any], Body()]) -> Any:
        return sent

    @router.post("/v1/size")
    @router.post("/imports/size")
    async def size(_: Commander, request: Request) -> int:
        return len(await request.body())

    @router.api_route("/v1/fault/{name}", methods=["GET", "POST"])
    async def fault(name: str) -> None:
        try:
            int(name)
        except ValueError as error:
            raise RuntimeError(f"{name} is {HIDDEN}") from error

    @router.get("/v1/broken")
    async def broken() -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            yield b"one"
            raise RuntimeError(HIDDEN)

        return StreamingResponse(parts())

    return router


@asynccontextmanager
async def caller_of(
    app: FastAPI, store: Store, *, key: bool = False, at: str = "http://door", server: str = "door"
) -> AsyncIterator[httpx2.AsyncClient]:
    """A CSM who asks by the address `at`; the request arrives at `server`."""

    async def arriving(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "server": (server, 8400)}, receive, send)

    transport = httpx2.ASGITransport(app=arriving)
    async with httpx2.AsyncClient(transport=transport, base_url=at) as client:
        if key:
            client.headers["Authorization"] = f"Bearer {await key_for(store, Role.CSM)}"
        else:
            [(name, token)] = (await signed_in(store, Role.CSM)).items()
            client.headers["Cookie"] = f"{name}={token}"
        yield client


# ── names


@pytest.mark.parametrize(
    ("server", "host", "known"),
    [
        ("127.0.0.1", "localhost:8400", True),
        ("127.0.0.1", "127.0.0.1:8400", True),
        ("::1", "[::1]:8400", True),
        ("127.0.0.1", "LOCALHOST", True),
        ("127.0.0.1", "evil.example", False),
        ("127.0.0.1", "127.0.0.1.evil.example", False),
        ("127.0.0.1", "localhost.evil.example:8400", False),
        ("127.0.0.1", "127.0.0.1@evil.example", False),
        ("127.0.0.1", "", False),
        ("10.0.0.7", "anything.example", True),
    ],
)
async def test_at_home_only_names_of_this_machine_are_answered(
    tmp_path: Path, store: Store, server: str, host: str, known: bool
) -> None:
    """A page elsewhere whose name suddenly leads here (DNS rebinding) is not served."""
    app = await app_of(settings_of(tmp_path), store)
    async with caller_of(app, store, server=server) as client:
        answer = await client.get("/sign-in", headers={"Host": host})
        assert (answer.status_code != 400) is known
        assert (await client.get("/healthz", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize("server", ["127.0.0.1", "10.0.0.7"])
@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("lifecycle.example.com", True),
        ("mail.example.com:443", True),
        ("inside", True),
        ("evil.example", False),
    ],
)
async def test_the_names_of_the_settings_are_answered(
    tmp_path: Path, store: Store, server: str, host: str, known: bool
) -> None:
    settings = settings_of(
        tmp_path,
        base_url=AnyHttpUrl("https://lifecycle.example.com"),
        public_url=AnyHttpUrl("https://mail.example.com/x"),
        hosts=("inside",),
    )
    app = await app_of(settings, store)
    async with caller_of(app, store, server=server) as client:
        answer = await client.get("/v1/nothing", headers={"Host": host})
        assert (answer.status_code != 400) is known
        if not known:
            assert answer.json()["code"] == "unknown_host"
            assert host not in answer.text


@pytest.mark.parametrize(
    ("host", "open_"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False),
     ("192.168.1.5", False), ("example.com", False)],
)  # fmt: skip
def test_nobody_listens_to_the_world_without_authentication(
    tmp_path: Path, host: str, open_: bool
) -> None:
    check_exposure(settings_of(tmp_path, auth="on"), host)
    if open_:
        check_exposure(settings_of(tmp_path, auth="off"), host)
        return
    with pytest.raises(Exposed, match=r"LIFECYCLE_WEB__AUTH=on, or listen at 127\.0\.0\.1"):
        check_exposure(settings_of(tmp_path, auth="off"), host)


# ── origins

HERE, THERE = "http://door", "https://evil.example"
MATRIX = [
    ({}, True),
    ({"Sec-Fetch-Site": "same-origin"}, True),
    ({"Sec-Fetch-Site": "none"}, True),
    ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, True),
    ({"Origin": HERE}, True),
    ({"Sec-Fetch-Site": "cross-site"}, False),
    ({"Sec-Fetch-Site": "same-site"}, False),
    ({"Sec-Fetch-Site": "cross-site", "Origin": HERE}, False),
    ({"Sec-Fetch-Site": "nonsense"}, False),
    ({"Origin": THERE}, False),
    ({"Origin": "null"}, False),
    ({"Origin": "http://door.evil.example"}, False),
    ({"Origin": "http://door:8400"}, False),
    ({"Origin": "https://door"}, False),
    ({"Origin": ""}, False),
]


@pytest.mark.parametrize(("headers", "ours"), MATRIX, ids=str)
async def test_what_another_sites_page_sends_changes_nothing(
    tmp_path: Path, store: Store, headers: dict[str, str], ours: bool
) -> None:
    app = await app_of(settings_of(tmp_path), store)
    async with caller_of(app, store) as client:
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            answer = await client.request(method, "/v1/echo", json=[1], headers=headers)
            assert (answer.status_code == 403) is not ours, method
        assert (await client.get("/sign-in", headers=headers)).status_code == 303
    async with caller_of(app, store, key=True) as program:
        assert (await program.post("/v1/echo", json=[1], headers=headers)).status_code == 200


@pytest.mark.parametrize(
    ("path", "exempt"),
    [("/sign-in", False), ("/sign-in/x", False), ("/sign-out", False), ("/keys", False),
     ("/unsubscribe/x", True), ("/hooks/stripe", True), ("/codec/decode", False)],
)  # fmt: skip
async def test_only_what_carries_its_own_proof_may_come_from_anywhere(
    tmp_path: Path, store: Store, path: str, exempt: bool
) -> None:
    """Signing a victim in as somebody else is a change too."""
    app = await app_of(settings_of(tmp_path), store)
    async with as_role(app, store, None) as client:
        answer = await client.post(path, headers={"Origin": THERE, "Sec-Fetch-Site": "cross-site"})
    foreign = answer.status_code == 403
    assert foreign is not exempt


async def test_the_temporal_ui_may_ask_the_codec_and_nothing_else(
    tmp_path: Path, store: Store
) -> None:
    ui = "https://temporal.example.com"
    app = await app_of(settings_of(tmp_path, temporal_ui=AnyHttpUrl(ui)), store)
    theirs = {"Origin": ui, "Sec-Fetch-Site": "same-site"}
    async with caller_of(app, store) as client:
        asked = await client.post("/codec/decode", json={"payloads": []}, headers=theirs)
        assert asked.status_code == 200
        assert asked.headers["access-control-allow-origin"] == ui
        assert (await client.post("/v1/echo", json=[1], headers=theirs)).status_code == 403
        evil = {"Origin": THERE, "Sec-Fetch-Site": "cross-site"}
        assert (await client.post("/codec/decode", json={}, headers=evil)).status_code == 403


async def test_without_authentication_pages_of_others_are_still_refused(
    tmp_path: Path, store: Store
) -> None:
    app = await app_of(settings_of(tmp_path, auth="off"), store)
    async with as_role(app, store, None) as client:
        assert (await client.post("/v1/echo", json=[1])).status_code == 200
        for more in ({}, {"Authorization": "Bearer x"}):
            foreign = {"Sec-Fetch-Site": "cross-site", **more}
            assert (await client.post("/v1/echo", json=[1], headers=foreign)).status_code == 403


# ── sizes and shapes


async def test_a_body_is_as_large_as_the_settings_say_and_no_larger(
    tmp_path: Path, store: Store
) -> None:
    app = await app_of(settings_of(tmp_path, body_kb=2, upload_mb=1), store)
    async with caller_of(app, store, key=True) as client:
        assert (await client.post("/v1/size", content=b"x" * 2_048)).json() == 2_048
        large = await client.post("/v1/size", content=b"x" * 2_049)
        assert (large.status_code, large.json()["code"]) == (413, "too_large")
        assert (await client.post("/imports/size", content=b"x" * 2_049)).json() == 2_049
        over = await client.post("/imports/size", content=b"x" * (1_024 * 1_024 + 1))
        assert over.status_code == 413
    async with as_role(app, store, None) as stranger:
        assert (await stranger.post("/imports/size", content=b"x" * 2_049)).status_code == 413


@pytest.mark.parametrize("path", ["/v1/size", "/v1/echo", "/sign-in"])
async def test_a_body_without_a_length_is_counted(tmp_path: Path, store: Store, path: str) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100_000):
            yield b"x" * 1_024

    app = await app_of(settings_of(tmp_path, body_kb=2), store)
    kind = "application/x-www-form-urlencoded" if path == "/sign-in" else "application/json"
    async with caller_of(app, store, key=True) as client:
        answer = await client.post(path, content=endless(), headers={"Content-Type": kind})
    assert answer.status_code == 413


@pytest.mark.parametrize("length", ["-1", "1e3", "9" * 400, "٣", "0x10", ""])
async def test_a_length_that_is_no_number_is_refused(
    tmp_path: Path, store: Store, length: str
) -> None:
    app = await app_of(settings_of(tmp_path), store)
    async with caller_of(app, store, key=True) as client:
        header = {b"Content-Length": length.encode()}
        answer = await client.post("/v1/size", content=b"x", headers=header)
    assert answer.status_code == 413


DEEP = 100_000


@pytest.mark.parametrize(
    "body",
    [
        "[" * DEEP + "]" * DEEP,
        '{"a":' * DEEP + "1" + "}" * DEEP,
        "[" * DEEP,
        "{",
        "",
        "\x00",
        '{"a": 1, }',
        "9" * 5_000,
    ],
    ids=["lists", "objects", "open lists", "open", "empty", "nul", "comma", "digits"],
)
async def test_json_that_is_none_is_refused_and_never_a_fault(
    tmp_path: Path, store: Store, body: str
) -> None:
    app = await app_of(settings_of(tmp_path), store)
    kind = {"Content-Type": "application/json"}
    async with caller_of(app, store, key=True) as client:
        answer = await client.post("/v1/echo", content=body, headers=kind)
        assert answer.status_code in {400, 422}
        assert answer.headers["content-type"] == "application/problem+json"
        form = {"Content-Type": "text/plain"}
        assert (await client.post("/v1/echo", content=body, headers=form)).status_code in {400, 422}


async def test_what_is_sent_makes_no_headers(tmp_path: Path, store: Store) -> None:
    """Line ends in what comes back: in a redirect, a name, a key."""
    app = await app_of(settings_of(tmp_path), store)
    evil = "/a\r\nSet-Cookie: lifecycle_session=x"
    async with caller_of(app, store) as client:
        answer = await client.get("/sign-in", params={"next": evil})
        assert answer.headers["location"] == "/"
        assert "set-cookie" not in answer.headers
        page = await client.get("/nothing/%0d%0aSet-Cookie:%20x=y")
        assert "set-cookie" not in page.headers


async def test_slow_and_broken_requests_are_ended_by_a_real_server(
    tmp_path: Path, store: Store
) -> None:
    """Headers without an end, and two lengths: refused; others are answered meanwhile."""
    app = await app_of(settings_of(tmp_path), store)
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        async with serving(app, listener), httpx2.AsyncClient() as client:
            for sent in (
                b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 100_000,
                b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
                b"GET / HTTP/1.1\r\n\r\n",
                b"\x16\x03\x01\x02\x00\x01",
            ):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(sent)
                answer = await asyncio.wait_for(reader.read(), 10)
                assert answer.startswith(b"HTTP/1.1 4"), sent[:40]
                writer.close()
            assert (await client.get(f"{address_of(listener)}/healthz")).status_code == 200


# ── rates


@pytest.mark.usefixtures("one_minute")
async def test_a_key_has_its_own_rate_and_events_another(tmp_path: Path, store: Store) -> None:
    app = await app_of(settings_of(tmp_path, requests_per_minute=3, events_per_minute=5), store)
    async with caller_of(app, store, key=True) as one, caller_of(app, store, key=True) as other:
        answers = [await one.post("/v1/echo", json=[1]) for _ in range(5)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
        assert answers[-1].json()["code"] == "too_many_requests"
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
        assert (await other.post("/v1/echo", json=[1])).status_code == 200
        events = [(await one.post("/v1/events", json=[1])).status_code for _ in range(6)]
        assert [status == 429 for status in events] == [False] * 5 + [True]


@pytest.mark.usefixtures("one_minute")
async def test_strangers_share_the_rate_of_their_address(tmp_path: Path, store: Store) -> None:
    app = await app_of(settings_of(tmp_path, requests_per_minute=2), store)

    async def asked(address: str) -> int:
        transport = httpx2.ASGITransport(app=app, client=(address, 1))
        async with httpx2.AsyncClient(transport=transport, base_url="http://door") as client:
            return (await client.get("/nothing")).status_code

    same = ("2001:db8::1", "2001:db8::2:3", "2001:db8::4")
    assert [await asked(one) for one in same] == [404, 404, 429]
    assert await asked("2001:db8:0:1::1") == 404
    assert await asked("192.0.2.1") == 404


@pytest.mark.usefixtures("one_minute")
async def test_only_a_trusted_proxy_says_who_asks(tmp_path: Path, store: Store) -> None:
    app = await app_of(settings_of(tmp_path, requests_per_minute=2), store)

    async def asked(proxies: tuple[str, ...]) -> list[int]:
        with listen("127.0.0.1", 0) as listener:
            async with serving(app, listener, proxies), httpx2.AsyncClient() as client:
                return [
                    (await client.get(f"{address_of(listener)}/nothing", headers=said)).status_code
                    for said in ({"X-Forwarded-For": f"192.0.2.{n}"} for n in range(3))
                ]

    assert await asked(("127.0.0.1",)) == [404, 404, 404]
    assert await asked(()) == [404, 404, 429]


# ── faults


async def test_a_fault_is_logged_once_and_says_nothing_personal(
    tmp_path: Path, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    app = await app_of(settings_of(tmp_path), store)
    with caplog.at_level(logging.DEBUG):
        async with caller_of(app, store, key=True) as client:
            answer = await client.post(
                f"/v1/fault/{HIDDEN}", params={"q": HIDDEN}, json={"to": HIDDEN}
            )
            key = client.headers["Authorization"].removeprefix("Bearer ")
    assert (answer.status_code, answer.json()["code"]) == (500, "fault")
    assert HIDDEN not in answer.text
    errors = [record for record in caplog.records if record.levelno >= logging.WARNING]
    [record] = errors
    assert record.name == "lifecycle.web"
    said = json.loads(record.getMessage())
    assert (said["event"], said["method"], said["route"]) == ("fault", "POST", "/v1/fault/{name}")
    assert said["errors"] == ["builtins.RuntimeError", "builtins.ValueError"]
    assert "test_edge.py" in said["at"][-1]
    everything = "\n".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("httpx")
    )
    assert HIDDEN not in everything
    assert key not in everything


async def test_an_answer_that_breaks_off_is_logged_as_well(
    tmp_path: Path, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    app = await app_of(settings_of(tmp_path), store)
    with listen("127.0.0.1", 0) as listener:
        async with serving(app, listener), httpx2.AsyncClient() as client:
            with pytest.raises(httpx2.RemoteProtocolError):
                await client.get(f"{address_of(listener)}/v1/broken")
    faults = [one for one in caplog.records if one.name == "lifecycle.web"]
    assert len(faults) == 1
    assert HIDDEN not in "\n".join(record.getMessage() for record in caplog.records)
