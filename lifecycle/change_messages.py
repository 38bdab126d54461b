"""What the workflow of a change-set, its activities and its clients tell each other: part of the `contract`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class ChangeProgress:
    """A change-set as it is recorded: where it stands, and how many commands have which status.

    `back`: what was done is being taken back, or was. `left` commands may go by the present `share`; the others wait
    for a larger one. `said` is the last order.
    """

    name: str
    title: str
    status: str
    back: bool = False
    per_minute: int | None = None
    share: int = 100
    total: int = 0
    left: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    said: str = ""


@dataclass(slots=True)
class ChangeOrder:
    """What a person wants of a change-set; `per_minute` and `share` are meant by the orders that set them.

    The same `id` again was carried out before.
    """

    name: str
    order: str
    now: datetime
    actor: str
    reason: str = ""
    per_minute: int | None = None
    share: int | None = None
    id: str = ""


@dataclass(slots=True)
class ChangePageRequest:
    """Asks that the next commands are carried out, at most `limit`."""

    name: str
    now: datetime
    limit: int


@dataclass(slots=True)
class ChangePageAnswer:
    """How many commands were carried out, and where the change-set stands then."""

    taken: int
    progress: ChangeProgress
