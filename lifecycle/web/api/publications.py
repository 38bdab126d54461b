"""Publications: how far each is, promised and happened, rolled on, stopped, brought back (N7, R24)."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Body, Path, Query
from fastapi.responses import JSONResponse
from pydantic import Field

from lifecycle import contract
from lifecycle.store.publication_tables import Verdict
from lifecycle.telling.bringing_back import foresee_back
from lifecycle.telling.data import plain
from lifecycle.telling.publication import all_publications, data_of, lives, publication_named

from ..door import Door
from .answering import answer, gives, refusals
from .shapes import Because, Filters, Limit
from .strict import StrictRoute
from .viewing import Admin, Reader, viewer_of

Named = Annotated[str, Path(description="The publication's name.", max_length=100)]
ONE: Final = {**gives(), **refusals(404)}
ORDERED: Final = {**gives(said="Done: where it stands."), **refusals(404, 409, 413)}
Reason = Annotated[Because, Body()]
NO_REASON: Final = Because()


class LivesAsked(Filters):
    """Which accounts of its share."""

    only: Verdict | None = None
    limit: Limit = 50
    after: Annotated[str, Field(max_length=300)] = ""


def routes(door: Door) -> APIRouter:
    """Publications."""
    router = APIRouter(route_class=StrictRoute, prefix="/publications", tags=["definitions"])
    _looking(router, door)
    _ordering(router, door)
    return router


def _looking(router: APIRouter, door: Door) -> None:
    @router.get("", responses=ONE, response_model=None)
    async def publications(_: Reader) -> JSONResponse:
        """The publications, the latest first: how far each is."""
        views = await all_publications(door.store)
        return answer({"publications": [data_of(view) for view in views]})

    @router.get("/{name}", responses=ONE, response_model=None)
    async def publication(
        name: Named, _: Reader, asked: Annotated[LivesAsked, Query()]
    ) -> JSONResponse:
        """How far it is, what was promised and what happened, and how the accounts of its share live."""
        view = await publication_named(door.store, name)
        found = await lives(viewer_of(door), name, asked.only, asked.after, asked.limit)
        return answer({**data_of(view), "lives": plain(found)})

    @router.get("/{name}/roll-back", responses=ONE, response_model=None)
    async def foreseen(name: Named, _: Reader) -> JSONResponse:
        """What bringing the version before back would do. Nothing is changed."""
        row = (await publication_named(door.store, name)).row
        return answer(plain(await foresee_back(door.store, row, door.now())))


def _ordering(router: APIRouter, door: Door) -> None:
    async def ordered(name: str, order: str, caller: str, reason: str) -> JSONResponse:
        await door.publications.order(name, order, actor=caller, reason=reason)
        return answer(data_of(await publication_named(door.store, name)))

    @router.post("/{name}/look", responses=ORDERED, response_model=None)
    async def look(name: Named, caller: Admin, why: Reason = NO_REASON) -> JSONResponse:
        """Look at the accounts of its share now."""
        return await ordered(name, contract.LOOK, caller.name, why.reason)

    @router.post("/{name}/stop", responses=ORDERED, response_model=None)
    async def stop(name: Named, caller: Admin, why: Reason = NO_REASON) -> JSONResponse:
        """Tell no more accounts; those that were told keep it."""
        return await ordered(name, contract.STOP, caller.name, why.reason)

    @router.post("/{name}/roll-on", responses=ORDERED, response_model=None)
    async def roll_on(name: Named, caller: Admin, why: Reason = NO_REASON) -> JSONResponse:
        """The version holds for all, and all are told."""
        return await ordered(name, contract.ROLL_ON, caller.name, why.reason)

    @router.post("/{name}/roll-back", responses=ORDERED, response_model=None)
    async def roll_back(name: Named, why: Because, caller: Admin) -> JSONResponse:
        """The version before holds again; what the newer did by itself is undone, account by account."""
        return await ordered(name, contract.ROLL_BACK, caller.name, why.reason)
