"""The codec endpoint: who may read what Temporal keeps, from where, and with the real command line."""

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from google.protobuf.json_format import MessageToDict, ParseDict
from pydantic import AnyHttpUrl, SecretStr
from temporalio.api.common.v1 import Payload, Payloads

from lifecycle.client import Lifecycles
from lifecycle.codec_keys import read_ring
from lifecycle.contract import workflow_id
from lifecycle.converter import LARGEST, HouseCodec, make_converter
from lifecycle.embedded.server import find_binary
from lifecycle.roles import Role
from lifecycle.settings import Settings
from lifecycle.store.engine import Store, make_engine
from lifecycle.store.migrate import migrate_database
from lifecycle.web.app import make_app
from lifecycle.web.door import Door
from lifecycle.web.serving import address_of, listen, serving
from tests.web.as_who import as_role, key_for
from tests.web.conftest import SECRET, nowhere
from tests.workflows.town import Town

KEYS = ("2026-11:" + b64encode(b"n" * 32).decode(), "2026-05:" + b64encode(b"o" * 32).decode())
UI = "https://temporal.example.com"
CLARA = {"contact": "Clara Oswald"}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'lifecycle.db'}"
    await migrate_database(url)
    store = Store(make_engine(url))
    yield store
    await store.close()


def settings(folder: Path, *keys: str) -> Settings:
    return Settings(
        state_dir=folder,
        secret=SecretStr(SECRET),
        codec_keys=tuple(SecretStr(key) for key in keys),
        temporal_ui=AnyHttpUrl(UI),
    )


@pytest.fixture
async def app(store: Store, tmp_path: Path) -> FastAPI:
    return make_app(Door(settings(tmp_path, *KEYS), store, await nowhere()))


async def body_of(*keys: str) -> dict[str, Any]:
    """Clara's payload as Temporal holds it, in protobuf's JSON."""
    payloads = await make_converter(read_ring(keys)).encode([CLARA])
    return MessageToDict(Payloads(payloads=payloads))


def read(answer: httpx2.Response) -> Any:
    """The value in the one payload of an answer."""
    [payload] = answer.json()["payloads"]
    return json.loads(_payload(payload).data)


def _payload(data: Mapping[str, Any]) -> Payload:
    return ParseDict(dict(data), Payload())


@pytest.mark.parametrize("key", [False, True], ids=["cookie", "key"])
@pytest.mark.parametrize(
    ("role", "status"),
    [(None, 401), (Role.SERVICE, 403), (Role.VIEWER, 403), (Role.CSM, 200), (Role.ADMIN, 200)],
)
async def test_who_may_give_commands_may_read(
    app: FastAPI, store: Store, role: Role | None, status: int, key: bool
) -> None:
    async with as_role(app, store, role, key=key) as client:
        for path in ("/codec/decode", "/codec/encode"):
            answer = await client.post(path, json=await body_of(KEYS[0]))
            assert answer.status_code == status, path
            assert "Clara" not in answer.text
            assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("keys", [(KEYS[0],), (KEYS[1],), ()], ids=["new", "old", "plain"])
async def test_what_temporal_holds_comes_back_readable(
    app: FastAPI, store: Store, keys: tuple[str, ...]
) -> None:
    """Whatever key it was written with, or none."""
    async with as_role(app, store, Role.CSM, key=True) as client:
        answer = await client.post("/codec/decode", json=await body_of(*keys))
    assert read(answer) == CLARA


async def test_what_the_command_line_sends_is_encrypted(app: FastAPI, store: Store) -> None:
    async with as_role(app, store, Role.CSM, key=True) as client:
        encoded = await client.post("/codec/encode", json=await body_of())
        assert "Clara" not in encoded.text
        [payload] = encoded.json()["payloads"]
        [opened] = await HouseCodec(read_ring([KEYS[0]])).decode([_payload(payload)])
        assert json.loads(opened.data) == CLARA
        decoded = await client.post("/codec/decode", json=encoded.json())
    assert read(decoded) == CLARA


