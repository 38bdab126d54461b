"""An account's next days in the sandbox: on a copy, nothing is done (N6)."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import Field

from lifecycle.sandbox.trying import Begun, Wish, new_account, tried
from lifecycle.sandbox.writing import steps_of, written
from lifecycle.store.definitions import current_book
from lifecycle.telling.sandbox import sandboxed, sandboxed_data

from ..door import Door
from .accounts import find
from .answering import answer, gives, refusals
from .shapes import Account, Scalar, Shape, Word, example
from .strict import StrictRoute
from .viewing import Reader

MOST: Final = 100
Step = Annotated[
    dict[Word, Any],
    Field(
        description="When, and what comes in, as a script has it: docs/foresight/sandbox.md.",
        min_length=1,
        max_length=1,
    ),
]


class Play(Shape):
    """What is played: how many days, and what comes in meanwhile."""

    model_config = example(
        days=90,
        steps=[
            {"in 5 days": "training.completed"},
            {"in 12 days": {"event": "usage.reported", "data": {"active_users": 12}}},
        ],
    )

    days: Annotated[int, Field(ge=1, le=3_660)] = 90
    steps: Annotated[list[Step], Field(max_length=MOST, default_factory=list)]

    def lines(self) -> list[str]:
        """The steps as their grammar has them."""
        return [written(when, what) for step in self.steps for when, what in step.items()]


class NewPlay(Play):
    """The same of an account from nothing; `fields` are those it begins with."""

    model_config = example(days=30, fields={"name": "Acme"}, steps=[])

    fields: Annotated[dict[Word, Scalar], Field(max_length=200, default_factory=dict)]


ONE: Final = {**gives(), **refusals(404, 409, 422)}


def routes(door: Door) -> APIRouter:
    """`POST /v1/accounts/{id}/sandbox` and `POST /v1/sandbox`; both only read."""
    router = APIRouter(route_class=StrictRoute, tags=["accounts"])

    @router.post("/accounts/{account:path}/sandbox", responses=ONE, response_model=None)
    async def sandbox(account: Account, caller: Reader, play: Play) -> JSONResponse:
        """Its next days on a copy, with the mails it would get. Nothing is recorded, sent or called."""
        it = await find(door, account)
        return await _played(door, Begun(it.book, it.state, it.now), play, caller.name)

    @router.post("/sandbox", responses=ONE, response_model=None)
    async def new(caller: Reader, play: NewPlay) -> JSONResponse:
        """The days of an account that does not exist, from its beginning. Nothing is recorded, sent or called."""
        book, _ = await current_book(door.store)
        begun = new_account(book, "new-account", dict(play.fields), door.now())
        return await _played(door, begun, play, caller.name)

    return router


async def _played(door: Door, begun: Begun, play: Play, actor: str) -> JSONResponse:
    wish = Wish(play.days, steps_of(play.lines(), begun.book), actor)
    played = await tried(door.store, door.settings, begun, wish)
    return answer(sandboxed_data(sandboxed(played, door.zone)))
