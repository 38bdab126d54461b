"""The web door of the embedded stack: brought up beside the worker, at the address of last time if it is free."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import AnyHttpUrl, SecretStr
from temporalio.client import Client

from lifecycle.actor import actor_of
from lifecycle.embedded.server import free_port
from lifecycle.roles import Role
from lifecycle.settings import Settings
from lifecycle.signing import make_secret

if TYPE_CHECKING:
    from lifecycle.store.engine import Store

HOST: Final = "127.0.0.1"
PORT: Final = 8400


@dataclass(frozen=True)
class EmbeddedWeb:
    """Where the door is, and the settings with which a worker's links and webhooks lead to it."""

    address: str
    settings: Settings
    sign_in: str
    """A link that lets the user of this machine in, once; empty where nobody needs to sign in."""


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
    store = Store(make_engine(settings.database), secret)
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
            link = await _link(store, found, address)
            async with serving(app, listener, settings.web.trusted_proxies):
                yield EmbeddedWeb(address, found, link)
    finally:
        await store.close()


def _pointed(settings: Settings, address: str, secret: str) -> Settings:
    public = settings.public_url or AnyHttpUrl(address)
    return settings.model_copy(update={"public_url": public, "secret": SecretStr(secret)})


async def _link(store: Store, settings: Settings, address: str) -> str:
    """As a notebook server does: whoever reads this terminal is its administrator."""
    from lifecycle.letting_in import make_link
    from lifecycle.store.sessions import Person

    if settings.web.auth == "off":
        return ""
    name = actor_of(settings) or "admin"
    path = await make_link(store, Person(name, Role.ADMIN), name, datetime.now(UTC))
    return f"{address}{path}"


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


def remembered_address(state_dir: Path) -> str | None:
    """Where the door of this state folder was opened last; None where it never was."""
    port = _remembered(state_dir)
    return f"http://{HOST}:{port}" if port else None


def _remembered(state_dir: Path) -> int | None:
    with suppress(OSError, ValueError, KeyError, TypeError):
        return int(json.loads(_file(state_dir).read_text())["port"])
    return None


def _file(state_dir: Path) -> Path:
    return state_dir / "web.json"
