"""Campaigns: e-mails to segments. Preview, send, follow, pause, cancel, and what became of each (V2, G14)."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Path, Query, Request
from fastapi.responses import JSONResponse
from pydantic import Field

from lifecycle import contract
from lifecycle.campaigning import Campaigns
from lifecycle.previewing import preview
from lifecycle.store.campaign_report import WantedOutcomes, reasons_of
from lifecycle.store.tables import EffectStatus
from lifecycle.telling.audience import Asked
from lifecycle.telling.campaign_wishes import Wish, order, plan_of, preview_data, send
from lifecycle.telling.campaigns import (
    all_campaigns,
    became_data,
    became_of,
    campaign_named,
    data_of,
    row_data,
)

from ..door import Door
from .answering import LINK, answer, gives, next_page, refusals
from .shapes import After, Because, Filters, Limit, Sentence, Shape, Text, Word, example
from .strict import StrictRoute
from .viewing import Orderer, Reader, viewer_of

Named = Annotated[str, Path(description="The campaign's name.", max_length=100)]
PerHour = Annotated[
    int | None,
    Field(ge=1, le=1_000_000, description="At most so many mails an hour; null for no limit."),
]
ONE: Final = {**gives(), **refusals(404)}
PAGES: Final = {**gives(headers=LINK), **refusals(404)}
ORDERED: Final = {**gives(said="Done: its progress."), **refusals(404, 409, 413)}
BEGUN: Final = {
    **gives(said="Recorded, and on its way; the same again sends nothing twice.", status=202),
    **refusals(404, 409, 413),
}


def _to_contact() -> list[str]:
    return ["contact"]


class Audience(Shape):
    """An e-mail to the readers of a segment, or of the accounts for which sentences hold."""

    model_config = example(template="feature_news", segment="customers", to=["contact"])

    template: Word
    segment: Word | None = None
    where: Annotated[list[Sentence], Field(max_length=20, default_factory=list)]
    to: Annotated[list[Word], Field(min_length=1, max_length=20, default_factory=_to_contact)]

    def wish(self, name: str, per_hour: int | None = None) -> Wish:
        """As campaigns take it."""
        return Wish(name, Asked(self.segment, self.where), self.template, self.to, per_hour)


class NewCampaign(Audience):
    """A campaign. Its name stands for it for ever: the same again goes on with it."""

    model_config = example(
        name="news-2026-06", template="feature_news", segment="customers", per_hour=200
    )

    name: Annotated[str, Field(min_length=1, max_length=60)]
    per_hour: PerHour = None


class Pace(Shape):
    """Another pace for a campaign that runs."""

    per_hour: PerHour
    reason: Text = ""


class OutcomesAsked(Filters):
    """Which accounts of a campaign."""

    status: EffectStatus | None = None
    limit: Limit = 50
    after: After = None


Reason = Annotated[Because, Body()]
NO_REASON: Final = Because()


def routes(door: Door) -> APIRouter:
    """Campaigns."""
    router = APIRouter(route_class=StrictRoute, prefix="/campaigns", tags=["campaigns"])
    _looking(router, door)
    _sending(router, door)
    _ordering(router, door)
    return router


def _looking(router: APIRouter, door: Door) -> None:
    @router.get("", responses=ONE, response_model=None)
    async def campaigns(_: Reader) -> JSONResponse:
        """The campaigns, the latest first: how far each is."""
        views = await all_campaigns(viewer_of(door))
        return answer({"campaigns": [data_of(view) for view in views]})

    @router.get("/{name}", responses=ONE, response_model=None)
    async def campaign(name: Named, _: Reader) -> JSONResponse:
        """How far it is, how long it may take, what was skipped or failed and why."""
        view = await campaign_named(viewer_of(door), name)
        return answer({**data_of(view), "reasons": await reasons_of(door.store, name)})

    @router.get("/{name}/report", responses=PAGES, response_model=None)
    async def report(
        request: Request, name: Named, _: Reader, asked: Annotated[OutcomesAsked, Query()]
    ) -> JSONResponse:
        """What became of it, account by account: sent, skipped, failed, waiting."""
        wanted = WantedOutcomes(asked.status, asked.after or "", asked.limit)
        told = await became_of(viewer_of(door), name, wanted)
        return answer(became_data(told), headers=next_page(request, told.after))


def _sending(router: APIRouter, door: Door) -> None:
    @router.post("/preview", responses={**gives(), **refusals(413)}, response_model=None)
    async def preview_(new: Audience, caller: Orderer) -> JSONResponse:
        """How many get it, who does not and why, and how it reads. Nothing is sent."""
        viewer = viewer_of(door)
        plan = await plan_of(viewer, door.settings, new.wish("preview"), caller.name)
        seen = await preview(door.store, door.settings, plan, viewer.now)
        return answer(preview_data(plan, seen))

    @router.post("", responses=BEGUN, response_model=None, status_code=202)
    async def begin(new: NewCampaign, caller: Orderer) -> JSONResponse:
        """Send a campaign, or go on with it. Each account is asked again when its mail is sent."""
        viewer, wish = viewer_of(door), new.wish(new.name, new.per_hour)
        plan = await plan_of(viewer, door.settings, wish, caller.name)
        row, _ = await send(viewer, door.campaigns, wish, plan)
        return answer(row_data(row), 202)


def _ordering(router: APIRouter, door: Door) -> None:
    async def ordered(name: str, what: str, caller: str, **more: Any) -> JSONResponse:
        async def client() -> Campaigns:
            return door.campaigns

        return answer(await order(viewer_of(door), client, name, what, actor=caller, **more))

    @router.post("/{name}/pause", responses=ORDERED, response_model=None)
    async def pause(name: Named, caller: Orderer, why: Reason = NO_REASON) -> JSONResponse:
        """Send no more until it is resumed."""
        return await ordered(name, contract.PAUSE, caller.name, reason=why.reason)

    @router.post("/{name}/resume", responses=ORDERED, response_model=None)
    async def resume(name: Named, caller: Orderer, why: Reason = NO_REASON) -> JSONResponse:
        """Go on with a paused campaign."""
        return await ordered(name, contract.RESUME, caller.name, reason=why.reason)

    @router.post("/{name}/cancel", responses=ORDERED, response_model=None)
    async def cancel(name: Named, why: Because, caller: Orderer) -> JSONResponse:
        """Send no more, for good: what waits is taken back."""
        return await ordered(name, contract.CANCEL, caller.name, reason=why.reason)

    @router.post("/{name}/pace", responses=ORDERED, response_model=None)
    async def pace(name: Named, new: Pace, caller: Orderer) -> JSONResponse:
        """Another pace, from its next mail on."""
        more = {"reason": new.reason, "per_hour": new.per_hour}
        return await ordered(name, contract.SET_PACE, caller.name, **more)
