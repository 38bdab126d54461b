"""Kept messages once more, one or all: for operators at any door."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from lifecycle.store.engine import Store
from lifecycle.store.hook_arrivals import WantedArrivals, arrival, arrivals, ended_already
from lifecycle.store.hook_tables import ArrivalStatus, HookArrivalRow

from .intake import Intake, Tried

AT_ONCE: Final = 200


async def one_again(intake: Intake, number: int, actor: str, now: datetime) -> Tried:
    """One message. Raises `Refusal` `unknown_arrival` or `already_ended`, and as `Intake.retry`."""
    row = await arrival(intake.store, number)
    if row.status is not ArrivalStatus.KEPT:
        raise ended_already(row)
    [tried] = await intake.retry([row], actor, now)
    return tried


async def all_again(
    intake: Intake, wanted: WantedArrivals, actor: str, now: datetime
) -> list[Tried]:
    """All that are wanted, each once. Raises as `Intake.retry`."""
    tried: list[Tried] = []
    async for rows in _pages(intake.store, replace(wanted, limit=AT_ONCE)):
        tried += await intake.retry(rows, actor, now)
    return tried


async def _pages(store: Store, wanted: WantedArrivals) -> AsyncIterator[list[HookArrivalRow]]:
    while rows := await arrivals(store, wanted):
        yield rows
        wanted = replace(wanted, after=rows[-1].id or 0)
