"""`/export/…`: accounts, stages, visits, CTAs, journal and more as a file, streamed as it is read."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy import and_

from lifecycle.files.scope import Scope
from lifecycle.files.writing import Format, streamed
from lifecycle.telling.exporting import What, export_of
from lifecycle.telling.viewer import Viewer

from ...door import Door
from ...downloads import Download
from ...who import Caller, Right, may
from .asked import Filters, Listed, listed

TYPES: Final = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.LINES: "application/x-ndjson; charset=utf-8",
}
LABELS: Final = {
    What.ACCOUNTS: "Accounts",
    What.STAGES: "Stages",
    What.DAYS: "Days in stages",
    What.VISITS: "Visits",
    What.CTAS: "CTAs",
    What.JOURNAL: "Journal",
    What.FIELDS: "Values of fields",
}


def routes(door: Door) -> APIRouter:
    """The same rows as `admin export` writes, of the accounts that a list shows."""
    router = APIRouter()

    @router.get("/export/{what}.{kind}")
    async def export(
        _: Annotated[Caller, Depends(may(Right.READ))],
        what: What,
        kind: Format,
        filters: Annotated[Filters, Query()],
    ) -> Response:
        asked = await listed(Viewer(door.store, door.now(), door.zone), filters)
        chosen = export_of(what, _scope(door, asked))
        name = f"{what}-{door.now():%Y-%m-%d}.{kind}"
        return Download(streamed(chosen, kind), name, TYPES[kind])

    return router


def _scope(door: Door, asked: Listed) -> Scope:
    meant, also = asked.meant, asked.members.wanted.also
    parts = [meant.sql()] if meant.condition is not None else []
    parts += [also] if also is not None else []
    return Scope(door.store, meant.book, meant.moment, and_(*parts) if parts else None)
