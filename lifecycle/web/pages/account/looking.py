"""Pages that go deeper into an account: all visits, the forecast, a score taken apart (N3, N4, R5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from lifecycle.core.changes import Entry
from lifecycle.core.fold import forecast as what_will_happen
from lifecycle.core.refusal import Refusal
from lifecycle.store.accounts import visits
from lifecycle.store.tables import VisitRow
from lifecycle.telling.accounts import Found, found, lifecycle_named
from lifecycle.telling.phrases import distance
from lifecycle.telling.score_words import because_words
from lifecycle.telling.scored import score_view
from lifecycle.telling.story import Teller, Told
from lifecycle.telling.then import found_when

from ...door import Door
from ..travelling import asked_of, travelling
from .page import PATH, Name, Reader, viewer_of
from .past import Spot
from .view import path_of

MOST = 500


@dataclass(frozen=True, slots=True)
class Visited:
    """A stay in a stage, or in none, as a row of the table."""

    row: VisitRow
    title: str
    stage: Spot
    days: int


@dataclass(frozen=True, slots=True)
class Step:
    """Something the forecast holds."""

    entry: Entry
    told: Told
    when: str


def routes(door: Door) -> APIRouter:
    """Reading only."""
    router = APIRouter()

    @router.get(PATH + "/visits")
    async def all_visits(
        request: Request, _: Reader, account: str, lifecycle: Name = ""
    ) -> Response:
        of = await found(door.store, account, door.now())
        return await _visits_page(door, request, of, lifecycle)

    @router.get(PATH + "/forecast")
    async def forecast(
        request: Request,
        _: Reader,
        account: str,
        days: Annotated[int, Query(ge=1, le=3660)] = 90,
    ) -> Response:
        of = await found_when(viewer_of(door), account, asked_of(request))
        return door.pages.page(
            "account/forecast.html",
            request=request,
            of=of,
            path=path_of(of),
            days=days,
            steps=_steps(door, of, days),
            **travelling(door, request),
        )

    @router.get(PATH + "/score/{card}")
    async def score(request: Request, _: Reader, account: str, card: str) -> Response:
        of = await found_when(viewer_of(door), account, asked_of(request))
        if card not in of.book.scorecards:
            raise Refusal("not_found", f"There is no scorecard {card!r}.", where="card")
        teller, scored = Teller(of.book, door.zone, of.ctas), of.book.scorecards[card]
        return door.pages.page(
            "account/score.html",
            request=request,
            of=of,
            path=path_of(of),
            score=score_view(of.book, scored, of.state, of.now, teller),
            because=because_words(of.book, scored, of.state, of.now),
            **travelling(door, request),
        )

    return router


async def _visits_page(door: Door, request: Request, of: Found, lifecycle: str) -> Response:
    chosen = lifecycle_named(of.book, lifecycle).id if lifecycle else None
    rows = await visits(door.store, of.account, chosen, withdrawn=True)
    stays = [_visited(of, row) for row in reversed(rows)]
    return door.pages.page(
        "account/visits.html",
        request=request,
        of=of,
        path=path_of(of),
        chosen=chosen or "",
        visits=sorted(stays, key=lambda one: one.row.entered_at, reverse=True),
    )


def _visited(of: Found, row: VisitRow) -> Visited:
    lifecycle = of.book.lifecycles.get(row.lifecycle)
    stage = lifecycle.stage(row.stage) if lifecycle else None
    spot = Spot(stage.label, stage.colour, stage.end) if stage else Spot(row.stage)
    days = ((row.left_at or of.now) - row.entered_at).days
    return Visited(row, lifecycle.title if lifecycle else row.lifecycle, spot, max(0, days))


def _steps(door: Door, of: Found, days: int) -> list[Step]:
    entries = what_will_happen(of.book, of.state, of.now + timedelta(days=days), MOST)
    teller = Teller(of.book, door.zone, of.ctas)
    told = ((entry, teller.tell(entry)) for entry in entries)
    return [
        Step(entry, words, distance(entry.at, of.now)) for entry, words in told if words.changes
    ]
