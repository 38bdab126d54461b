"""Reports: the numbers of `lifecycle admin report …`, as JSON or CSV."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Header, Path, Query, Response
from pydantic import Field

from lifecycle.store.reports.periods import Step
from lifecycle.telling.reports.asking import DEFAULT_DAYS, Asked
from lifecycle.telling.reports.kinds import KINDS, kind_named
from lifecycle.telling.reports.report import data_of

from ..door import Door
from ..downloads import report_file
from .answering import answer, gives, refusals
from .shapes import LARGEST, OfLifecycle, When, Whom, Word
from .strict import StrictRoute
from .viewing import Reader, viewer_of

CSV: Final = "text/csv"
Named = Annotated[str, Path(description=f"One of {', '.join(KINDS)}.", max_length=100)]
Accept = Annotated[str, Header(description=f"`{CSV}` for a file with all rows.", max_length=1_000)]
ANSWERS: Final = {**gives(), **refusals(404, 409)}
ANSWERS[200]["content"] |= {CSV: {"schema": {"type": "string"}}}


class ReportAsked(Whom):
    """What a report may be asked; one that cannot be asked something says so."""

    lifecycle: OfLifecycle = None
    first: Annotated[
        When | None,
        Field(alias="from", description="The first day (UTC), or how long ago: 90d."),
    ] = None
    last: Annotated[When | None, Field(alias="to", description="The last day (UTC).")] = None
    by: Annotated[Step | None, Field(description="Tell days, weeks or months apart.")] = None
    start: Annotated[Word | None, Field(description="The stage a funnel begins at.")] = None
    days: Annotated[int, Field(ge=1, le=366, description="How far to look ahead.")] = DEFAULT_DAYS
    by_csm: Annotated[bool, Field(description="Tell each CSM apart.")] = False
    scorecard: Annotated[Word | None, Field(description="Which scorecard.")] = None
    campaign: Annotated[Word | None, Field(description="Only of this campaign.")] = None
    listed: Annotated[bool, Field(alias="list", description="Every one, not grouped.")] = False
    account: Annotated[Word | None, Field(description="Only of this account.")] = None
    automation: Annotated[Word | None, Field(description="Of this line in shadow, each time.")] = (
        None
    )
    limit: Annotated[int | None, Field(ge=1, le=LARGEST, description="At most this many.")] = None
    after: Annotated[Word | None, Field(description="The next page: behind this account.")] = None

    def question(self) -> Asked:
        """As reports take it."""
        return Asked(**self.model_dump())


def routes(door: Door) -> APIRouter:
    """All reports, and one."""
    router = APIRouter(route_class=StrictRoute, prefix="/reports", tags=["reports"])

    @router.get("", responses={**gives(), **refusals()}, response_model=None)
    async def reports(_: Reader) -> Response:
        """The reports there are, and what each may be asked beside lifecycle, segment, sentences and moment."""
        kinds = [
            {"name": one.name, "title": one.title, "options": sorted(map(_spelt, one.options))}
            for one in KINDS.values()
        ]
        return answer({"reports": kinds})

    @router.get("/{report}", responses=ANSWERS, response_model=None)
    async def report_(
        report: Named,
        _: Reader,
        asked: Annotated[ReportAsked, Query()],
        accept: Accept = "application/json",
    ) -> Response:
        """A report; now, over time, as of a day."""
        kind = kind_named(report)
        if _wants_csv(accept):
            return await report_file(kind, viewer_of(door), asked.question(), kind.name)
        return answer(data_of(await kind.ask(viewer_of(door), asked.question())))

    return router


def _spelt(option: str) -> str:
    """As an address has it."""
    field = ReportAsked.model_fields.get(option)
    return (field.alias if field else None) or option


def _wants_csv(accept: str) -> bool:
    return any(one.partition(";")[0].strip().lower() == CSV for one in accept.split(","))
