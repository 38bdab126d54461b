"""`lifecycle up`: everything in one process tree, until Ctrl-C."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from pydantic import AnyHttpUrl
from rich.console import Console
from temporalio.client import Client

from lifecycle.connection import connect, profile
from lifecycle.embedded.lock import state_lock
from lifecycle.embedded.server import EmbeddedServer, embedded_server
from lifecycle.embedded.web import EmbeddedWeb, codec_endpoint, embedded_web, listen
from lifecycle.places import app_folder
from lifecycle.settings import Settings

MakeWorker = Callable[[Client, Settings], AbstractAsyncContextManager[object]]
"""What worker.py hands over: the worker polls while the block is open."""

STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
console: Final = Console(highlight=False)


def up(settings: Settings, make_worker: MakeWorker) -> None:
    """Start what is not there yet, run a worker, and end cleanly when told to.

    Raises `Failure` when a part cannot start or ends by itself.
    """
    with state_lock(settings.state_dir):
        _migrate(settings)
        asyncio.run(_run(settings, make_worker))


def _migrate(settings: Settings) -> None:
    # Here, not above: they are slow to load, and what fails first should fail fast.
    from sqlalchemy.exc import SQLAlchemyError

    from lifecycle.console.database import unreachable
    from lifecycle.store.migrate import migrate

    try:
        migrate(settings.database)
    except (OSError, SQLAlchemyError) as error:
        raise unreachable(settings, error) from None


async def _run(settings: Settings, make_worker: MakeWorker) -> None:
    told = _stop_signal()
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(listen(settings.state_dir))
        server = await stack.enter_async_context(_server(settings, codec_endpoint(listener)))
        client = await connect(settings)
        door = embedded_web(_with_ui(settings, server), client, server is not None, listener)
        web = await stack.enter_async_context(door)
        await stack.enter_async_context(make_worker(client, web.settings))
        work = [_welcome(client, web, server), told.wait()]
        await _first_of([*work, server.ended()] if server else work)
        console.print("Stopping …")
    console.print("Stopped. Everything is kept: the next start carries on.")


async def _welcome(client: Client, web: EmbeddedWeb, server: EmbeddedServer | None) -> None:
    """What happens once everything runs. It ends only by being cancelled."""
    await _first_run(client, web.settings, server)
    _greet(client, web, server)
    await asyncio.Event().wait()


def _stop_signal() -> asyncio.Event:
    """An event that Ctrl-C, a kill, or a closed terminal sets."""
    told = asyncio.Event()
    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    return told


@asynccontextmanager
async def _server(settings: Settings, codec: str) -> AsyncIterator[EmbeddedServer | None]:
    """The embedded server, unless the environment or a profile names another.

    Its UI is told of the codec endpoint only where it needs one: it would ask it about every payload.
    """
    if profile().address:
        yield None
        return
    async with embedded_server(settings.state_dir, codec if settings.codec_keys else "") as server:
        yield server


def _with_ui(settings: Settings, server: EmbeddedServer | None) -> Settings:
    if server is None or settings.temporal_ui is not None:
        return settings
    return settings.model_copy(update={"temporal_ui": AnyHttpUrl(server.ui)})


async def _first_of(work: Sequence[Coroutine[Any, Any, object]]) -> None:
    """Run all until one ends; pass its error on and let go of the others."""
    tasks = [asyncio.ensure_future(part) for part in work]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    for task in done:
        task.result()


async def _first_run(client: Client, settings: Settings, server: EmbeddedServer | None) -> None:
    """Load the demo book once, and only where nobody's own accounts can be."""
    done = settings.state_dir / "demo-loaded"
    ours = server is not None and settings.database_url is None and _ships_definitions(settings)
    if not (ours and settings.demo) or done.exists():
        return
    from lifecycle.client import Lifecycles
    from lifecycle.embedded.demo import load_demo, load_work
    from lifecycle.signing import secret_of
    from lifecycle.store.engine import Store, make_engine

    console.print("Loading the demo book: eighteen months in a few seconds …")
    store = Store(make_engine(settings.database), secret_of(settings))
    now = datetime.now(UTC)
    try:
        await load_demo(Lifecycles(client, settings.task_queue), store, now)
        await load_work(settings, client, store, now)
    finally:
        await store.close()
    done.touch()


def _ships_definitions(settings: Settings) -> bool:
    return settings.definitions.path == app_folder() / "definitions"


def _greet(client: Client, web: EmbeddedWeb, server: EmbeddedServer | None) -> None:
    from lifecycle.console.database import shown
    from lifecycle.web.assets import shortfall

    if lack := shortfall():
        console.print(f"[yellow]{lack}[/]")
    settings = web.settings
    address = client.service_client.config.target_host
    lines = {
        "Web": web.address,
        "Sign in": f"{web.sign_in} (once, within 15 minutes)" if web.sign_in else "",
        "API": f"{web.address}/v1/docs",
        "Temporal UI": server.ui if server else "",
        "Temporal": f"{address} (namespace {client.namespace})",
        "Database": shown(settings),
        "Definitions": str(settings.definitions),
        "State": _near(settings.state_dir),
    }
    console.print("\n[bold]The lifecycle engine is running.[/]\n")
    for name, text in lines.items():
        if text:
            console.print(f"  {name:<12} {text}", markup=False, soft_wrap=True)
    console.print("\nOpen the sign-in link in a browser, or look around in another terminal:")
    console.print(" ", _admin(), "list", markup=False)
    if web.sign_in:
        console.print("Another sign-in link:", _admin(), "keys link", markup=False)
    console.print("Ctrl-C ends it; everything is kept.\n")


def _admin() -> str:
    """How this installation's admin command is typed."""
    if (app_folder() / "pyproject.toml").exists():
        return f"{_near(Path(sys.executable))} admin.py"
    return "lifecycle admin"


def _near(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
