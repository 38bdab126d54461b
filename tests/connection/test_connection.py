"""The connection: a server that is not there is told in seconds, with its address and a remedy."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from temporalio.client import Client

from lifecycle.connection import NoServer, connect
from lifecycle.embedded.record import ServerRecord, remember
from lifecycle.settings import Settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings with a state folder of their own, and no profile of whoever runs the tests."""
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(tmp_path / "none.toml"))
    for name in ("TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "TEMPORAL_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    return Settings(state_dir=tmp_path)


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def address(client: Client) -> str:
    return client.service_client.config.target_host


async def test_the_embedded_server_is_found_by_its_state(
    settings: Settings, client: Client
) -> None:
    port = int(address(client).rpartition(":")[2])
    remember(settings.state_dir, ServerRecord(port, 0))
    connected = await connect(settings)
    assert address(connected) == f"127.0.0.1:{port}"


async def test_temporal_address_wins(
    settings: Settings, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(settings.state_dir, ServerRecord(1, 0))
    monkeypatch.setenv("TEMPORAL_ADDRESS", address(client))
    assert address(await connect(settings)) == address(client)


async def test_a_profile_of_temporals_own_file(
    settings: Settings, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporal.toml").write_text(f'[profile.mine]\naddress = "{address(client)}"\n')
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(tmp_path / "temporal.toml"))
    monkeypatch.setenv("TEMPORAL_PROFILE", "mine")
    assert address(await connect(settings)) == address(client)


async def test_nobody_listens(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    with pytest.raises(NoServer, match=r"at 127\.0\.0\.1:1: .*refused(.|\n)*lifecycle up"):
        await connect(settings)


async def test_a_name_nobody_knows(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "nowhere.invalid:7233")
    with pytest.raises(NoServer, match=r"at nowhere\.invalid:7233: "):
        await connect(settings)


async def test_a_server_that_never_answers(
    settings: Settings, silent_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{silent_port}")
    started = time.monotonic()
    with pytest.raises(NoServer, match=f"127.0.0.1:{silent_port}: no answer within 0.5 seconds"):
        await connect(settings, within=0.5)
    assert time.monotonic() - started < 3


async def test_a_namespace_that_is_not_there(
    settings: Settings, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", address(client))
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "nowhere")
    with pytest.raises(NoServer, match="has no namespace 'nowhere'"):
        await connect(settings)


async def test_a_profile_that_is_not_there(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_PROFILE", "nowhere")
    with pytest.raises(NoServer, match="profile"):
        await connect(settings)
