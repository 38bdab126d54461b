"""Campaigns followed: how far each is, what became of every mail, and orders to those that run (V2, G14)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from lifecycle import contract
from lifecycle.campaigning import Campaigns
from lifecycle.core.refusal import Refusal
from lifecycle.store.campaign_report import WantedOutcomes
from lifecycle.store.tables import CampaignStatus, EffectStatus
from lifecycle.telling.campaign_wishes import order, read_pace
from lifecycle.telling.campaigns import (
    OUTCOME_COLUMNS,
    BecameOf,
    all_campaigns,
    became_of,
    campaign_named,
    outcome_cells,
    outcome_pages,
)
from lifecycle.telling.phrases import distance
from lifecycle.telling.reports.report import csv_line
from lifecycle.telling.viewer import Viewer

from ...door import Door
from ...problem import status_of
from ...temporal_ui import link_to
from ...who import Caller, Right, may
from ..words import quoted
from .starting import PATH

Reader = Annotated[Caller, Depends(may(Right.READ))]
Commander = Annotated[Caller, Depends(may(Right.COMMAND))]
Name = Annotated[str, Field(max_length=100)]
A_PAGE: Final = 50
STATES: Final = {
    CampaignStatus.RUNNING: ("Running", "info"),
    CampaignStatus.PAUSED: ("Paused", "late"),
    CampaignStatus.CANCELLED: ("Cancelled", "stuck"),
    CampaignStatus.DONE: ("Done", "ok"),
}
TABS: Final = {
    "": "All",
    EffectStatus.SENT: "Sent",
    EffectStatus.SKIPPED: "Skipped",
    EffectStatus.FAILED: "Failed",
    EffectStatus.DUE: "Waiting",
}
ORDERS: Final = {
    contract.PAUSE: "is paused.",
    contract.RESUME: "runs again.",
    contract.CANCEL: "is cancelled.",
    contract.SET_PACE: "has another pace.",
}


class Outcomes(BaseModel):
    """Which mails of a campaign."""

    model_config = ConfigDict(frozen=True)

    status: EffectStatus | Literal[""] = ""
    after: Annotated[str, Field(max_length=300)] = ""

    @property
    def wanted(self) -> WantedOutcomes:
        """As the store takes it."""
        return WantedOutcomes(self.status or None, self.after, A_PAGE)


class Ordered(BaseModel):
    """An order as it was typed."""

    model_config = ConfigDict(frozen=True)

    reason: Annotated[str, Field(max_length=500)] = ""
    pace: Annotated[str, Field(max_length=100)] = ""


def routes(door: Door) -> APIRouter:
    """The list, a campaign, its file, and orders."""
    router = APIRouter(prefix=PATH)
    _looking(router, door)
    _ordering(router, door)
    _pausing(router, door)
    return router


def _looking(router: APIRouter, door: Door) -> None:
    @router.get("")
    async def campaigns(request: Request, _: Reader) -> Response:
        views = await all_campaigns(_viewer(door))
        return door.pages.page(
            "campaigns/list.html", request=request, campaigns=views, states=STATES
        )

    @router.get("/{name}")
    async def campaign(
        request: Request, _: Reader, name: str, which: Annotated[Outcomes, Query()]
    ) -> Response:
        found = await became_of(_viewer(door), name, which.wanted)
        return door.pages.page("campaigns/one.html", request=request, **_shown(door, found, which))

    @router.get("/{name}/report.csv")
    async def report(_: Reader, name: str, which: Annotated[Outcomes, Query()]) -> Response:
        await campaign_named(_viewer(door), name)
        wanted = WantedOutcomes(which.status or None)
        headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
        lines = _lines(door, name, wanted)
        return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


async def _lines(door: Door, name: str, wanted: WantedOutcomes) -> AsyncIterator[str]:
    yield csv_line(OUTCOME_COLUMNS)
    async for page in outcome_pages(door.store, name, wanted):
        yield "".join(csv_line(outcome_cells(one)) for one in page)


def _ordering(router: APIRouter, door: Door) -> None:
    @router.get("/{name}/cancel")
    async def ask(request: Request, _: Commander, name: str) -> Response:
        return await _question(door, request, name, contract.CANCEL, Ordered(), None)

    @router.get("/{name}/pace")
    async def ask_pace(request: Request, _: Commander, name: str) -> Response:
        row = (await campaign_named(_viewer(door), name)).campaign
        typed = Ordered(pace=f"{row.per_hour}/hour" if row.per_hour else "")
        return await _question(door, request, name, contract.SET_PACE, typed, None)

    @router.post("/{name}/cancel")
    async def cancel(
        request: Request, caller: Commander, name: str, typed: Annotated[Ordered, Form()]
    ) -> Response:
        if not typed.reason.strip():
            said = "Cancelling a campaign needs a reason."
            lacks = Refusal("no_reason", said, "Say why.", "reason")
            return await _question(door, request, name, contract.CANCEL, typed, lacks)
        return await _order(door, request, name, contract.CANCEL, caller, reason=typed.reason)

    @router.post("/{name}/pace")
    async def pace(
        request: Request, caller: Commander, name: str, typed: Annotated[Ordered, Form()]
    ) -> Response:
        try:
            per_hour = read_pace(typed.pace) if typed.pace.strip() else None
        except Refusal as refusal:
            return await _question(door, request, name, contract.SET_PACE, typed, refusal)
        more: dict[str, Any] = {"reason": typed.reason, "per_hour": per_hour}
        return await _order(door, request, name, contract.SET_PACE, caller, **more)


def _pausing(router: APIRouter, door: Door) -> None:
    @router.post("/{name}/pause")
    async def pause(request: Request, caller: Commander, name: str) -> Response:
        return await _order(door, request, name, contract.PAUSE, caller, reason="")

    @router.post("/{name}/resume")
    async def resume(request: Request, caller: Commander, name: str) -> Response:
        return await _order(door, request, name, contract.RESUME, caller, reason="")


async def _order(
    door: Door, request: Request, name: str, wanted: str, caller: Caller, **more: Any
) -> Response:
    async def client() -> Campaigns:
        return door.campaigns

    await order(_viewer(door), client, name, wanted, actor=caller.name, **more)
    return door.pages.done(request, f"{PATH}/{quoted(name)}", f"{name} {ORDERS[wanted]}")


async def _question(
    door: Door, request: Request, name: str, wanted: str, typed: Ordered, refusal: Refusal | None
) -> Response:
    view = await campaign_named(_viewer(door), name)
    return door.pages.page(
        "campaigns/order.html",
        status_of(refusal.code) if refusal else 200,
        request=request,
        view=view,
        cancels=wanted == contract.CANCEL,
        typed=typed,
        wrong={refusal.where: str(refusal)} if refusal else {},
        action=f"{PATH}/{quoted(name)}/{'cancel' if wanted == contract.CANCEL else 'pace'}",
        back=f"{PATH}/{quoted(name)}",
    )


def _viewer(door: Door) -> Viewer:
    return Viewer(door.store, door.now(), door.zone)


def _shown(door: Door, found: BecameOf, which: Outcomes) -> dict[str, Any]:
    view, now = found.view, door.now()
    path = f"{PATH}/{quoted(view.campaign.name)}"
    tabs = [
        (
            f"{text} {_number(found, status)}",
            f"{path}?status={status}" if status else path,
            status == which.status,
        )
        for status, text in TABS.items()
    ]
    return {
        "told": found,
        "view": view,
        "row": view.campaign,
        "state": STATES[view.campaign.status],
        "left": distance(now + view.left, now) if view.left and view.total > view.ended else "",
        "tabs": tabs,
        "which": which,
        "path": path,
        "temporal": link_to(door, contract.campaign_id(view.campaign.name)),
    }


def _number(found: BecameOf, status: EffectStatus | str) -> str:
    counts = found.view.counts
    if not status:
        return f"{sum(counts.values()):,}"
    return f"{counts.get(EffectStatus(status).value, 0):,}"
