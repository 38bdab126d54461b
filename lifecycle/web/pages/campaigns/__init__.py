"""Campaigns: e-mails to segments."""

from __future__ import annotations

from fastapi import APIRouter

from ...door import Door
from . import following, starting


def routes(door: Door) -> APIRouter:
    """`/campaigns`; the pages of a new one before those of a name."""
    router = APIRouter()
    for part in (starting, following):
        router.include_router(part.routes(door))
    return router
