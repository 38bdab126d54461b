"""`lifecycle web`: this door alone, beside workers that run elsewhere."""

from __future__ import annotations

import asyncio
import signal

import typer

from lifecycle.connection import connect_later
from lifecycle.console.database import open_store
from lifecycle.settings import Settings

from .app import make_app
from .assets import shortfall
from .door import Door
from .serving import address_of, listen, serving


def run(settings: Settings, host: str, port: int) -> None:
    """Answer until Ctrl-C. Raises `Failure`: no database, no secret, the port is taken."""
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
            async with serving(app, listener):
                typer.echo(f"The web door is open: {address_of(listener)}. Ctrl-C closes it.")
                await told.wait()
    finally:
        await store.close()
