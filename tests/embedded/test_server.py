"""The parts of the embedded server that need no server."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from lifecycle.console.database import shown
from lifecycle.embedded.record import (
    ServerRecord,
    end_leftover,
    remember,
    remembered,
    server_pids,
    temporal_file,
)
from lifecycle.embedded.server import ServerFailed, free_port
from lifecycle.settings import Settings


def test_the_next_free_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert port < free_port(port, port) < port + 1000


def test_two_servers_do_not_get_one_port() -> None:
    port = free_port(20_000, 20_000)
    assert free_port(port, port, taken=port) > port


def test_no_port_is_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(ServerFailed, match=f"No port from {port} to {port} is free"):
            free_port(port, port, among=1)


def test_what_was_remembered_comes_back(tmp_path: Path) -> None:
    remember(tmp_path, ServerRecord(7234, 8234))
    assert remembered(tmp_path) == ServerRecord(7234, 8234)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"port": 1}'])
def test_a_damaged_record_counts_as_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "server.json").write_text(text)
    assert remembered(tmp_path) is None


def test_another_folders_server_is_never_ended(tmp_path: Path) -> None:
    other = tmp_path / "other"
    runs = "print(flush=True); input()"
    command = [
        sys.executable,
        "-c",
        runs,
        "start-dev",
        "--db-filename",
        str(temporal_file(other)),
        "",
    ]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"\n", "the process is up, and shows its command line"
        assert server_pids(other) == [process.pid]
        end_leftover(tmp_path)
        assert process.poll() is None
        end_leftover(other)
        assert process.wait() != 0


@pytest.mark.parametrize(
    ("url", "printed"),
    [
        ("sqlite+aiosqlite:////f/x.db", "sqlite+aiosqlite:////f/x.db"),
        ("postgresql+asyncpg://u:p@h/d", "postgresql+asyncpg://u:***@h/d"),
        ("postgresql+asyncpg://u:p@ss@h/d", "postgresql+asyncpg://u:***@h/d"),
        ("postgresql+asyncpg://h/d", "postgresql+asyncpg://h/d"),
    ],
)
def test_a_password_is_not_printed(url: str, printed: str) -> None:
    assert shown(Settings(database_url=SecretStr(url))) == printed
