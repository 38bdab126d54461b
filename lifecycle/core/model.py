"""The book: everything CS ops define, as checked, immutable data (design.md, Definitions).

The reader (`lifecycle.definition`) makes these objects from YAML; the codec writes them as JSON into workflow
state and the database; `decide` reads nothing else about the rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import time
from enum import StrEnum

from .conditions import Condition
from .durations import Calendar, Duration
from .scorecard import Scorecard
from .values import Kind, Value

RULES = 1
"""The number of the rules: raised whenever `decide` would answer the same input differently (N9)."""

COLOURS = (
    "grey",
    "blue",
    "teal",
    "green",
    "dark green",
    "yellow",
    "orange",
    "red",
    "purple",
    "pink",
)

ENGINE_EVENTS: dict[str, dict[str, Kind]] = {
    "account.created": {},
    "stage.late": {"lifecycle": Kind.TEXT, "stage": Kind.TEXT},
    "stage.stuck": {"lifecycle": Kind.TEXT, "stage": Kind.TEXT},
    "cta.opened": {"cta": Kind.TEXT, "kind": Kind.TEXT, "playbook": Kind.TEXT},
    "cta.overdue": {"cta": Kind.TEXT, "kind": Kind.TEXT, "playbook": Kind.TEXT},
    "cta.closed": {
        "cta": Kind.TEXT,
        "kind": Kind.TEXT,
        "playbook": Kind.TEXT,
        "outcome": Kind.TEXT,
    },
    "task.done": {"cta": Kind.TEXT, "task": Kind.TEXT, "playbook": Kind.TEXT},
    "playbook.finished": {"cta": Kind.TEXT, "playbook": Kind.TEXT},
    "hold.ended": {},
}
"""Events the engine raises itself, with their data. No door accepts them."""

PAST_MOVE = "stage.set"
"""What an import reports of a stage that a person set in the past (R21, V9). Historic only; nobody may declare it."""

PARKED_MAIL = "automation_parked"
"""The template that tells a definition's owner of a parked automation (R15)."""

EVENT_HEADER: dict[str, Kind] = {
    "id": Kind.TEXT,
    "type": Kind.TEXT,
    "source": Kind.TEXT,
    "time": Kind.DATE,
}
"""What every event carries beside its data: `event.id`, `event.type`, `event.source`, `event.time`."""


PRIORITIES = ("low", "normal", "high")
"""How urgent a CTA is."""


# ── account.yaml


@dataclass(frozen=True, slots=True)
class FieldDef:
    """A field of the account. `options` are a picklist's; `minimum`/`maximum` bound whole numbers."""

    id: str
    label: str
    kind: Kind
    options: tuple[str, ...] = ()
    default: Value = None
    currency: str | None = None
    minimum: int | None = None
    maximum: int | None = None
    personal: bool = False
    written_by: str | None = None


