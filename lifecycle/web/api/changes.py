"""Changes of many accounts: look first, begin, follow, pause, resume, stop, undo as one (R13)."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Body, Path, Query, Request
from fastapi.responses import JSONResponse
from pydantic import Field

from lifecycle import contract
from lifecycle.core.refusal import Refusal
from lifecycle.store.change_items import WantedLines
from lifecycle.store.change_tables import ItemStatus
from lifecycle.telling.audience import Asked
from lifecycle.telling.bulk import Kind, Whom, Wish, bulk_of
from lifecycle.telling.bulk_preview import preview
from lifecycle.telling.changes import (
    all_changes,
    became_data,
    became_of,
    begin,
    change_named,
    check_number,
    data_of,
)

from ..door import Door
from .answering import LINK, answer, gives, next_page, refusals
from .shapes import Because, Filters, Limit, Sentence, Shape, Text, Word, example
from .strict import StrictRoute
from .viewing import Orderer, Reader, viewer_of

Named = Annotated[str, Path(description="The change-set's name.", max_length=120)]
PerMinute = Annotated[
    int | None,
    Field(ge=1, le=100_000, description="At most so many accounts a minute; null for no limit."),
]
ONE: Final = {**gives(), **refusals(404)}
PAGES: Final = {**gives(headers=LINK), **refusals(404)}
ORDERED: Final = {**gives(said="Done: where it stands."), **refusals(404, 409, 413)}
BEGUN: Final = {
    **gives(said="Recorded, and on its way.", status=202),
    **refusals(404, 409, 413),
}
MOST_NAMED: Final = 10_000


class ChangeAsked(Shape):
    """One command to many accounts: those of a segment or of sentences, or some by their ids."""

    model_config = example(
        kind="stage",
        lifecycle="customer_journey",
        stage="launched",
        segment="customers",
        reason="They all went live in May.",
    )

    kind: Literal["stage", "fields", "hold", "release"]
    reason: Text
    segment: Word | None = None
    where: Annotated[list[Sentence], Field(max_length=20, default_factory=list)]
    accounts: Annotated[list[Word], Field(max_length=MOST_NAMED)] | None = None
    lifecycle: Word = ""
    stage: Word = ""
    fields: dict[str, str | int | float | bool | None] = Field(default_factory=dict)
    until: Word = ""
    anyway: bool = False

    @property
    def wish(self) -> Wish:
        """What shall be done."""
        return Wish(
            Kind(self.kind),
            self.reason,
            self.lifecycle,
            self.stage,
            self.fields,
            self.until,
            self.anyway,
        )

    @property
    def whom(self) -> Whom:
        """Which accounts. Raises `Refusal` where nobody is named: everybody is never meant by a slip."""
        if self.accounts is not None:
            if self.segment or self.where:
                said = "`accounts` names them: leave `segment` and `where` out."
                raise Refusal("bad_request", said, where="accounts")
            return Whom(ids=self.accounts)
        if not (self.segment or self.where):
            said = "It is not said which accounts."
            raise Refusal("bad_request", said, "Give segment, where or accounts.", "segment")
        return Whom(Asked(self.segment, self.where))


class NewChange(ChangeAsked):
    """The same, to be begun. `expected` is how many were to change when it was looked at."""

    model_config = example(
        kind="hold", until="14d", segment="customers", reason="Migration week.", per_minute=60
    )

    per_minute: PerMinute = None
    expected: int | None = None


class NewPace(Shape):
    """Another pace for one that runs."""

    per_minute: PerMinute
    reason: Text = ""


class ItemsAsked(Filters):
    """Which accounts of a change-set."""

    status: ItemStatus | None = None
    limit: Limit = 50
    after: Annotated[int, Field(ge=0)] = 0


Reason = Annotated[Because, Body()]
NO_REASON: Final = Because()


def routes(door: Door) -> APIRouter:
    """Change-sets."""
    router = APIRouter(route_class=StrictRoute, prefix="/changes", tags=["changes"])
    _looking(router, door)
    _beginning(router, door)
    _ordering(router, door)
    return router


def _looking(router: APIRouter, door: Door) -> None:
    @router.get("", responses=ONE, response_model=None)
    async def changes(_: Reader) -> JSONResponse:
        """The change-sets, the latest first: how far each is."""
        views = await all_changes(viewer_of(door))
        return answer({"changes": [data_of(view) for view in views]})

    @router.get("/{name}", responses=PAGES, response_model=None)
    async def change(
        request: Request, name: Named, _: Reader, asked: Annotated[ItemsAsked, Query()]
    ) -> JSONResponse:
        """How far it is, and what came of it account by account."""
        wanted = WantedLines(asked.status, asked.after, asked.limit)
        told = await became_of(viewer_of(door), name, wanted)
        return answer(became_data(told), headers=next_page(request, told.after))


def _beginning(router: APIRouter, door: Door) -> None:
    @router.post("/preview", responses={**gives(), **refusals(404, 413)}, response_model=None)
    async def preview_(new: ChangeAsked, _: Orderer) -> JSONResponse:
        """Who would change, who would refuse it and why, what it sets off. Nothing is changed."""
        viewer = viewer_of(door)
        drawn = await preview(viewer, await bulk_of(viewer, new.wish), new.whom)
        return answer(drawn.preview.data())

    @router.post("", responses=BEGUN, response_model=None, status_code=202)
    async def begin_(new: NewChange, caller: Orderer) -> JSONResponse:
        """Begin it: every account that would change gets the command, in the pace asked."""
        viewer = viewer_of(door)
        bulk = await bulk_of(viewer, new.wish)
        drawn = await preview(viewer, bulk, new.whom)
        check_number(drawn, new.expected)
        made = await begin(viewer, door.changes, bulk, drawn, caller.name, new.per_minute)
        return answer(data_of(await change_named(viewer, made.name)), 202)


def _ordering(router: APIRouter, door: Door) -> None:
    async def ordered(name: str, what: str, caller: str, **more: Any) -> JSONResponse:
        await door.changes.order(name, what, actor=caller, **more)
        return answer(data_of(await change_named(viewer_of(door), name)))

    @router.post("/{name}/pause", responses=ORDERED, response_model=None)
    async def pause(name: Named, caller: Orderer, why: Reason = NO_REASON) -> JSONResponse:
        """Give no more commands until it is resumed."""
        return await ordered(name, contract.PAUSE, caller.name, reason=why.reason)

    @router.post("/{name}/resume", responses=ORDERED, response_model=None)
    async def resume(name: Named, caller: Orderer, why: Reason = NO_REASON) -> JSONResponse:
        """Go on."""
        return await ordered(name, contract.RESUME, caller.name, reason=why.reason)

    @router.post("/{name}/stop", responses=ORDERED, response_model=None)
    async def stop(name: Named, why: Because, caller: Orderer) -> JSONResponse:
        """Give no more commands, for good. What was done stays."""
        return await ordered(name, contract.STOP, caller.name, reason=why.reason)

    @router.post("/{name}/undo", responses=ORDERED, response_model=None)
    async def undo(name: Named, why: Because, caller: Orderer) -> JSONResponse:
        """Take back all that it did; what has something newer on it is kept, with the reason."""
        return await ordered(name, contract.UNDO, caller.name, reason=why.reason)

    @router.post("/{name}/retry", responses=ORDERED, response_model=None)
    async def retry(name: Named, caller: Orderer, why: Reason = NO_REASON) -> JSONResponse:
        """Try again where an account failed, or could not be taken back."""
        return await ordered(name, contract.RETRY, caller.name, reason=why.reason)

    @router.post("/{name}/pace", responses=ORDERED, response_model=None)
    async def pace(name: Named, new: NewPace, caller: Orderer) -> JSONResponse:
        """Another pace, from its next command on."""
        more = {"reason": new.reason, "per_minute": new.per_minute}
        return await ordered(name, contract.SET_PACE, caller.name, **more)
