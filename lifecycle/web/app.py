"""The app: its routes, its pages, and what stands around every answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from fastapi import APIRouter, FastAPI
from fastapi.staticfiles import StaticFiles

from . import codec, health, unsubscribing
from .door import Door
from .problem import handle_problems
from .security import Guarded

STATIC: Final = Path(__file__).parent / "static"

ROUTES: Final[tuple[Callable[[Door], APIRouter], ...]] = (
    health.routes,
    unsubscribing.routes,
    codec.routes,
)


def make_app(door: Door) -> FastAPI:
    """The app over a database that is ready (see `check_database`).

    Raises `NoSecret` when there is none to read the links in e-mails with.
    """
    app = FastAPI(title="Lifecycle", openapi_url=None, docs_url=None, redoc_url=None)
    for routes in ROUTES:
        app.include_router(routes(door))
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(Guarded)
    if door.settings.temporal_ui is not None:
        app.add_middleware(codec.CodecOrigin, ui=door.settings.temporal_ui)
    handle_problems(app, door.pages)
    return app
