"""Calls of a change-set to its activities, each with its own patience."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio import workflow

from lifecycle import contract
from lifecycle.core.codec import Data, from_data, to_data

from .calls import FOR_EVER, QUICK

PAGE = timedelta(minutes=30)
SILENCE = timedelta(seconds=10)
"""Whoever carries a page out and says nothing for so long is gone: another takes it over."""


async def open_change_set(name: str) -> contract.ChangeProgress:
    """Where it stands. Raises `ActivityError` when there is none of that name."""
    return progress_of(
        await _ask(contract.OPEN_CHANGE_SET, name, "the change-set as it is recorded")
    )


async def order(wanted: contract.ChangeOrder) -> contract.ChangeProgress:
    """Carry out what a person wants. Raises `ActivityError` when it makes no sense any more."""
    said = f"{wanted.order} by {wanted.actor}"[:120]
    return progress_of(await _ask(contract.ORDER_CHANGE_SET, to_data(wanted), said))


async def _ask(name: str, argument: Data, words: str) -> Any:
    return await workflow.execute_activity(
        name, argument, start_to_close_timeout=QUICK, retry_policy=FOR_EVER, summary=words
    )


def progress_of(data: Data) -> contract.ChangeProgress:
    """An activity's answer."""
    found: contract.ChangeProgress = from_data(contract.ChangeProgress, data)
    return found


def start_page(name: str, limit: int, words: str) -> workflow.ActivityHandle[Any]:
    """The next commands on their way."""
    request = contract.ChangePageRequest(name, workflow.now(), limit)
    return workflow.start_activity(
        contract.CHANGE_PAGE,
        to_data(request),
        start_to_close_timeout=PAGE,
        heartbeat_timeout=SILENCE,
        retry_policy=FOR_EVER,
        summary=words[:120],
    )


def answer_of(handle: workflow.ActivityHandle[Any]) -> contract.ChangePageAnswer:
    """What a page that has landed says."""
    found: contract.ChangePageAnswer = from_data(contract.ChangePageAnswer, handle.result())
    return found
