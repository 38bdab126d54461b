"""Changes: what became true. Past tense, self-contained: `evolve` needs no definitions to apply them (N9).

Old changes stay readable for ever: new attributes come with defaults; a golden file per type proves it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from .inputs import Input
from .refusal import Refusal
from .state import Cta, HeldEvent, HoldState, JoinFact, Unit
from .values import Value


@dataclass(frozen=True, slots=True)
class InputTaken:
    """First change of an accepted input: moves the clock.

    `key` and `time` (seconds since 1970) are an event's, for the window; `chained` says that the input before
    set this deadline off at its own instant.
    """

    at: datetime
    key: str | None = None
    time: float = 0.0
    chained: bool = False


@dataclass(frozen=True, slots=True)
class DuplicateSeen:
    """The same event arrived again; only a counter changes (R20)."""


@dataclass(frozen=True, slots=True)
class AccountCreated:
    """The account exists from here on (R2) and runs these versions of its lifecycles."""

    at: datetime
    versions: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FieldSet:
    """A field got a value (None: lost it). `automation` is empty when a person or a file set it."""

    name: str
    value: Value
    before: Value = None
    automation: str = ""


@dataclass(frozen=True, slots=True)
class StageEntered:
    """A move. `entered` None means the value was removed (T14).

    `cycle` is the number after the move; `restart` begins a cycle at `at` with all counts zero (T13, T14,
    R25); `back` zeroes the days of the stage entered (T15, R11); `ends` reaches an end stage from one that
    is none and archives the cycle (R9). `kind`: automation, person or reactivation.
    """

    lifecycle: str
    left: str | None
    entered: str | None
    at: datetime
    visit: int
    cycle: int
    version: int
    kind: str = "automation"
    automation: str = ""
    actor: str = ""
    reason: str = ""
    restart: bool = False
    back: bool = False
    ends: bool = False
    from_end: bool = False
    to_end: bool = False
    historic: bool = False


@dataclass(frozen=True, slots=True)
class TurnTaken:
    """An automation had its one turn: in this visit (`lifecycle` set), or for a date value (`date` set)."""

    automation: str
    lifecycle: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class LineWaits:
    """A due line stays due: its guard said no, it is held, or it is parked (`why`; R15, R18, R23)."""

    automation: str
    why: str
    lifecycle: str = ""


@dataclass(frozen=True, slots=True)
class LineRests:
    """A line no longer waits."""

    automation: str
    lifecycle: str = ""


@dataclass(frozen=True, slots=True)
class TurnedTrue:
    """The condition of an `as soon as` line was seen to turn true (or false again, `holds` False)."""

    automation: str
    holds: bool
    lifecycle: str = ""


@dataclass(frozen=True, slots=True)
class BecameLate:
    """Past `expected` (R19)."""

    lifecycle: str


@dataclass(frozen=True, slots=True)
class BecameStuck:
    """Past `stuck after` (R19)."""

    lifecycle: str


@dataclass(frozen=True, slots=True)
class FactNoted:
    """A fact of an `all of` trigger waits for the others (V8)."""

    automation: str
    fact: JoinFact


@dataclass(frozen=True, slots=True)
class FactsDropped:
    """Facts of a join value are used up, too old, or over the limit of fifty (V8).

    With `before`, only those noted before that instant.
    """

    automation: str
    values: list[str]
    why: str
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Marked:
    """An `at most` automation acted (R22). Never restored by undo."""

    automation: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MailDue:
    """An e-mail is due. `id` is deterministic: once per automation and visit, or per event (R22).

    `to` are roles and teams; who that is and what it says is decided when it is sent.
    """

    id: str
    automation: str
    lifecycle: str
    visit: int
    template: str
    to: tuple[str, ...]
    event: dict[str, Value] = field(default_factory=dict)
    stage: str | None = None


@dataclass(frozen=True, slots=True)
class WebhookDue:
    """A call to a target is due (V4)."""

    id: str
    automation: str
    lifecycle: str
    visit: int
    name: str
    target: str
    data: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EffectShadowed:
    """What a shadow automation would have done (N11); `what` says it.

    `kind` is `move` (of `lifecycle` to `stage`), `mail` (`name`: its template), `cta` (its kind, its title in
    `value`), `webhook` (its name, its target in `value`) or `field` (its name, what it would hold in `value`).
    """

    automation: str
    what: str
    kind: str = ""
    name: str = ""
    lifecycle: str = ""
    stage: str | None = None
    value: Value = None


@dataclass(frozen=True, slots=True)
class CtaOpened:
    """A CTA was opened (G11)."""

    cta: Cta


@dataclass(frozen=True, slots=True)
class CtaClosed:
    """A CTA was closed: by a person, by leaving its stage, or withdrawn by undo."""

    id: str
    outcome: str
    at: datetime
    actor: str = ""


@dataclass(frozen=True, slots=True)
class CtaBecameOverdue:
    """A CTA passed its due instant."""

    id: str


@dataclass(frozen=True, slots=True)
class CtaSnoozed:
    """A CTA was put aside until an instant, or woken (`until` None)."""

    id: str
    until: datetime | None
    at: datetime
    actor: str = ""


@dataclass(frozen=True, slots=True)
class CtaAssigned:
    """A CTA got another owner."""

    id: str
    owner: str
    before: str
    at: datetime
    actor: str = ""


@dataclass(frozen=True, slots=True)
class TaskDone:
    """A task of a CTA's playbook was ticked off (G7)."""

    cta: str
    task: str
    at: datetime
    actor: str = ""


