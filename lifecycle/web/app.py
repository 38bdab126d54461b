"""The app: its routes, its pages, and what stands around every answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fastapi import APIRouter, FastAPI

from . import api, codec, health, signing_in, signing_in_elsewhere, unsubscribing
from .assets import Assets
from .bodies import Bodies
from .callers import Callers
from .door import Door
from .faults import Faults
from .hooks import routes as hooks
from .hosts import Hosts
from .live import routes as live
from .origins import Origins
from .pages import (
    account,
    accounts,
    audit,
    board,
    campaigns,
    catching_up,
    changes,
    counting,
    dashboard,
    day,
    events,
    imports,
    keys,
    lifecycles,
    moving,
    outbox,
    suppressions,
    verify,
    whatif,
)
from .problem import handle_problems
from .rates import Rates
from .security import Guarded

ROUTES: Final[tuple[Callable[[Door], APIRouter], ...]] = (
    health.routes,
    unsubscribing.routes,
    # Before the links of one use, whose address it looks like.
    signing_in_elsewhere.routes,
    signing_in.routes,
    codec.routes,
    hooks.routes,
    live.routes,
    api.routes,  # behind the streams below accounts, whose ids may hold slashes
    counting.routes,
    board.routes,
    moving.routes,
    dashboard.routes,
    day.routes,
    keys.routes,
    audit.routes,
    lifecycles.routes,
    outbox.routes,
    suppressions.routes,
    events.routes,
    imports.routes,
    catching_up.routes,
    campaigns.routes,
    changes.routes,
    verify.routes,
    accounts.routes,
    whatif.routes,
    account.routes,  # last: /accounts/{id} takes whatever an id may hold
)

LAYERS: Final = (Faults, Hosts, Origins, Callers, Bodies, Rates)
"""What a request passes on its way in, from the outside."""


def make_app(door: Door) -> FastAPI:
    """The app over a database that is ready (see `check_database`).

    Raises `NoSecret` when there is none to read the links in e-mails with.
    """
    app = FastAPI(title="Lifecycle", openapi_url=None, docs_url=None, redoc_url=None)
    for routes in ROUTES:
        app.include_router(routes(door))
    app.mount("/static", Assets(), name="static")
    for layer in reversed(LAYERS):
        app.add_middleware(layer, door=door)
    app.add_middleware(Guarded)
    if door.settings.temporal_ui is not None:
        app.add_middleware(codec.CodecOrigin, ui=door.settings.temporal_ui)
    handle_problems(app, door.pages)
    app.state.live = door.live
    app.state.background = door.background
    return app
