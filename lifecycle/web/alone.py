"""`lifecycle web`: this door alone, beside workers that run elsewhere."""

from __future__ import annotations

import asyncio
import signal
from typing import Final

import typer

from lifecycle.connection import connect_later
from lifecycle.console.database import open_store
from lifecycle.settings import Settings

from .app import make_app
from .assets import shortfall
from .door import Door
from .hosts import check_exposure
from .naming import has_https, is_loopback
from .serving import address_of, listen, serving

PLAIN: Final = (
    "It speaks plain http to other machines, and keys and sessions travel as they are: put a proxy that speaks"
    " https before it\nand set LIFECYCLE_BASE_URL=https://… (docs/security.md)."
)


def run(settings: Settings, host: str, port: int) -> None:
    """Answer until Ctrl-C. Raises `Failure`: no database, no secret, open to everybody, the port is taken."""
    check_exposure(settings, host)
    asyncio.run(_run(settings, host, port))


async def _run(settings: Settings, host: str, port: int) -> None:
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    store = await open_store(settings)
    if lack := shortfall():
        typer.echo(lack, err=True)
    try:
        app = make_app(Door(settings, store, await connect_later(settings)))
        with listen(host, port) as listener:
            async with serving(app, listener, settings.web.trusted_proxies):
                typer.echo(f"The web door is open: {address_of(listener)}. Ctrl-C closes it.")
                if not (is_loopback(host) or has_https(settings)):
                    typer.echo(PLAIN, err=True)
                await told.wait()
    finally:
        await store.close()
