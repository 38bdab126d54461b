"""The board: a lifecycle's stages as columns, its accounts as cards that can be moved (T8, T9).

Cards come fifty at a time; what the heads of the columns say counts all accounts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import Field

from lifecycle.core.conditions import NONE
from lifecycle.core.refusal import Refusal, did_you_mean
from lifecycle.store import board
from lifecycle.store.definitions import current_book
from lifecycle.telling.board import Column, Face

from ..door import Door
from ..problem import status_of
from ..who import Caller, Right, may
from .board_asked import Board, Filters, Text, ask, path_of
from .rendering import is_partial
from .travelling import travelling

AT_ONCE: Final = 50
"""So many changed accounts are told one by one."""


class Touched(Filters):
    """Accounts that changed."""

    account: list[Text] = Field(default_factory=list, max_length=AT_ONCE)


Reader = Annotated[Caller, Depends(may(Right.READ))]


@dataclass(frozen=True, slots=True)
class Shown:
    """A column with a page of its cards; `after` asks for the next page, empty when this is the last."""

    column: Column
    faces: list[Face] = field(default_factory=list)
    after: str = ""


def routes(door: Door) -> APIRouter:
    """The board, a column by itself, and what changed."""
    router = APIRouter(prefix="/board")

    @router.get("")
    async def first(request: Request, _: Reader) -> Response:
        book, _digest = await current_book(door.store)
        if not book.lifecycles:
            said = "There is no lifecycle yet, so there is no board."
            raise Refusal("nothing_published", said, "Publish one under Lifecycles.")
        asked = f"?{request.url.query}" if request.url.query else ""
        there = path_of(next(iter(book.lifecycles))) + asked
        return RedirectResponse(there, HTTPStatus.SEE_OTHER)

    @router.get("/{lifecycle}")
    async def whole(
        request: Request, _: Reader, lifecycle: str, filters: Annotated[Filters, Query()]
    ) -> Response:
        return await _whole(door, request, lifecycle, filters)

    @router.get("/{lifecycle}/columns/{stage}")
    async def column(
        request: Request, _: Reader, lifecycle: str, stage: str, of: Annotated[Filters, Query()]
    ) -> Response:
        asked = await ask(door, lifecycle, of)
        # What is added to a column that is open needs no new count of everybody.
        found = _bare(stage) if is_partial(request) else await _counted(asked, stage)
        shown = await _page(asked, found, _cursor(of.after))
        named: dict[str, Any] = {"board": asked, "shown": shown} | _when(door, request)
        return door.pages.page("board_column.html", request=request, part="cards", **named)

    @router.get("/{lifecycle}/changes")
    async def changes(
        request: Request, _: Reader, lifecycle: str, of: Annotated[Touched, Query()]
    ) -> Response:
        async with door.store.one_picture():
            asked = await ask(door, lifecycle, of)
            heads = await asked.columns()
            # Of the past nothing changes: its page does not ask.
            now = asked.wanted if isinstance(asked.wanted, board.Wanted) else None
            cards = await board.some(door.store, now, of.account) if now else {}
            faces = await asked.faces(list(cards.values()))
        return door.pages.page(
            "board_changes.html", request=request, board=asked, columns=heads, faces=faces
        )

    return router


async def _whole(door: Door, request: Request, lifecycle: str, filters: Filters) -> Response:
    try:
        async with door.store.one_picture():
            asked = await ask(door, lifecycle, filters)
            shown, people = await _columns(asked), await asked.people()
    except Refusal as refusal:
        return await _refused(door, request, lifecycle, filters, refusal)
    named: dict[str, Any] = {"board": asked, "shown": shown, "people": people} | _when(
        door, request
    )
    return door.pages.page("board.html", request=request, refusal=None, **named)


def _when(door: Door, request: Request) -> dict[str, Any]:
    return travelling(door, request, "show", "search")


# ── columns


async def _columns(asked: Board) -> list[Shown]:
    """Every column with its head; the cards of those that are open."""
    found = await asked.columns()
    opened = [one.stage for one in found if asked.is_open(one)]
    pages = await asked.pages(opened)
    faces = await asked.faces([card for page in pages.values() for card in page.cards])
    by_stage: dict[str | None, list[Face]] = {stage: [] for stage in opened}
    for face in faces:
        by_stage[face.card.stage].append(face)
    return [
        Shown(one, by_stage[one.stage], _after(pages[one.stage]))
        if one.stage in pages
        else Shown(one)
        for one in found
    ]


async def _counted(asked: Board, stage: str) -> Column:
    """Raises `Refusal` for a stage that is not there."""
    found = await asked.columns()
    by_id = {one.id: one for one in found}
    if stage not in by_id:
        said = f"{asked.lifecycle.title} has no stage {stage!r}."
        raise Refusal("unknown_stage", said, did_you_mean(stage, by_id), "stage")
    return by_id[stage]


def _bare(stage: str) -> Column:
    return Column(None if stage == NONE else stage, stage)


async def _page(asked: Board, of: Column, after: board.Cursor | None) -> Shown:
    page = await asked.page(of.stage, after)
    return Shown(of, await asked.faces(page.cards), _after(page))


def _after(page: board.Page) -> str:
    return page.after.text if page.after is not None else ""


def _cursor(text: str) -> board.Cursor | None:
    """Raises `Refusal` for what is no place in a column."""
    try:
        return board.Cursor.read(text) if text else None
    except ValueError:
        said = "That is no place in a column."
        raise Refusal("bad_cursor", said, "Begin with the first page.", "after") from None


async def _refused(
    door: Door, request: Request, lifecycle: str, filters: Filters, refusal: Refusal
) -> Response:
    """The filters as they were typed with what is wrong, and no accounts. Raises what is wrong with the address."""
    empty = await ask(door, lifecycle, Filters())
    typed = Board(empty.book, empty.lifecycle, filters, empty.wanted, empty.viewer)
    people = await empty.people()
    status = status_of(refusal.code)
    named: dict[str, Any] = {"board": typed, "shown": [], "people": people} | _when(door, request)
    return door.pages.page("board.html", status, request=request, refusal=refusal, **named)