@dataclass(frozen=True, slots=True)
class Role:
    """Who is meant by `csm`, `owner`, `contact`: the fields that hold name and address, and a stand-in team."""

    id: str
    name: str | None
    email: str | None
    otherwise: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the account page and its visibility rule (L15–L17, R7). Names may be fields or lifecycles."""

    title: str
    show_when: Condition | None = None
    fields: tuple[str, ...] = ()
    timestamps_of: str | None = None
    days_in: str | None = None


@dataclass(frozen=True, slots=True)
class AccountModel:
    """Fields by id, roles by id, sections in the order of the page."""

    fields: dict[str, FieldDef] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    page: tuple[Section, ...] = ()


# ── events.yaml, directory.yaml, playbooks.yaml


@dataclass(frozen=True, slots=True)
class EventType:
    """An event services may report. `keep_latest`: waiting ones of this type may be coalesced to the newest.

    `label` says what happened as a clause, for plain words: `an opportunity is closed won`. `personal` are
    the data that say something about a person.
    """

    id: str
    data: dict[str, Kind] = field(default_factory=dict)
    creates_account: bool = False
    keep_latest: bool = False
    label: str = ""
    personal: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Team:
    """An address that belongs to no account."""

    id: str
    label: str
    email: str


@dataclass(frozen=True, slots=True)
class ContactRules:
    """What holds for all mail to contacts, an automation's or a campaign's.

    Quiet hours are local times of the account's zone (`quiet_from` may be later than `quiet_until`: over
    midnight); mail waits until they end. At most `most` mails `within` a time to one address; more are skipped.
    """

    quiet_from: time | None = None
    quiet_until: time | None = None
    most: int | None = None
    within: Duration | None = None


@dataclass(frozen=True, slots=True)
class Directory:
    """Teams and webhook targets by id (target id → label), the business calendar with its holidays pinned,
    and the rules for mail to contacts."""

    teams: dict[str, Team] = field(default_factory=dict)
    targets: dict[str, str] = field(default_factory=dict)
    calendar: Calendar = field(default_factory=Calendar)
    contact_rules: ContactRules = field(default_factory=ContactRules)


@dataclass(frozen=True, slots=True)
class TaskDef:
    """A task of a playbook; `due` counts from the day the CTA was opened."""

    id: str
    title: str
    due: Duration | None = None
    owner: str | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Playbook:
    """A list of tasks a CTA carries (G12)."""

    id: str
    title: str
    goal: str = ""
    tasks: tuple[TaskDef, ...] = ()


# ── segments.yaml


@dataclass(frozen=True, slots=True)
class Segment:
    """A saved segment: the accounts for which `where` holds (T16)."""

    id: str
    title: str
    where: Condition
    description: str = ""


# ── triggers


@dataclass(frozen=True, slots=True)
class EventMatch:
    """One event type with its own condition (`{event: usage.reported, if: …}`)."""

    event: str
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class OnEvent:
    """`when: event` and `when: {any of: […]}`."""

    any_of: tuple[EventMatch, ...]


@dataclass(frozen=True, slots=True)
class OnAll:
    """`when: {all of: […], same: order_id, within: 90 days}` (V8)."""

    all_of: tuple[EventMatch, ...]
    same: str | None = None
    within: Duration | None = None


@dataclass(frozen=True, slots=True)
class After:
    """`after: 7 days` in the visit; held time is added (R19)."""

    duration: Duration


@dataclass(frozen=True, slots=True)
class At:
    """`at: 90 days before renewal_date`; `offset` is signed."""

    field: str
    offset: Duration | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    """`entered: lifecycle.stage`, with `from:`."""

    lifecycle: str
    stage: str
    left: str | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """`left: lifecycle.stage`, with `towards:`."""

    lifecycle: str
    stage: str
    towards: str | None = None


@dataclass(frozen=True, slots=True)
class FieldChanged:
    """`changed: field`."""

    field: str


@dataclass(frozen=True, slots=True)
class AsSoonAs:
    """`as soon as: <condition>`: fires when it turns true, by a change or by time passing.

    `enters segment: s` is the same of `in segment s`; `leaves segment: s` fires when that turns false again
    (`turns_false`), so never for an account that was not in it.
    """

    condition: Condition
    turns_false: bool = False


@dataclass(frozen=True, slots=True)
class OnEntry:
    """No trigger in a stage's `do`: on entering, whatever caused the entry."""


Trigger = OnEvent | OnAll | After | At | Entered | Left | FieldChanged | AsSoonAs | OnEntry


# ── actions


@dataclass(frozen=True, slots=True)
class Email:
    """`email: template` / `to: roles or teams`."""

    template: str
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenCta:
    """`cta: title` with kind, owner, priority, due, playbook, `on leaving: close|keep`."""

    title: str
    kind: str = "task"
    owner: str = "csm"
    priority: str = "normal"
    due: Duration | None = None
    playbook: str | None = None
    close_on_leaving: bool = False


@dataclass(frozen=True, slots=True)
class FromEvent:
    """`event.csm` as a value to set."""

    name: str


@dataclass(frozen=True, slots=True)
class SetFields:
    """`set: {field: literal | event.field | None}`."""

    values: dict[str, FromEvent | Value]


