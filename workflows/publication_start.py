"""What a run of a publication is started with, and the orders it takes; read leniently: anybody may send anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from lifecycle import contract, messages
from lifecycle.core.codec import Data, from_data

from .carried import FEWEST_EVENTS, RUN_EVENTS, Refused


@dataclass(slots=True)
class Start:
    """The input of a run: when the accounts were looked at last, and what the run before refused."""

    looked_at: datetime | None = None
    refused: list[Refused] = field(default_factory=list)
    events: int = RUN_EVENTS


def read_start(data: Data, is_continued: bool) -> Start:
    """A run's input; what cannot be read is as if not given. Only a run that continues another is believed."""
    try:
        start: Start = from_data(Start, data) if isinstance(data, dict) else Start()
    except (KeyError, TypeError, ValueError, AttributeError):
        start = Start()
    if not is_continued:
        start = Start(events=start.events)
    start.events = max(start.events, FEWEST_EVENTS) if type(start.events) is int else RUN_EVENTS
    return start


def read_order(name: str, order: str, data: Data, now: datetime) -> contract.PublicationOrder:
    """`{"actor": …, "reason": …}`. Raises `Refusal`."""
    command = messages.read_campaign_command(data)
    return contract.PublicationOrder(name, order, now, command.actor, command.reason)
