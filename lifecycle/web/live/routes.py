"""Where live changes are read: `/v1/…` for programs, `/live/…` for our own pages."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Request

from lifecycle.store.accounts import find_account
from lifecycle.store.definitions import current_book
from lifecycle.telling.accounts import lifecycle_named

from ..api.answering import refusals
from ..api.strict import StrictRoute
from ..door import Door
from ..who import Caller, Right, may
from .hub import AWAY, Subscription
from .stream import Stream, Teller
from .tellers import AccountTeller, BoardTeller, Story, instant_of

LONGEST: Final = 16
"""Digits of an id."""
BUSY: Final = "There are as many open streams as this process takes."
LastSeen = Annotated[
    str | None,
    Header(
        alias="Last-Event-ID",
        description="The id of the last event that was read: go on behind it.",
    ),
]
Reader = Annotated[Caller, Depends(may(Right.READ))]


def routes(door: Door) -> APIRouter:
    """The four streams."""
    router, story = APIRouter(route_class=StrictRoute, tags=["live"]), Story(door)

    async def of_account(
        request: Request, name: str, last: int | None, words: Story | None
    ) -> Stream:
        account = (await find_account(door.store, name)).id
        teller = AccountTeller(door, words, account, last)
        return _stream(door, request, Subscription(account), teller)

    async def of_board(
        request: Request, name: str | None, last: int | None, words: Story | None
    ) -> Stream:
        lifecycle = await _lifecycle(door, name) if name else None
        teller = BoardTeller(door, words, lifecycle, instant_of(last) if last is not None else None)
        return _stream(door, request, Subscription(lifecycle=lifecycle), teller)

    @router.get(
        "/v1/accounts/{account:path}/stream",
        status_code=200,
        response_class=Stream,
        responses=STREAMS,
    )
    async def account_stream(
        request: Request, account: str, _: Reader, last: LastSeen = None, after: After = None
    ) -> Stream:
        """What happens to an account, as it is recorded: `changed` with its entries, told as history tells them."""
        return await of_account(request, account, _number(last, after), story)

    @router.get("/v1/stream", status_code=200, response_class=Stream, responses=STREAMS)
    async def stream(
        request: Request, _: Reader, lifecycle: Lifecycle = None, last: LastSeen = None
    ) -> Stream:
        """What happens to all accounts: `changed` with moves and entries; `reset` when too much did to tell each."""
        return await of_board(request, lifecycle, _number(last, None), story)

    @router.get("/live/accounts/{account:path}", include_in_schema=False)
    async def account_page(
        request: Request, account: str, _: Reader, last: LastSeen = None, after: After = None
    ) -> Stream:
        return await of_account(request, account, _number(last, after), None)

    @router.get("/live/board/{lifecycle}", include_in_schema=False)
    async def board_page(
        request: Request, lifecycle: str, _: Reader, last: LastSeen = None, since: After = None
    ) -> Stream:
        return await of_board(request, lifecycle, _number(last, since), None)

    return router


After = Annotated[
    int | None, Query(ge=0, le=2**53, description="As `Last-Event-ID`, for the first connection.")
]
Lifecycle = Annotated[
    str | None, Query(max_length=60, description="Only accounts of this lifecycle, by its id.")
]
STREAMS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Server-sent events; the answer goes on until either side ends it.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    },
    **refusals(404),
}


def _number(last: str | None, given: int | None) -> int | None:
    """What the browser read last, before what the page began with; an id that is none of ours counts for nothing."""
    is_ours = last is not None and len(last) <= LONGEST and last.isascii() and last.isdigit()
    return int(last) if last is not None and is_ours else given


async def _lifecycle(door: Door, name: str) -> str:
    book, _ = await current_book(door.store)
    return lifecycle_named(book, name).id


def _stream(door: Door, request: Request, subscription: Subscription, teller: Teller) -> Stream:
    if door.live.is_full:
        raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, BUSY, {"Retry-After": "30"})

    async def still_may() -> bool:
        with suppress(*AWAY):
            caller: Caller | None = await request.state.again()
            return caller is not None and caller.may(Right.READ)
        # While the database is away there is nothing to read either.
        return True

    return Stream(door.live, subscription, teller, still_may)
