"""The app: its routes, its pages, and what stands around every answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from lifecycle.settings import Settings
from lifecycle.signing import secret_of
from lifecycle.store.engine import Store

from . import health, unsubscribing
from .pages import Pages
from .security import Guarded

STATIC: Final = Path(__file__).parent / "static"


def make_app(settings: Settings, store: Store) -> FastAPI:
    """The app over a database that is ready (see `check_database`).

    Raises `NoSecret` when there is none to read the links in e-mails with.
    """
    pages = Pages(settings)
    app = FastAPI(title="Lifecycle", openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(health.routes(store))
    app.include_router(unsubscribing.routes(secret_of(settings), store, pages))
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(Guarded)
    app.add_exception_handler(HTTPException, _lost(pages))
    return app


def _lost(pages: Pages) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def lost(_request: Request, error: Exception) -> Response:
        """Whatever was asked for is not here: said as a page."""
        status = HTTPStatus(error.status_code if isinstance(error, HTTPException) else 500)
        return pages.page("lost.html", status)

    return lost
