"""What a campaign's run is started with: the plan, and what the run before it left behind.

Read leniently, as an account's: anybody may start a workflow with any input.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from lifecycle.contract import CampaignPlan
from lifecycle.core.codec import Data, from_data
from lifecycle.core.refusal import Refusal

from .carried import FEWEST_EVENTS, Refused

RUN_EVENTS = 2_000
"""Some 250 mails: a run is replayed from its beginning after a worker's restart, and that takes half a second."""
MOST_AN_HOUR = 1_000_000


@dataclass(slots=True)
class Start:
    """The input of a run.

    `cursor` is the last account whose mail was made, `next_at` when the pace lets the next mail go.
    """

    plan: CampaignPlan | None = None
    cursor: str = ""
    has_more: bool = True
    next_at: datetime | None = None
    refused: list[Refused] = field(default_factory=list)
    events: int = RUN_EVENTS


def read_start(data: Data, name: str, is_continued: bool) -> Start:
    """A run's input. The workflow's id says which campaign it is; what cannot be read is as if not given."""
    try:
        start: Start = from_data(Start, data) if isinstance(data, dict) else Start()
    except (KeyError, TypeError, ValueError, AttributeError):
        start = Start()
    if not is_continued:
        start = Start(start.plan, events=start.events)
    start.events = max(start.events, FEWEST_EVENTS) if type(start.events) is int else RUN_EVENTS
    if start.plan is not None:
        start.plan = _sensible(start.plan, name)
    return start


def _sensible(plan: CampaignPlan, name: str) -> CampaignPlan | None:
    texts = (plan.segment, plan.said, plan.template, plan.actor, *plan.roles)
    is_whole = all(isinstance(one, str) for one in texts) and isinstance(plan.audience, dict)
    if plan.name != name or not is_whole or not plan.roles:
        return None
    try:
        read_pace(plan.per_hour)
    except Refusal:
        return None
    return plan


def read_pace(raw: object) -> int | None:
    """Mails an hour; None is as fast as it goes. Raises `Refusal`."""
    if raw is None:
        return None
    if not isinstance(raw, int) or isinstance(raw, bool) or not 1 <= raw <= MOST_AN_HOUR:
        said = f"A pace is a whole number of mails an hour, 1 to {MOST_AN_HOUR:,}, or null."
        raise Refusal("bad_pace", said, "Such as 200.", "per_hour")
    return raw
