"""Changes of many accounts: begun from the list of accounts, followed, and ordered about (R13)."""

from __future__ import annotations

from fastapi import APIRouter

from ...door import Door
from . import beginning, following


def routes(door: Door) -> APIRouter:
    """`/changes`, and `/changes/new` before the names."""
    router = APIRouter()
    for part in (beginning, following):
        router.include_router(part.routes(door))
    return router
