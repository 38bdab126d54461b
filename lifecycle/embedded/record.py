"""What the embedded stack remembers of its server: its ports, and how to find one left over."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

END_WITHIN: Final = 10.0


@dataclass(frozen=True)
class ServerRecord:
    """A server started with this state folder; it may have ended since."""

    port: int
    ui_port: int

    @property
    def address(self) -> str:
        """Where Temporal clients connect."""
        return f"127.0.0.1:{self.port}"

    @property
    def ui(self) -> str:
        """Where people look."""
        return f"http://127.0.0.1:{self.ui_port}"


def record_file(state_dir: Path) -> Path:
    """The file the record is kept in."""
    return state_dir / "server.json"


def temporal_file(state_dir: Path) -> Path:
    """The server's own database; its path in a command line marks a server as ours."""
    return state_dir / "temporal.db"


def remember(state_dir: Path, record: ServerRecord) -> None:
    """Write the record in one step, so that a kill leaves the old one or the new one."""
    new = state_dir / "server.json.new"
    new.write_text(json.dumps(asdict(record)))
    new.replace(record_file(state_dir))


def remembered(state_dir: Path) -> ServerRecord | None:
    """The last record; None when there is none that can be read."""
    try:
        return ServerRecord(**json.loads(record_file(state_dir).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def running(state_dir: Path) -> ServerRecord | None:
    """The record of the server of this folder, if it runs now."""
    return remembered(state_dir) if server_pids(state_dir) else None


def end_leftover(state_dir: Path) -> None:
    """End the server a killed run left behind. Other processes are never touched."""
    deadline = time.monotonic() + END_WITHIN
    number = signal.SIGTERM
    while pids := server_pids(state_dir):
        if time.monotonic() > deadline:
            number = signal.SIGKILL
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        time.sleep(0.1)


def server_pids(state_dir: Path) -> list[int]:
    """The servers that work on this folder's database, by their command lines.

    A remembered process id would prove nothing: it may belong to another process by now, and a
    kill may come before it is written down.
    """
    sign = f"--db-filename {temporal_file(state_dir)} "
    return [pid for pid, command in _processes() if "start-dev" in command and sign in command]


def _processes() -> Iterator[tuple[int, str]]:
    """Every process id with its command line."""
    if not Path("/proc/self/cmdline").exists():
        yield from _processes_by_ps()
        return
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with contextlib.suppress(OSError):
                command = (folder / "cmdline").read_bytes().decode(errors="replace")
                yield int(folder.name), command.replace("\0", " ")


def _processes_by_ps() -> Iterator[tuple[int, str]]:
    shown = subprocess.run(
        ["ps", "-axww", "-o", "pid=,args="], capture_output=True, text=True, check=True
    )
    for line in shown.stdout.splitlines():
        pid, _, command = line.strip().partition(" ")
        yield int(pid), f"{command} "
