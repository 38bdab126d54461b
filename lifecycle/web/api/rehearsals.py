"""Rehearsals: begun with files of a draft, looked at while they run and afterwards, account by account (N2)."""

from __future__ import annotations

from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse
from pydantic import Field

from lifecycle.core.refusal import Refusal
from lifecycle.rehearsing.drafts import usable
from lifecycle.store import rehearsals
from lifecycle.store.definitions import current_book
from lifecycle.store.rehearsal_tables import RehearsalRow
from lifecycle.telling import rehearsal as r
from lifecycle.telling.rehearsal_asked import Wish

from ..door import Door
from ..publishing import Publisher
from ..rehearsing import Rehearser
from .answering import LINK, answer, gives, next_page, refusals
from .definitions import MOST_FILES, File
from .shapes import After, Filters, Limit, Sentence, Shape, Word, example
from .strict import StrictRoute
from .viewing import Admin, Reader, viewer_of

NEWEST: Final = 20
Name = Annotated[str, Path(description="The rehearsal's id.", max_length=40)]


class Differ(StrEnum):
    """By what an account differs."""

    STAGE = "stage"
    DATES = "dates"
    MAIL = "mail"
    CTA = "cta"


class NewRehearsal(Shape):
    """Files of a draft by name, in place of what is published; which accounts, and since when."""

    model_config = example(files={"customer_journey.yaml": "lifecycle: …"}, segment="customers")

    files: Annotated[dict[Word, File], Field(max_length=MOST_FILES)]
    segment: Word | None = None
    where: Annotated[list[Sentence], Field(max_length=20, default_factory=list)]
    since: Word | None = None


class AccountsAsked(Filters):
    """Which of the accounts that differ."""

    differ: Differ | None = None
    limit: Limit = 50
    after: After = None


BEGUN: Final = {
    **gives(said="It runs; `GET` it to see how far it is.", status=202),
    **refusals(404, 409, 413),
}
ONE: Final = {**gives(), **refusals(404, 409)}
PAGES: Final = {**gives(headers=LINK), **refusals(404, 409)}


def routes(door: Door) -> APIRouter:
    """`/v1/rehearsals`."""
    router = APIRouter(route_class=StrictRoute, prefix="/rehearsals", tags=["definitions"])
    _beginning(router, door)
    _looking(router, door)
    return router


def _beginning(router: APIRouter, door: Door) -> None:
    publisher, rehearser = Publisher(door, "api"), Rehearser(door, "api")

    @router.post("", status_code=HTTPStatus.ACCEPTED, responses=BEGUN, response_model=None)
    async def rehearse(new: NewRehearsal, caller: Admin) -> JSONResponse:
        """Rehearse a draft over every account's record, behind the answer. Nothing is sent or moved."""
        book, _ = usable(await publisher.check(new.files))
        wish = Wish(new.segment, new.where, new.since)
        name = await rehearser.begin(book, wish, caller.name)
        where = {"Location": f"/v1/rehearsals/{name}"}
        return answer(await _told(door, await _row(door, name)), HTTPStatus.ACCEPTED, where)


def _looking(router: APIRouter, door: Door) -> None:
    @router.get("", responses=ONE, response_model=None)
    async def newest(_: Reader) -> JSONResponse:
        """The newest rehearsals, the newest first."""
        found = await rehearsals.rehearsals(door.store, NEWEST)
        return answer({"rehearsals": [await _told(door, row) for row in found]})

    @router.get("/{name}", responses=ONE, response_model=None)
    async def one(name: Name, _: Reader) -> JSONResponse:
        """How far it is, and what it came to."""
        return answer(await _told(door, await _row(door, name)))

    @router.get("/{name}/accounts", responses=PAGES, response_model=None)
    async def accounts(
        request: Request, name: Name, _: Reader, asked: Annotated[AccountsAsked, Query()]
    ) -> JSONResponse:
        """The accounts that differ, each with the first point at which they part, and why."""
        row = await _row(door, name)
        kind = asked.differ.value if asked.differ else None
        page = await rehearsals.accounts(door.store, row.id, kind, asked.limit, asked.after)
        live, _book = await current_book(door.store)
        books, viewer = r.books_of(row, live), viewer_of(door)
        found = [r.apart(one, books, viewer) for one in page.rows]
        data: dict[str, Any] = {"accounts": found, "after": page.after}
        return answer(data, headers=next_page(request, page.after))


async def _row(door: Door, name: str) -> RehearsalRow:
    row = await rehearsals.rehearsal(door.store, name)
    if row is None:
        said = f"There is no rehearsal {name!r}."
        raise Refusal("unknown_rehearsal", said, "Only the newest of a part are kept.", "name")
    return row


async def _told(door: Door, row: RehearsalRow) -> r.Told:
    live, _ = await current_book(door.store)
    return r.told(row, live, door.now())
