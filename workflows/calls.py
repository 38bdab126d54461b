"""Calls to activities, each with its own patience. They are named, not imported: their modules stay outside."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

from lifecycle import contract
from lifecycle.core.codec import Data, from_data, to_data

QUICK = timedelta(seconds=30)
FOR_EVER = RetryPolicy(maximum_interval=timedelta(seconds=30))
"""An outage is waited out; operators see the pending activity and its last error."""

DELIVERY = timedelta(minutes=2)
DELIVERY_DAY = timedelta(days=1)
PATIENT = RetryPolicy(maximum_interval=timedelta(minutes=10))


async def enter(account: str) -> contract.EnterAnswer:
    """What is stored of the account, and the book it runs."""
    answer = await _ask(contract.ENTER, account, "what is known of the account")
    found: contract.EnterAnswer = from_data(contract.EnterAnswer, answer)
    return found


async def record(request: Data, words: str) -> contract.RecordAnswer:
    """Write a batch. Raises `ActivityError` for what is not worth another try (`refusal_of`)."""
    answer = await _ask(contract.RECORD, request, words)
    found: contract.RecordAnswer = from_data(contract.RecordAnswer, answer)
    return found


async def seen(account: str, keys: list[str]) -> set[str]:
    """Which of these events the journal holds (R20)."""
    request = contract.SeenRequest(account, keys)
    return set(await _ask(contract.SEEN, to_data(request), "events older than the window"))


async def load_book(account: str, asked: str) -> Data:
    """What is in force for the account, as data."""
    request = to_data(contract.LoadBookRequest(account, asked))
    answer = await _ask(contract.LOAD_BOOK, request, "published definitions")
    found: contract.LoadBookAnswer = from_data(contract.LoadBookAnswer, answer)
    return found.book


async def _ask(name: str, argument: Data, words: str) -> Any:
    return await workflow.execute_activity(
        name, argument, start_to_close_timeout=QUICK, retry_policy=FOR_EVER, summary=words
    )


def start_delivery(account: str, effect: str, since: datetime) -> workflow.ActivityHandle[Any]:
    """One delivery, tried for a day from when it was first tried."""
    left = since + DELIVERY_DAY - workflow.now()
    return workflow.start_activity(
        contract.DELIVER,
        to_data(contract.DeliverRequest(account, effect)),
        start_to_close_timeout=DELIVERY,
        schedule_to_close_timeout=max(left, DELIVERY),
        retry_policy=PATIENT,
        summary=effect.split("/", 1)[-1][:120],
    )


def start_giving_up(account: str, effect: str, reason: str) -> workflow.ActivityHandle[Any]:
    """Show a delivery as failed."""
    return workflow.start_activity(
        contract.GIVE_UP,
        to_data(contract.GiveUpRequest(account, effect, reason)),
        start_to_close_timeout=QUICK,
        retry_policy=FOR_EVER,
        summary="shown as failed",
    )


# ── campaigns


async def open_campaign(request: contract.OpenRequest) -> contract.Opened:
    """The campaign as it is recorded. Raises `ActivityError` when there is none, and no plan of one."""
    answer = await _ask(contract.OPEN_CAMPAIGN, to_data(request), "the campaign as it is recorded")
    found: contract.Opened = from_data(contract.Opened, answer)
    return found


async def campaign_page(request: contract.PageRequest) -> contract.Page:
    """Mails that may go now."""
    words = f"accounts after {request.cursor}" if request.cursor else "the first accounts"
    said = words if request.has_more else "mails that waited"
    answer = await _ask(contract.CAMPAIGN_PAGE, to_data(request), said)
    found: contract.Page = from_data(contract.Page, answer)
    return found


async def mark_campaign(request: contract.MarkRequest) -> str:
    """Record what a person wants, or that it is done; answers with the status it has then."""
    return str(await _ask(contract.MARK_CAMPAIGN, to_data(request), request.status))


def start_campaign_mail(name: str, effect: str) -> workflow.ActivityHandle[Any]:
    """One mail. Only a crash or an outage of the database is tried again here: see the activity."""
    request = contract.CampaignMailRequest(name, effect, workflow.now())
    return workflow.start_activity(
        contract.CAMPAIGN_MAIL,
        to_data(request),
        start_to_close_timeout=DELIVERY,
        schedule_to_close_timeout=DELIVERY_DAY,
        retry_policy=FOR_EVER,
        summary=effect.removeprefix(f"{contract.campaign_id(name)}/")[:120],
    )


def kind_of(error: BaseException) -> str:
    """What an activity refused for good (`contract.DATA_REFUSED`, …); empty for anything else."""
    cause = error.cause if isinstance(error, ActivityError) else error
    return (cause.type or "") if isinstance(cause, ApplicationError) else ""


def reason_of(error: BaseException) -> str:
    """Why it failed, in the words of the part that failed."""
    cause = error.cause if isinstance(error, ActivityError) and error.cause else error
    return getattr(cause, "message", None) or str(cause)
