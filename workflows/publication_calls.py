"""Calls of a publication to its activities, each with its own patience."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio import workflow

from lifecycle import contract
from lifecycle.core.codec import Data, from_data, to_data

from .calls import FOR_EVER, QUICK

LOOK = timedelta(minutes=30)
SILENCE = timedelta(seconds=15)
"""Whoever looks and says nothing for so long is gone: another takes it over."""


async def open_publication(name: str) -> contract.PublicationProgress:
    """Where it stands. Raises `ActivityError` when there is none of that name."""
    words = "the publication as it is recorded"
    return progress_from(await _ask(contract.OPEN_PUBLICATION, name, words))


async def look(name: str, with_accounts: bool, words: str) -> contract.PublicationProgress:
    """Bring about what it asks for, and see how far it is."""
    request = contract.PublicationLook(name, workflow.now(), with_accounts)
    answer = await workflow.execute_activity(
        contract.LOOK_AT_PUBLICATION,
        to_data(request),
        start_to_close_timeout=LOOK,
        heartbeat_timeout=SILENCE,
        retry_policy=FOR_EVER,
        summary=words,
    )
    return progress_from(answer)


async def order(wanted: contract.PublicationOrder) -> contract.PublicationProgress:
    """Keep what is wanted. Raises `ActivityError` when it makes no sense any more."""
    said = f"{wanted.order} by {wanted.actor}"[:120]
    return progress_from(await _ask(contract.ORDER_PUBLICATION, to_data(wanted), said))


async def _ask(name: str, argument: Data, words: str) -> Any:
    return await workflow.execute_activity(
        name, argument, start_to_close_timeout=QUICK, retry_policy=FOR_EVER, summary=words
    )


def progress_from(data: Data) -> contract.PublicationProgress:
    """An activity's answer."""
    found: contract.PublicationProgress = from_data(contract.PublicationProgress, data)
    return found
