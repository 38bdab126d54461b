"""The web door of the embedded stack: brought up beside the worker, at the address of last time if it is free."""

import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import AnyHttpUrl, SecretStr
from temporalio.client import Client

from lifecycle.embedded.server import free_port
from lifecycle.settings import Settings
from lifecycle.signing import make_secret

HOST: Final = "127.0.0.1"
PORT: Final = 8400


@dataclass(frozen=True)
class EmbeddedWeb:
    """Where the door is, and the settings with which a worker's links and webhooks lead to it."""

    address: str
    settings: Settings


@asynccontextmanager
async def embedded_web(
    settings: Settings, client: Client, with_targets: bool, at: socket.socket | None = None
) -> AsyncIterator[EmbeddedWeb]:
    """The door is open while the block is, `at` the socket of `listen`, else at one of its own.

    `with_targets`: webhook targets without an address get one here.
    """
    # Here, not above: they are slow to load, and what fails first should fail fast.
    from lifecycle.store.engine import Store, make_engine
    from lifecycle.web.app import make_app
    from lifecycle.web.door import Door
    from lifecycle.web.serving import address_of, serving

    secret = make_secret(settings)
    store = Store(make_engine(settings.database))
    try:
        with at or listen(settings.state_dir) as listener:
            address = address_of(listener)
            found = _pointed(settings, address, secret)
            app = make_app(Door(found, store, client))
            if with_targets:
                from lifecycle.embedded import targets

                app.include_router(targets.routes(secret, settings.state_dir / "outbox"))
                pointed = await targets.targets_for(store, settings, address, secret)
                found = found.model_copy(update={"targets": pointed})
            async with serving(app, listener):
                yield EmbeddedWeb(address, found)
    finally:
        await store.close()


def _pointed(settings: Settings, address: str, secret: str) -> Settings:
    public = settings.public_url or AnyHttpUrl(address)
    return settings.model_copy(update={"public_url": public, "secret": SecretStr(secret)})


def codec_endpoint(listener: socket.socket) -> str:
    """Where the Temporal UI has payloads decoded."""
    from lifecycle.web.serving import address_of

    return f"{address_of(listener)}/codec"


def listen(state_dir: Path) -> socket.socket:
    """The socket the door will answer at; who comes earlier waits.

    Links in mails sent earlier lead to the old port: it is taken again if nobody else has it.
    """
    from lifecycle.web import serving

    port = free_port(_remembered(state_dir) or PORT, PORT)
    listener = serving.listen(HOST, port)
    _file(state_dir).write_text(json.dumps({"port": port}))
    return listener


def _remembered(state_dir: Path) -> int | None:
    with suppress(OSError, ValueError, KeyError, TypeError):
        return int(json.loads(_file(state_dir).read_text())["port"])
    return None


def _file(state_dir: Path) -> Path:
    return state_dir / "web.json"
