"""`/lifecycles`: what CS ops define, in plain words and drawn; edited, switched and published in the page."""

from __future__ import annotations

from fastapi import APIRouter

from ...door import Door
from ...publishing import Publisher
from . import editing, looking, publications, publishing, rehearsing, shadowing, switching


def routes(door: Door) -> APIRouter:
    """All pages of lifecycles and of the parts that exist once."""
    router = APIRouter()
    publisher = Publisher(door, "page")
    router.include_router(editing.routes(door, publisher))
    router.include_router(publications.routes(door))
    router.include_router(publishing.routes(door, publisher))
    router.include_router(rehearsing.routes(door, publisher))
    router.include_router(shadowing.routes(door, publisher))
    router.include_router(switching.routes(door, publisher))
    router.include_router(looking.routes(door))
    return router
