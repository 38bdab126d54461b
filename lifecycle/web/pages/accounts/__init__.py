"""Accounts as a list, the sentences that choose them, and what can be done with all of them at once."""

from __future__ import annotations

from fastapi import APIRouter

from ...door import Door
from . import exporting, listing, saving


def routes(door: Door) -> APIRouter:
    """`/accounts`, `/segments/…`, `/export/…`."""
    router = APIRouter()
    for part in (listing, saving, exporting):
        router.include_router(part.routes(door))
    return router
