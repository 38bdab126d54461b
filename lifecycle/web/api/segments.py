"""Segments: all that are saved, the accounts of one, and sentences asked once; scorecards beside them."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse
from pydantic import Field

from lifecycle.telling.audience import Asked
from lifecycle.telling.reports.bands import in_bands
from lifecycle.telling.reports.report import data_of
from lifecycle.telling.segments import (
    Wish,
    count_data,
    members,
    members_data,
    moment_data,
    saved_data,
    saved_segments,
)

from ..door import Door
from .answering import LINK, answer, gives, next_page, refusals
from .shapes import After, Filters, Limit, Sentence, Shape, When, Whom, Word, example
from .strict import StrictRoute
from .viewing import Reader, viewer_of

Named = Annotated[str, Path(description="Its id or title.", max_length=500)]
Columns = Annotated[
    str | None,
    Field(
        max_length=2_000,
        description="What to show, with commas: fields, lifecycles, days:LIFECYCLE, since:LIFECYCLE, "
        "mark:LIFECYCLE, next.",
    ),
]
SortBy = Annotated[
    Word | None,
    Field(description="id, a field, days or days:LIFECYCLE; a minus before it: the highest first."),
]


class MomentAsked(Filters):
    """At which moment."""

    as_of: When | None = None
    known: When | None = None


class MembersAsked(MomentAsked):
    """Which accounts of a segment, and what of them."""

    columns: Columns = None
    sort: SortBy = None
    limit: Limit = 50
    after: After = None
    count: Annotated[bool, Field(description="Only how many there are.")] = False


class Question(Shape):
    """Sentences that must all hold, and how the answer is wanted."""

    model_config = example(
        where=["type is Customer", "renewal_date is in the next 90 days"], limit=50
    )

    where: Annotated[list[Sentence], Field(max_length=20, default_factory=list)]
    segment: Word | None = None
    as_of: When | None = None
    known: When | None = None
    columns: Columns = None
    sort: SortBy = None
    limit: Limit = 50
    after: After = None
    count: bool = False


ANSWERS: Final = {**gives(), **refusals(404, 409)}
ASKED: Final = {**gives(), **refusals(404, 409, 413)}
PAGES: Final = {**gives(headers=LINK), **refusals(404, 409)}


def routes(door: Door) -> APIRouter:
    """What is read of segments."""
    router = APIRouter(route_class=StrictRoute, tags=["segments"])

    @router.get("/segments", responses=ANSWERS, response_model=None)
    async def segments(_: Reader, asked: Annotated[MomentAsked, Query()]) -> JSONResponse:
        """All saved segments in plain words, with how many accounts are in each; now, or as of a day."""
        when = Asked(as_of=asked.as_of, known=asked.known)
        return answer(saved_data(*await saved_segments(viewer_of(door), when)))

    @router.post("/segments/ask", responses=ASKED, response_model=None)
    async def ask(question: Question, _: Reader) -> JSONResponse:
        """The accounts for which sentences hold. Nothing is saved; wrong sentences are told, each with its caret."""
        asked = Asked(question.segment, question.where, question.as_of, question.known)
        wish = Wish(question.columns, question.sort, question.limit, question.after)
        return answer((await _members(door, asked, wish, question.count))[0])

    @router.get("/segments/{segment}", responses=PAGES, response_model=None)
    async def segment_(
        request: Request, segment: Named, _: Reader, asked: Annotated[MembersAsked, Query()]
    ) -> JSONResponse:
        """The accounts of a saved segment; now, or as of a day."""
        when = Asked(segment, (), asked.as_of, asked.known)
        wish = Wish(asked.columns, asked.sort, asked.limit, asked.after)
        data, after = await _members(door, when, wish, asked.count)
        return answer(data, headers=next_page(request, after))

    return router


def scorecards(door: Door) -> APIRouter:
    """What is read of scorecards."""
    router = APIRouter(route_class=StrictRoute, tags=["scorecards"])

    @router.get("/scorecards/{scorecard}", responses=ANSWERS, response_model=None)
    async def scorecard_(
        scorecard: Named, _: Reader, asked: Annotated[Whom, Query()]
    ) -> JSONResponse:
        """How accounts lie in the bands of a scorecard; now, or as of a day."""
        return answer(data_of(await in_bands(viewer_of(door), asked.asked(), scorecard)))

    return router


async def _members(
    door: Door, asked: Asked, wish: Wish, only_count: bool
) -> tuple[dict[str, Any], str | None]:
    """The data, and where the next page begins."""
    wanted = await members(viewer_of(door), asked, wish)
    counted = await wanted.count()
    if only_count:
        return {**moment_data(wanted.meant), **count_data(counted)}, None
    page = await wanted.page()
    return members_data(wanted, counted, page), page.after