async def test_a_key_that_is_missing_is_named(app: FastAPI, store: Store) -> None:
    other = "2030-01:" + b64encode(b"x" * 32).decode()
    async with as_role(app, store, Role.CSM, key=True) as client:
        answer = await client.post("/codec/decode", json=await body_of(other))
    assert answer.status_code == 422
    assert answer.json()["code"] == "key_missing"
    assert "the key '2030-01'" in answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'"payloads"',
        b"\xff\xfe",
        b'{"payloads": [{"data": 5}]}',
        b'{"payloads": 5}',
        b'{"payload": []}',
        b'{"payloads":' * 40_000,
        b"[" * 100_000,
    ],
)
async def test_what_is_no_list_of_payloads_is_refused(
    app: FastAPI, store: Store, body: bytes
) -> None:
    async with as_role(app, store, Role.CSM, key=True) as client:
        answer = await client.post("/codec/decode", content=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "The body is no list of payloads."


async def test_little_that_unpacks_to_much_is_not_unpacked(app: FastAPI, store: Store) -> None:
    """One payload may be large; a hundred such must not take the door down."""
    packed = await make_converter(read_ring([])).encode([" " * (LARGEST // 2)])
    body = MessageToDict(Payloads(payloads=packed * 3))
    async with as_role(app, store, Role.CSM, key=True) as client:
        answer = await client.post("/codec/decode", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "too_large"), answer.text[:200]


async def test_an_empty_list_is_one(app: FastAPI, store: Store) -> None:
    async with as_role(app, store, Role.CSM, key=True) as client:
        answer = await client.post("/codec/decode", json={"payloads": []})
    assert (answer.status_code, answer.json()) == (200, {})


ASKING = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-namespace"}


async def test_the_temporal_ui_may_ask_and_no_other_page(app: FastAPI, store: Store) -> None:
    """Before it asks, and when it does, with the cookie of whoever sits there."""
    async with as_role(app, store, Role.CSM) as browser:
        for origin, good in ((UI, True), ("https://evil.example", False), ("null", False)):
            before = await browser.options("/codec/decode", headers={"Origin": origin, **ASKING})
            assert (before.status_code == 200) is good
            sent = {"Origin": origin, "Sec-Fetch-Site": "same-site" if good else "cross-site"}
            answer = await browser.post(
                "/codec/decode",
                json=await body_of(KEYS[0]),
                headers={**sent, "X-Namespace": "default"},
            )
            assert answer.status_code == (200 if good else 403)
            assert answer.headers.get("access-control-allow-origin") == (UI if good else None)
    assert before.headers.get("access-control-allow-origin") is None


async def test_other_routes_are_not_shared_with_the_temporal_ui(app: FastAPI, store: Store) -> None:
    async with as_role(app, store, Role.CSM) as browser:
        answer = await browser.get("/healthz", headers={"Origin": UI})
    assert "access-control-allow-origin" not in answer.headers


async def test_a_refusal_can_be_read_by_the_temporal_ui(app: FastAPI, store: Store) -> None:
    """Else it could only say that something failed."""
    async with as_role(app, store, None) as browser:
        answer = await browser.post("/codec/decode", json={}, headers={"Origin": UI})
    assert answer.status_code == 401
    assert answer.headers["access-control-allow-origin"] == UI
    assert answer.headers["access-control-allow-credentials"] == "true"


async def test_without_a_temporal_ui_no_page_may_ask(store: Store, tmp_path: Path) -> None:
    found = settings(tmp_path, *KEYS).model_copy(update={"temporal_ui": None})
    app = make_app(Door(found, store, await nowhere()))
    async with as_role(app, store, Role.CSM) as browser:
        answer = await browser.options("/codec/decode", headers={"Origin": UI, **ASKING})
    assert "access-control-allow-origin" not in answer.headers


async def test_the_real_command_line_reads_and_writes_by_it(quiet_town: Town) -> None:
    """`temporal workflow …` with --codec-endpoint and a key, against encrypted accounts."""
    town, acme = quiet_town.with_keys(*KEYS), quiet_town.account()
    found = town.settings.model_copy(update={"secret": SecretStr(SECRET)})
    key = await key_for(town.store, Role.CSM)
    async with town.open(), _served(Door(found, town.store, town.client)) as address:
        await Lifecycles(town.client, found.task_queue).start(
            acme, {"contact_name": "Clara Oswald"}
        )
        update = ("update", "execute", "--name", "set_fields", "--input")
        said = json.dumps({"actor": "ann", "fields": {"plan": "Pro"}})
        by_codec = ("--codec-endpoint", f"{address}/codec", "--codec-auth", f"Bearer {key}")
        done = await cli(town, acme, *update, said, *by_codec)
        assert "plan:Pro" in done
        seen = await cli(town, acme, "query", "--type", "state", "--output", "json", *by_codec)
        assert "Clara Oswald" in seen
        assert "Clara" not in await cli(town, acme, "show", "--output", "json")
        assert (await town.state(acme)).fields["plan"] == "Pro"


@asynccontextmanager
async def _served(door: Door) -> AsyncIterator[str]:
    """The door at an address."""
    with listen("127.0.0.1", 0) as listener:
        async with serving(make_app(door), listener):
            yield address_of(listener)


async def cli(town: Town, account: str, *words: str) -> str:
    """What the `temporal` command prints."""
    process = await asyncio.create_subprocess_exec(
        *(find_binary(), "workflow", *words, "--workflow-id", workflow_id(account)),
        *("--address", town.client.service_client.config.target_host),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, complaint = await process.communicate()
    assert process.returncode == 0, complaint.decode()
    return printed.decode()
