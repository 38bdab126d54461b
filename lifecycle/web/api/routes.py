"""All routes of the API, in the order they are looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fastapi import APIRouter

from ..door import Door
from . import (
    accounts,
    campaigns,
    catching_up,
    changes,
    commands,
    ctas,
    definitions,
    describing,
    erasures,
    events,
    mails,
    publications,
    rehearsals,
    reports,
    sandbox,
    segments,
    verifications,
)

PARTS: Final[tuple[Callable[[Door], APIRouter], ...]] = (
    events.routes,
    accounts.routes,
    commands.routes,
    ctas.routes,
    erasures.routes,
    sandbox.routes,
    accounts.page_of_one,
    segments.routes,
    segments.scorecards,
    reports.routes,
    campaigns.routes,
    changes.routes,
    mails.routes,
    catching_up.routes,
    definitions.routes,
    publications.routes,
    rehearsals.routes,
    verifications.routes,
    describing.routes,
)
"""The page of one account comes behind all that stands below accounts: an account's id may hold slashes."""


def routes(door: Door) -> APIRouter:
    """Everything under `/v1`."""
    router = APIRouter(prefix="/v1")
    for part in PARTS:
        router.include_router(part(door))
    return router
