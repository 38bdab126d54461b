"""Catching up after an outage: who is behind, whose turn is when, what a person lets go on or holds (N8)."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import Field

from lifecycle.catching_up import hold, release
from lifecycle.core.refusal import Refusal
from lifecycle.store.catching_up_tables import TurnStatus
from lifecycle.store.turn_counts import WantedTurns
from lifecycle.store.turns import Whom
from lifecycle.telling.catching_up import catching_up, whom_meant

from ..door import Door
from .answering import LINK, answer, gives, next_page, refusals
from .shapes import After, Filters, Limit, OfLifecycle, Shape, Word, example
from .strict import StrictRoute
from .viewing import Admin, Reader, viewer_of

LOOKS: Final = {**gives(headers=LINK), **refusals(404)}
ORDERED: Final = {**gives(said="How many accounts it was about."), **refusals(404, 409, 413)}
NOT_SAID: Final = Refusal(
    "no_accounts",
    "It is not said which accounts, or in two ways.",
    'Give "accounts", or "lifecycle", or "all": true.',
    "accounts",
)


class TurnsAsked(Filters):
    """Which accounts of the queue."""

    status: TurnStatus | None = None
    lifecycle: OfLifecycle = None
    limit: Limit = 50
    after: After = None


class Meant(Shape):
    """Which accounts: some, those with something due in a lifecycle, or all who are to come."""

    model_config = example(lifecycle="customer_journey")

    accounts: Annotated[list[Word], Field(max_length=500, default_factory=list)]
    lifecycle: Word | None = None
    all: bool = False

    async def whom(self, door: Door) -> Whom:
        """Raises `Refusal`."""
        if [bool(self.accounts), self.lifecycle is not None, self.all].count(True) != 1:
            raise NOT_SAID
        return await whom_meant(viewer_of(door), self.accounts, self.lifecycle or "")


class Release(Meant):
    """Held accounts go on, spread from now; `at_once`: as fast as the pace allows, those who wait as well."""

    model_config = example(all=True)

    at_once: bool = False


def routes(door: Door) -> APIRouter:
    """The queue, and what an operator may do about it."""
    router = APIRouter(route_class=StrictRoute, prefix="/catch-up", tags=["catch-up"])

    @router.get("", responses=LOOKS, response_model=None)
    async def look(
        request: Request, _: Reader, asked: Annotated[TurnsAsked, Query()]
    ) -> JSONResponse:
        """Timers set and overdue, the last outages, what is due, and a page of the queue."""
        whom = await whom_meant(viewer_of(door), (), asked.lifecycle or "")
        wanted = WantedTurns(asked.status, whom.lifecycle, asked.after or "", asked.limit)
        view = await catching_up(viewer_of(door), wanted)
        return answer(view, headers=next_page(request, view.after))

    @router.post("/release", responses=ORDERED, response_model=None)
    async def go(typed: Release, caller: Admin) -> JSONResponse:
        """Let accounts go on that are held for approval."""
        done = await release(
            door.store,
            door.client,
            door.settings.task_queue,
            await typed.whom(door),
            by=caller.name,
            now=door.now(),
            at_once=typed.at_once,
        )
        return answer(done)

    @router.post("/hold", responses=ORDERED, response_model=None)
    async def stop(typed: Meant, caller: Admin) -> JSONResponse:
        """Hold accounts that wait for their turn: none goes on before it is released."""
        whom = await typed.whom(door)
        return answer(await hold(door.store, whom, by=caller.name, now=door.now()))

    return router
