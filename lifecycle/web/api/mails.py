"""The outbox: what was sent, what failed and why, what was skipped; one sent again."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse
from pydantic import Field

from lifecycle.client import Lifecycles
from lifecycle.resending import send_again
from lifecycle.store.effects import WantedEffects, effect_row
from lifecycle.store.tables import EffectKind, EffectStatus
from lifecycle.telling.deliveries import deliveries, deliveries_data, delivery_data

from ..door import Door
from .answering import LINK, answer, gives, next_page, refusals
from .shapes import Filters, Limit, Word
from .strict import StrictRoute
from .viewing import Orderer, Reader

Mail = Annotated[str, Path(description="The delivery's id, as the list has it.", max_length=1_000)]
PAGES: Final = {**gives(headers=LINK), **refusals(404, 409)}
ONE: Final = {**gives(), **refusals(404)}
AGAIN: Final = {
    **gives(said="It is due again; its account has been told.", status=202),
    **refusals(404, 409),
}


class MailsAsked(Filters):
    """Which deliveries."""

    status: EffectStatus | None = None
    template: Annotated[Word | None, Field(description="Only of this template.")] = None
    account: Annotated[Word | None, Field(description="Only of this account.")] = None
    campaign: Annotated[Word | None, Field(description="Only of this campaign.")] = None
    webhooks: Annotated[bool, Field(description="Webhooks instead of e-mails.")] = False
    limit: Limit = 30
    before: Annotated[Word | None, Field(description="The next page: before this id.")] = None


def routes(door: Door) -> APIRouter:
    """What is read of deliveries; and one sent again."""
    router = APIRouter(route_class=StrictRoute, prefix="/mails", tags=["mails"])

    @router.get("", responses=PAGES, response_model=None)
    async def mails(
        request: Request, _: Reader, asked: Annotated[MailsAsked, Query()]
    ) -> JSONResponse:
        """E-mails, the latest first: sent, failed (with the reason), due, skipped."""
        kind = EffectKind.WEBHOOK if asked.webhooks else EffectKind.MAIL
        wanted = WantedEffects(
            asked.account, asked.status, kind, limit=asked.limit, campaign=asked.campaign
        )
        page = await deliveries(door.store, door.settings, wanted, asked.template, asked.before)
        return answer(deliveries_data(page), headers=next_page(request, page.before, "before"))

    @router.post("/{mail:path}/resend", responses=AGAIN, response_model=None, status_code=202)
    async def again(mail: Mail, caller: Orderer) -> JSONResponse:
        """Send a finished e-mail once more: it becomes due, and its account delivers it."""

        async def accounts() -> Lifecycles:
            return door.accounts

        row = await send_again(door.store, accounts, mail, caller.name, door.now())
        return answer(delivery_data(row), 202)

    @router.get("/{mail:path}", responses=ONE, response_model=None)
    async def mail_(mail: Mail, _: Reader) -> JSONResponse:
        """One e-mail as it was sent, or why it was not."""
        return answer((await effect_row(door.store, mail)).model_dump())

    return router