@dataclass(frozen=True, slots=True)
class EventHeld:
    """Lines of an event were held; the event is kept to be tried once more (R18).

    Where no room is left, the held event at the place `drops` makes it: the oldest, unless only shadows wait for it.
    """

    event: HeldEvent
    drops: int = 0


@dataclass(frozen=True, slots=True)
class HoldStarted:
    """Automation is paused (R18)."""

    hold: HoldState


@dataclass(frozen=True, slots=True)
class HoldEnded:
    """Automation runs again; `seconds` is how long it was paused."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Undone:
    """A unit was taken back (R13). Field names whose later value was kept are in `kept`."""

    unit: Unit
    at: datetime
    actor: str
    reason: str
    kept: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class UnitOpened:
    """From here on this input can be undone; carries the images from before it."""

    unit: Unit


@dataclass(frozen=True, slots=True)
class Adopted:
    """The account runs another version of a lifecycle, or will from its next move on (`pending`; R24).

    Pending, the version that runs means: none waits any more. `mapping` names the stages that have another id in
    it; None removes the value. `by_move`: the move at hand adopts it, which the version before decided. Of the
    automations in `anew` it is forgotten that they were due: the version works that out itself.
    """

    lifecycle: str
    version: int
    pending: bool = False
    mapping: dict[str, str | None] = field(default_factory=dict)
    by_move: bool = False
    anew: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class HistoryBegan:
    """The import door began to send the past (R21)."""

    at: datetime


@dataclass(frozen=True, slots=True)
class HistoryEnded:
    """The account is live; everything due up to `until` is past (R21)."""

    until: datetime


@dataclass(frozen=True, slots=True)
class LeadSet:
    """How far this account's clock leads the wall clock, in seconds."""

    seconds: int


@dataclass(frozen=True, slots=True)
class MessageRefused:
    """An input was refused; only a counter changes."""


@dataclass(frozen=True, slots=True)
class PersonErased:
    """A person's data is gone, under these names and wherever else it stood (N12). Undo does not reach across."""

    names: list[str]
    at: datetime
    actor: str = ""


Change = (
    InputTaken
    | DuplicateSeen
    | AccountCreated
    | FieldSet
    | StageEntered
    | TurnTaken
    | LineWaits
    | LineRests
    | TurnedTrue
    | BecameLate
    | BecameStuck
    | FactNoted
    | FactsDropped
    | Marked
    | MailDue
    | WebhookDue
    | EffectShadowed
    | CtaOpened
    | CtaClosed
    | CtaBecameOverdue
    | CtaSnoozed
    | CtaAssigned
    | TaskDone
    | EventHeld
    | HoldStarted
    | HoldEnded
    | Undone
    | UnitOpened
    | Adopted
    | HistoryBegan
    | HistoryEnded
    | LeadSet
    | PersonErased
    | MessageRefused
)


@dataclass(frozen=True, slots=True)
class Note:
    """A non-change and its reason (N3): `duplicate`, `would_move_back`, `held`, `parked`, `guard`, …

    `deciding` lists the sentences of a guard with the values that decided.
    """

    code: str
    text: str
    automation: str = ""
    deciding: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the journal: an input, the instant it was applied, what it changed and what it did not.

    `root` is the revision of the input this one belongs to (its own, unless it is a chained deadline).
    `rules` is the number of the rules that decided; `versions` those of the lifecycles that ran.
    """

    revision: int
    at: datetime
    input: Input
    changes: list[Change]
    notes: list[Note] = field(default_factory=list)
    root: int = 0
    rules: int = 1
    refused: Refusal | None = None
    historic: bool = False
