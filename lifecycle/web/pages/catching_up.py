"""`/catch-up`: what fell due during an outage, whose turn is when; what is held goes on by a person's word (N8)."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from lifecycle.catching_up import hold, release
from lifecycle.core.refusal import Refusal
from lifecycle.store.catching_up_tables import TurnStatus
from lifecycle.store.turn_counts import WantedTurns
from lifecycle.store.turns import Whom
from lifecycle.telling.catching_up import (
    STATUSES,
    CatchUpView,
    catching_up,
    headline,
    released_words,
    whom_meant,
)
from lifecycle.telling.phrases import count
from lifecycle.telling.viewer import Viewer

from ..door import Door
from ..who import Caller, Right, may
from .commanding import Word, status_for

PATH: Final = "/catch-up"
ROWS: Final = 50
Reader = Annotated[Caller, Depends(may(Right.READ))]
Admin = Annotated[Caller, Depends(may(Right.ADMIN))]
Text = Annotated[str, Query(max_length=250, pattern=r"^[^\x00]*$")]
TABS: Final = ("", *STATUSES)


class Meant(BaseModel):
    """Which accounts: one, those with something due in a lifecycle, or all who are to come."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    account: Word = ""
    lifecycle: Word = ""

    @property
    def query(self) -> str:
        """For addresses."""
        return urlencode({name: value for name, value in self.model_dump().items() if value})


class Release(Meant):
    """The form that lets accounts go on."""

    spread: Word = "yes"


def routes(door: Door) -> APIRouter:
    """The queue, and what an operator may do about it."""
    router = APIRouter(prefix=PATH)

    @router.get("")
    async def look(
        request: Request, _: Reader, status: Text = "", lifecycle: Text = "", after: Text = ""
    ) -> Response:
        only = TurnStatus(status) if status in set(TurnStatus) else None
        view = await catching_up(_viewer(door), WantedTurns(only, lifecycle, after, ROWS))
        return _page(door, request, view, only, lifecycle)

    @router.get("/release")
    async def ask(request: Request, _: Admin, meant: Annotated[Meant, Query()]) -> Response:
        # One account by itself may well wait for its turn: it needs no queue.
        spread = "no" if meant.account else "yes"
        return await _form(door, request, Release(**meant.model_dump(), spread=spread), None)

    @router.post("/release")
    async def go(request: Request, caller: Admin, typed: Annotated[Release, Form()]) -> Response:
        client, queue = door.client, door.settings.task_queue
        at_once = typed.spread != "yes"
        try:
            whom = await _whom(door, typed)
            done = await release(
                door.store, client, queue, whom, by=caller.name, now=door.now(), at_once=at_once
            )
        except Refusal as refusal:
            return await _form(door, request, typed, refusal)
        return door.pages.done(request, PATH, released_words(done))

    @router.post("/hold")
    async def stop(request: Request, caller: Admin, typed: Annotated[Meant, Form()]) -> Response:
        whom = await _whom(door, typed)
        done = await hold(door.store, whom, by=caller.name, now=door.now())
        return door.pages.done(request, PATH, f"{count(done.accounts, 'account')} held.")

    return router


def _viewer(door: Door) -> Viewer:
    return Viewer(door.store, door.now(), door.zone)


async def _whom(door: Door, typed: Meant) -> Whom:
    accounts = [typed.account] if typed.account else []
    return await whom_meant(_viewer(door), accounts, typed.lifecycle)


def _page(
    door: Door, request: Request, view: CatchUpView, only: TurnStatus | None, lifecycle: str
) -> Response:
    kept = {"status": only.value if only else "", "lifecycle": lifecycle}
    asked = {name: value for name, value in kept.items() if value}
    on = [view.outage] if view.outage else []
    return door.pages.page(
        "catch_up.html",
        request=request,
        view=view,
        headline=headline(view.timers, on, door.zone),
        unnoticed=view.unnoticed(door.zone),
        statuses=STATUSES,
        lifecycle=lifecycle,
        tabs=[_tab(name, only, lifecycle) for name in TABS],
        after=f"{PATH}?{urlencode({**asked, 'after': view.after})}" if view.after else None,
    )


def _tab(name: TurnStatus | str, only: TurnStatus | None, lifecycle: str) -> tuple[str, str, bool]:
    asked = {"status": str(name), "lifecycle": lifecycle}
    query = urlencode({key: value for key, value in asked.items() if value})
    text = STATUSES[TurnStatus(name)].capitalize() if name else "All"
    return text, f"{PATH}?{query}" if query else PATH, name == (only or "")


async def _form(door: Door, request: Request, typed: Release, refusal: Refusal | None) -> Response:
    view = await catching_up(_viewer(door), WantedTurns(limit=1))
    return door.pages.page(
        "catch_up_release.html",
        status_for(refusal),
        request=request,
        view=view,
        typed=typed,
        refusal=refusal,
        action=f"{PATH}/release",
        back=PATH,
    )
