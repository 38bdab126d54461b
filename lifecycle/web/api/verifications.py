"""Verifications: what is stored counted again from what was recorded (N9, N10)."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse

from lifecycle.telling.verifying import data_of, overview, verification_named

from ..door import Door
from .answering import answer, gives, refusals
from .shapes import Filters, Limit
from .strict import StrictRoute
from .viewing import Admin, Reader

Id = Annotated[str, Path(description="The verification's id; it may hold slashes.", max_length=200)]
LIST: Final = {**gives(said="The last ones, the newest first.")}
BEGUN: Final = {
    **gives(said="It is on its way; one that runs already goes on.", status=202),
    **refusals(413),
}


class Last(Filters):
    """How many."""

    limit: Limit = 20


def routes(door: Door) -> APIRouter:
    """Verifications."""
    router = APIRouter(route_class=StrictRoute, prefix="/verifications", tags=["verifications"])

    @router.get("", responses={**LIST, **refusals()}, response_model=None)
    async def last(_: Reader, asked: Annotated[Last, Query()]) -> JSONResponse:
        """The last verifications, and how many differences are not repaired."""
        seen = await overview(door.store, asked.limit)
        return answer({"left": seen.left, "verifications": [data_of(one) for one in seen.last]})

    @router.get("/{id:path}", responses={**gives(), **refusals(404)}, response_model=None)
    async def one(id: Id, _: Reader) -> JSONResponse:
        """How far it is, and the first of its differences: account, entry, table, column, both values."""
        return answer(data_of(await verification_named(door.store, id)))

    @router.post("", responses=BEGUN, response_model=None, status_code=202)
    async def start(caller: Admin) -> JSONResponse:
        """Verify all accounts now, at the pace of the settings."""
        return answer({"id": await door.verifications.start(caller.name)}, 202)

    return router
