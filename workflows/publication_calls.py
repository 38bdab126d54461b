"""Calls of a publication to its activities, each with its own patience."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio import workflow

from lifecycle import contract
from lifecycle.core.codec import Data, from_data, to_data

from .calls import FOR_EVER, QUICK

LOOK = timedelta(minutes=30)


async def open_publication(name: str) -> contract.PublicationProgress:
    """Where it stands. Raises `ActivityError` when there is none of that name."""
    words = "the publication as it is recorded"
    return progress_from(await _ask(contract.OPEN_PUBLICATION, name, words, QUICK))


async def look(name: str, with_accounts: bool, words: str) -> contract.PublicationProgress:
    """Bring about what it asks for, and see how far it is."""
    request = contract.PublicationLook(name, workflow.now(), with_accounts)
    return progress_from(await _ask(contract.LOOK_AT_PUBLICATION, to_data(request), words, LOOK))


async def order(wanted: contract.PublicationOrder) -> contract.PublicationProgress:
    """Keep what is wanted. Raises `ActivityError` when it makes no sense any more."""
    said = f"{wanted.order} by {wanted.actor}"[:120]
    return progress_from(await _ask(contract.ORDER_PUBLICATION, to_data(wanted), said, QUICK))


async def _ask(name: str, argument: Data, words: str, patience: timedelta) -> Any:
    return await workflow.execute_activity(
        name, argument, start_to_close_timeout=patience, retry_policy=FOR_EVER, summary=words
    )


def progress_from(data: Data) -> contract.PublicationProgress:
    """An activity's answer."""
    found: contract.PublicationProgress = from_data(contract.PublicationProgress, data)
    return found
