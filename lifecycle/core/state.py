"""What is true of one account: the left fold of its changes (design.md, State and time).

State is mutable and owned by its driver: `evolve` changes it in place, `copy_state` makes an independent one.
Deadlines are never stored as "seconds left": they are derived from absolute instants (`wakes_at`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from .values import Value


@dataclass(slots=True)
class Moved:
    """A change of stage that was not taken back; `ends` when it reached an end stage (T19, T20)."""

    at: datetime
    left: str | None
    entered: str | None
    ends: bool = False


@dataclass(slots=True)
class Cycle:
    """An archived cycle: its counts stay readable (R9). `seconds` are per stage, `total` overall."""

    number: int
    started_at: datetime
    ended_at: datetime
    end_stage: str
    seconds: dict[str, float]
    total: float


@dataclass(slots=True)
class Track:
    """One account's run through one lifecycle.

    `visit` numbers the present stay and is never reused; `last_visit` is the highest given out (R13).
    `seconds` are what finished visits of this cycle add up to per stage; `counting_since` is the present
    stage's clock start (entered minus those seconds; on an end stage the end of the cycle), so that days in
    the stage are `now - counting_since` (T10, R10).
    """

    lifecycle: str
    stage: str | None = None
    visit: int = 0
    last_visit: int = 0
    entered_at: datetime | None = None
    counting_since: datetime | None = None
    cycle: int = 0
    cycle_started_at: datetime | None = None
    ended_at: datetime | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    cycles: list[Cycle] = field(default_factory=list)
    first_entered: dict[str, datetime] = field(default_factory=dict)
    last_entered: dict[str, datetime] = field(default_factory=dict)
    moves: list[Moved] = field(default_factory=list)
    revision: int = 0
    held_seconds: float = 0.0
    late: bool = False
    stuck: bool = False
    done: list[str] = field(default_factory=list)
    """Automations that had their one turn in this visit (entry, after, at, CTA, `once a visit`, spent by undo)."""
    waiting: list[str] = field(default_factory=list)
    """Lines of the stage that are due but held, parked, out of turn or refused by their guard."""
    true: list[str] = field(default_factory=list)
    """`as soon as` lines of the stage whose condition has been seen true in this visit."""


@dataclass(slots=True)
class Cta:
    """An open call to action. `id` is derived from what opened it; `tasks` are those ticked off.

    `owner` is a role, a team or a person (as assigned); while snoozed it does not become overdue. `automation`
    is empty for one that a person opened (`opened_by`).
    """

    id: str
    title: str
    kind: str
    owner: str
    priority: str
    opened_at: datetime
    due: datetime | None
    lifecycle: str
    automation: str
    visit: int
    playbook: str | None = None
    close_on_leaving: bool = False
    tasks: list[str] = field(default_factory=list)
    overdue: bool = False
    snoozed_until: datetime | None = None
    opened_by: str = ""


@dataclass(slots=True)
class HoldState:
    """Automation paused by a person (R18)."""

    since: datetime
    until: datetime
    actor: str
    reason: str


@dataclass(slots=True)
class HeldEvent:
    """An event some of whose lines were held; it is tried once more for those when the hold ends.

    `key` is the event's key for the effects it sets off; empty for events the engine raised.
    """

    revision: int
    key: str
    type: str
    id: str
    source: str
    time: datetime
    data: dict[str, Value]
    automations: list[str]


@dataclass(slots=True)
class JoinFact:
    """One fact of an `all of` trigger, waiting for the others (V8). `which` is the event type."""

    value: str
    which: str
    at: datetime
    visit: int = 0


@dataclass(slots=True)
class Unit:
    """One input that can be undone, with what was true before it (R13).

    `tracks` and `fields` are the images from before (without moves and archived cycles, which only grow:
    `moves` and `archived` count those to take off); `after` the field values it left behind; `spent` maps
    lifecycle → the automations that moved it, to be spent on the restored visit. `turned` are the `as soon as` lines
    outside stages whose condition it turned, with whether that had been seen true; `waited` those of them that were
    made to wait or to rest, with whether they had waited.
    """

    revision: int
    at: datetime
    summary: str
    tracks: dict[str, Track] = field(default_factory=dict)
    fields: dict[str, Value] = field(default_factory=dict)
    after: dict[str, Value] = field(default_factory=dict)
    spent: dict[str, list[str]] = field(default_factory=dict)
    moves: dict[str, int] = field(default_factory=dict)
    archived: dict[str, int] = field(default_factory=dict)
    effects: list[str] = field(default_factory=list)
    ctas_opened: list[str] = field(default_factory=list)
    ctas_closed: list[Cta] = field(default_factory=list)
    adopted: int = 0
    turned: dict[str, bool] = field(default_factory=dict)
    waited: dict[str, bool] = field(default_factory=dict)
    setters: dict[str, str] = field(default_factory=dict)
    """The automation that set each of the fields last; none: a person or a file."""


@dataclass(slots=True)
class AccountState:
    """Everything the core knows of an account.

    `window` maps event key → the event's own time in seconds since 1970, oldest first; `window_floor` is the
    newest own time that was dropped from it (R20).
    """

    account: str
    created_at: datetime | None = None
    clock: datetime | None = None
    revision: int = 0
    fields: dict[str, Value] = field(default_factory=dict)
    tracks: dict[str, Track] = field(default_factory=dict)
    ctas: dict[str, Cta] = field(default_factory=dict)
    hold: HoldState | None = None
    held: list[HeldEvent] = field(default_factory=list)
    window: dict[str, float] = field(default_factory=dict)
    window_floor: float = 0.0
    duplicates: int = 0
    refused: int = 0
    facts: dict[str, list[JoinFact]] = field(default_factory=dict)
    marks: dict[str, datetime] = field(default_factory=dict)
    """When an automation with `at most` last acted."""
    dates: dict[str, str] = field(default_factory=dict)
    """The date value for which an `at` line last fired, by automation key."""
    true: list[str] = field(default_factory=list)
    """`as soon as` lines outside stages whose condition has been seen true."""
    waiting: list[str] = field(default_factory=list)
    """Lines outside stages that are due but held, parked or refused by their guard."""
    units: list[Unit] = field(default_factory=list)
    importing_since: datetime | None = None
    history_until: datetime | None = None
    lead: int = 0
    versions: dict[str, int] = field(default_factory=dict)
    pending: dict[str, int] = field(default_factory=dict)
    """Versions to be adopted at the lifecycle's next move, by lifecycle (R24)."""
    adopted: int = 0
    """How often a version was adopted; undo does not reach across (R13)."""
    chain: int = 0
    """Deadlines that the last input set off at its very instant, against endless cascades (R23)."""
    root: int = 0
    """The revision of the input that the last entry belongs to (R13)."""
    since: dict[str, int] = field(default_factory=dict)
    """The revision from which on the version of each lifecycle decides; none: from the first (R24)."""
    erased_at: datetime | None = None
    """When a person was erased last; undo does not reach across (N12)."""

    @property
    def is_cancelled(self) -> bool:
        """Whether days, time lines and mail to contacts sleep (R25)."""
        return self.fields.get("status") == "cancelled"
