"""`/audit`: who signed in, who made and revoked keys and links, who was refused."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from lifecycle.store.audit import Deed, WantedAudit, audit
from lifecycle.telling.doors import said, who
from lifecycle.telling.phrases import capital

from ..door import Door
from ..who import Caller, Right, may

ROWS: Final = 50
Admin = Annotated[Caller, Depends(may(Right.ADMIN))]
Number = Annotated[int | None, Query(ge=1, le=2**31 - 1)]


def routes(door: Door) -> APIRouter:
    """`/audit`, the latest first, page by page."""
    router = APIRouter()

    @router.get("/audit")
    async def look(
        request: Request,
        caller: Admin,
        what: Annotated[str, Query(max_length=200)] = "",
        who_did: Annotated[str, Query(alias="who", max_length=200)] = "",
        before: Number = None,
    ) -> Response:
        deed = Deed(what) if what in set(Deed) else None
        found = await audit(door.store, WantedAudit(deed, who_did, before, ROWS + 1))
        rows, more = found[:ROWS], len(found) > ROWS
        kept = {"what": deed.value if deed else "", "who": who_did}
        after = f"/audit?{urlencode({**kept, 'before': rows[-1].id})}" if more else None
        return door.pages.page(
            "audit.html",
            request=request,
            rows=[(row, who(row), said(row)) for row in rows],
            deeds=[("", "Everything"), *((deed, capital(deed.replace("_", " "))) for deed in Deed)],
            after=after,
            is_filtered=any(kept.values()),
            what=kept["what"],
            who=who_did,
        )

    return router
