"""An account's page, and everything a person may do there."""

from fastapi import APIRouter

from ...door import Door
from .. import ctas, opening
from . import erasing, fields, holding, looking, mails, page, undoing


def routes(door: Door) -> APIRouter:
    """All of it. Ids may hold slashes, so the page itself, whose path takes everything, comes last."""
    router = APIRouter()
    for part in (opening, ctas, undoing, holding, erasing, fields, looking, mails, page):
        router.include_router(part.routes(door))
    return router
