"""Campaigns: the database behind their workflow, and the delivery of one of their mails (V2, G14)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import DBAPIError
from temporalio import activity
from temporalio.exceptions import ApplicationError

from lifecycle import contract
from lifecycle.contract import (
    CampaignMailRequest,
    MarkRequest,
    Opened,
    OpenRequest,
    Page,
    PageRequest,
)
from lifecycle.core.codec import Data, from_data, to_data
from lifecycle.core.refusal import Refusal
from lifecycle.store import accounts, campaigns, effects
from lifecycle.store.campaign_report import counts_of
from lifecycle.store.engine import Store
from lifecycle.store.tables import CampaignRow, CampaignStatus, EffectRow, EffectStatus

from .deliver import Delivering
from .failing import LATER, refused

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
FAULTS = 5
TRIES = 28
"""About a day of waiting twice as long each time, an hour at most."""


class Campaigning:
    """What the workflow of a campaign asks for."""

    def __init__(self, store: Store, delivering: Delivering) -> None:
        self.store = store
        self.delivering = delivering

    @activity.defn(name=contract.OPEN_CAMPAIGN)
    async def open_campaign(self, data: Data) -> Data:
        """The campaign as it is recorded (`contract.OpenRequest` as data → `contract.Opened`)."""
        request: OpenRequest = from_data(OpenRequest, data)
        try:
            row = await self._opened(request)
        except Refusal as refusal:
            raise refused(refusal) from None
        cursor = await campaigns.cursor_of(self.store, row.name)
        return to_data(
            Opened(row.status.value, row.template, row.said, row.per_hour, cursor, row.reason)
        )

    async def _opened(self, request: OpenRequest) -> CampaignRow:
        if request.plan is None:
            return await campaigns.campaign_row(self.store, request.name)
        campaigns.check_plan(request.plan)
        return await campaigns.open_campaign(self.store, request.plan, request.now)

    @activity.defn(name=contract.CAMPAIGN_PAGE)
    async def page(self, data: Data) -> Data:
        """Which mails may go now (`contract.PageRequest` as data → `contract.Page`).

        Accounts are asked as late as it can be: a page of them is taken when no mail is at hand.
        """
        request: PageRequest = from_data(PageRequest, data)
        row = await campaigns.campaign_row(self.store, request.name)
        cursor, has_more = request.cursor, request.has_more
        ready = await campaigns.ready(self.store, request)
        while not ready and has_more:
            cursor, has_more = await campaigns.take_page(self.store, row, cursor, request.now)
            ready = await campaigns.ready(self.store, request)
        next_at = await campaigns.next_due(self.store, row.name, request.now)
        if len(ready) == campaigns.READY:
            # There may be more of them than were asked for: the campaign comes again before it ends.
            next_at = request.now
        counts = await counts_of(self.store, [row.name])
        return to_data(Page(ready, cursor, has_more, next_at, counts[row.name]))

    @activity.defn(name=contract.MARK_CAMPAIGN)
    async def mark(self, data: Data) -> str:
        """Record a status or a pace (`contract.MarkRequest` as data); answers with the status it has now."""
        request: MarkRequest = from_data(MarkRequest, data)
        return (await campaigns.mark(self.store, request)).status.value

    # ── one mail

    @activity.defn(name=contract.CAMPAIGN_MAIL)
    async def mail(self, data: Data) -> str:
        """Deliver one mail (`contract.CampaignMailRequest` as data); answers with its status.

        What has to wait is put off in its row and answered with `due`, so that it holds up no other.
        """
        request: CampaignMailRequest = from_data(CampaignMailRequest, data)
        try:
            row = await effects.effect_row(self.store, request.effect)
        except Refusal as refusal:
            raise refused(refusal) from None
        if row.status is EffectStatus.DUE and (why := await self._why_not(row, request)):
            await effects.skipped(self.store, row.id, why, datetime.now(UTC))
            return EffectStatus.SKIPPED.value
        return await self._deliver(row, request.now)

    async def _why_not(self, row: EffectRow, request: CampaignMailRequest) -> str:
        """What has changed since the mail was made; the rest is asked of every mail to contacts."""
        campaign = await campaigns.campaign_row(self.store, request.name)
        if campaign.status is CampaignStatus.CANCELLED:
            return campaigns.why_cancelled(campaign)
        if not await campaigns.is_in_audience(self.store, campaign, row.account, request.now):
            return "The account has left the audience since."
        account = await accounts.account_row(self.store, row.account)
        if account is not None and account.hold_until is not None:
            return f"The account is on hold until {account.hold_until:%Y-%m-%d %H:%M} UTC."
        return ""

    async def _deliver(self, row: EffectRow, now: datetime) -> str:
        """As an automation's mail is. Another try is the campaign's own affair."""
        request = contract.DeliverRequest(row.account, row.id)
        try:
            return await self.delivering.deliver(to_data(request))
        except (DBAPIError, OSError):
            raise  # an outage is waited out
        except ApplicationError as error:
            if error.non_retryable:
                raise
            present = await effects.effect_row(self.store, row.id)
            if present.status is EffectStatus.SENDING:
                raise
            return await self._put_off(present, error, now)
        except Exception as error:
            return await self._fault(row, error)

    async def _fault(self, row: EffectRow, error: Exception) -> str:
        """What breaks the engine again and again must not keep a place from others for a day."""
        if activity.info().attempt < FAULTS:
            raise error
        said = f"The engine failed on it, which is an error of ours: {error}"
        await effects.failed(self.store, row.id, said, datetime.now(UTC))
        return EffectStatus.FAILED.value

    async def _put_off(self, row: EffectRow, error: ApplicationError, now: datetime) -> str:
        if row.status is not EffectStatus.DUE:
            return row.status.value
        # Who waits for the morning has not been tried.
        tries = row.attempts if error.type == LATER else row.attempts - 1
        if tries >= TRIES:
            await effects.failed(self.store, row.id, error.message, datetime.now(UTC))
            return EffectStatus.FAILED.value
        wait = error.next_retry_delay or _next_wait(tries)
        await effects.postpone(self.store, row.id, now + wait, tries)
        return EffectStatus.DUE.value


def _next_wait(attempts: int) -> timedelta:
    doubled = min(max(attempts - 1, 0), 10)
    return min(FIRST_WAIT * (1 << doubled), LONGEST_WAIT)