@dataclass(frozen=True, slots=True)
class Webhook:
    """`webhook: name` / `to: target` / `data: {…}` (V4)."""

    name: str
    target: str
    data: dict[str, FromEvent | Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SetStage:
    """`set stage: lifecycle.stage` as an action (V13); stage None clears."""

    lifecycle: str
    stage: str | None


Action = Email | OpenCta | SetFields | Webhook | SetStage


# ── lifecycles


class Place(StrEnum):
    """Where an automation stands in its lifecycle."""

    START = "start"
    MOVE = "move"
    ANY_STAGE = "from any stage"
    ANYWHERE = "from anywhere"
    DO = "do"
    ALSO = "also"


@dataclass(frozen=True, slots=True)
class AtMost:
    """`at most: once a day` (a duration) or `once a visit` (None)."""

    every: Duration | None = None


@dataclass(frozen=True, slots=True)
class Automation:
    """One line of a lifecycle. `to` is set for moves, `actions` for all others; `stage` for `move` and `do`.

    `key` is `lifecycle.name`, unique in the book. `text` is the line's file and row, for messages.
    """

    name: str
    lifecycle: str
    place: Place
    trigger: Trigger
    stage: str | None = None
    guard: Condition | None = None
    at_most: AtMost | None = None
    to: str | None = None
    actions: tuple[Action, ...] = ()
    published: bool = True
    shadow: bool = False
    key: str = field(init=False, repr=False, compare=False)
    """The name that is unique in the book; made once, because it is asked for all the time."""

    def __post_init__(self) -> None:
        """Make the key."""
        object.__setattr__(self, "key", f"{self.lifecycle}.{self.name}")


@dataclass(frozen=True, slots=True)
class Stage:
    """A named phase. `expected` and `stuck_after` measure days in the cycle (R10, R19)."""

    id: str
    label: str
    colour: str = "grey"
    description: str = ""
    expected: Duration | None = None
    stuck_after: Duration | None = None
    end: bool = False
    churn: bool = False
    disabled: bool = False
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """A definition: ordered stages and automations in the order of the file.

    `migration` maps a stage of the version before to one of this (R24); a stage not named keeps its id.
    """

    id: str
    title: str
    version: int
    stages: tuple[Stage, ...]
    automations: tuple[Automation, ...] = ()
    description: str = ""
    kind: str = "status"
    flow: str | None = None
    owner: str | None = None
    migration: dict[str, str | None] = field(default_factory=dict)

    def stage(self, stage_id: str | None) -> Stage | None:
        """The stage of that id, or None."""
        return next((stage for stage in self.stages if stage.id == stage_id), None)

    def position(self, stage_id: str | None) -> int:
        """The place of a stage in the order; -1 for None."""
        return next((i for i, stage in enumerate(self.stages) if stage.id == stage_id), -1)


@dataclass(frozen=True)
class Book:
    """The definitions an account runs under. `lifecycles` are sorted by id (R23).

    `pending` holds versions that are adopted at their lifecycle's next move (R24).
    """

    account: AccountModel
    events: dict[str, EventType]
    directory: Directory
    playbooks: dict[str, Playbook]
    lifecycles: dict[str, Lifecycle]
    pending: dict[str, Lifecycle] = field(default_factory=dict)
    segments: dict[str, Segment] = field(default_factory=dict)
    scorecards: dict[str, Scorecard] = field(default_factory=dict)

    def adopting(self, lifecycle_id: str) -> Book:
        """The book in which a pending version runs. Made once: accounts that adopt share it (and its index)."""
        made: dict[str, Book] = self.__dict__.setdefault("_adopting", {})
        if lifecycle_id not in made:
            running = {**self.lifecycles, lifecycle_id: self.pending[lifecycle_id]}
            waiting = {key: other for key, other in self.pending.items() if key != lifecycle_id}
            made[lifecycle_id] = replace(
                self, lifecycles=dict(sorted(running.items())), pending=waiting
            )
        return made[lifecycle_id]
