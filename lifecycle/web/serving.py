"""Running an app: a socket of our own, no log of addresses (they hold tokens), and an end when the block ends."""

from __future__ import annotations

import asyncio
import resource
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress

import uvicorn
from fastapi import FastAPI

from lifecycle.failure import Failure

LEAVE_SECONDS = 5
OPEN_FILES = 65_536


class PortTaken(Failure):
    """The address cannot be listened at."""


class _Server(uvicorn.Server):
    """Says when it is ready, and leaves signals to whoever runs it."""

    def __init__(self, app: FastAPI, proxies: Sequence[str]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                lifespan="off",
                ws="none",
                log_config=None,
                access_log=False,
                server_header=False,
                # Its own default believes every neighbour on this machine.
                proxy_headers=bool(proxies),
                forwarded_allow_ips=list(proxies),
                timeout_graceful_shutdown=LEAVE_SECONDS,
            )
        )
        self.ready = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 is any free one. Raises `PortTaken`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise PortTaken(
            f"{host}, port {port} cannot be listened at: {error.strerror}.\n"
            "Name another with --host and --port; --port 0 takes any free one."
        ) from None


def address_of(listener: socket.socket) -> str:
    """`http://127.0.0.1:8400`."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@asynccontextmanager
async def serving(
    app: FastAPI, listener: socket.socket, proxies: Sequence[str] = ()
) -> AsyncIterator[None]:
    """The app answers while the block is open; what is being answered at its end gets a moment.

    `proxies` are believed what they say of who asks and how (X-Forwarded-For, X-Forwarded-Proto).
    Live streams would go on for ever: they are told to end, and so is what goes on behind answers.
    """
    _allow_many()
    server = _Server(app, proxies)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    ready = asyncio.create_task(server.ready.wait())
    try:
        await asyncio.wait([running, ready], return_when=asyncio.FIRST_COMPLETED)
        yield
    finally:
        ready.cancel()
        app.state.live.close()
        server.should_exit = True
        await running
        await app.state.background.close()


def _allow_many() -> None:
    """As many open connections as the machine lets this process have; the usual 1,024 are few for live streams."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
