"""What a run is started with: an account, and what the run before it left behind.

Read leniently: anybody may start a workflow with any input, and a payload of an older release stays readable.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from lifecycle.core.codec import Data, from_data
from lifecycle.core.inputs import Input
from lifecycle.core.state import AccountState

RUN_EVENTS = 600
"""Measured: replaying 600 history events takes a sixth of a second, and an account that is in no worker's cache
is replayed from its run's beginning at its next event. Sixty isolated events make a run."""
RUN_SIGNALS = 500
FEWEST_EVENTS = 50
LATE_SECONDS = 60
"""A worker that runs carries out a deadline within seconds. One that is later may have been missed in an outage."""


@dataclass(slots=True)
class Bounds:
    """How long a run may get; and how many seconds late a deadline is when it asks for its turn (`turn`)."""

    events: int = RUN_EVENTS
    signals: int = RUN_SIGNALS
    late: int = LATE_SECONDS


@dataclass(slots=True)
class Refused:
    """A message that was refused, for people who look at the workflow."""

    at: str
    door: str
    reason: str


@dataclass(slots=True)
class Start:
    """The input of a run.

    `deliveries` maps each open delivery to when it was first tried, `why` each lifecycle to what moved
    the account to where it stands.
    """

    account: str = ""
    state: AccountState | None = None
    book: Data = None
    waiting: list[Input] = field(default_factory=list)
    deliveries: dict[str, datetime] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    why: dict[str, str] = field(default_factory=dict)
    bounds: Bounds = field(default_factory=Bounds)


def read_start(data: Data, workflow_id: str, is_continued: bool) -> Start:
    """A run's input. The workflow's id says which account it is; what cannot be read is as if not given.

    Only a run that continues another is believed what it carries: a person may start one with anything.
    """
    account = workflow_id.removeprefix("account/")
    try:
        start: Start = from_data(Start, data) if isinstance(data, dict) else Start()
    except (KeyError, TypeError, ValueError, AttributeError):
        start = Start()
    if not is_continued:
        start = Start(bounds=start.bounds)
    start.account, start.bounds = account, _sensible(start.bounds)
    return start


def _sensible(bounds: Bounds) -> Bounds:
    """A run that could do no work before it ends would never do any."""
    if {type(bounds.events), type(bounds.signals), type(bounds.late)} != {int}:
        return Bounds()
    events, signals = max(bounds.events, FEWEST_EVENTS), max(bounds.signals, 1)
    return Bounds(events, signals, max(bounds.late, 1))
