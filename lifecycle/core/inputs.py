"""Inputs: what may happen to an account. Commands are imperative; an event is a fact a service reports."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from .durations import Duration
from .values import Value


@dataclass(frozen=True, slots=True)
class Event:
    """A CloudEvents fact. `time` is its own time, `received` the account's when it arrived (both UTC).

    `data` is raw JSON; decide reads the declared fields by their kinds and drops the others.
    `seen_before`: the journal was asked because the event is older than the window reaches (R20).
    `historic` is set by the import door only (R21).
    """

    id: str
    source: str
    type: str
    time: datetime
    received: datetime
    data: dict[str, Value] = field(default_factory=dict)
    historic: bool = False
    seen_before: bool = False


@dataclass(frozen=True, slots=True)
class CreateAccount:
    """`account.created`: the first input of an account (R2), applied at the instant of the first event.

    `actor` is the person who started it by hand, if anybody did.
    """

    at: datetime
    fields: dict[str, Value] = field(default_factory=dict)
    historic: bool = False
    actor: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class SetStage:
    """A person sets a stage; `stage` None clears it (V9, T14). `revision` is what the person had seen (R18)."""

    at: datetime
    actor: str
    reason: str
    lifecycle: str
    stage: str | None
    revision: int | None = None
    anyway: bool = False
    id: str = ""


@dataclass(frozen=True, slots=True)
class Undo:
    """Take the newest undoable input back with all it caused (R13). `unit` names it by revision, when given."""

    at: datetime
    actor: str
    reason: str = ""
    unit: int | None = None
    id: str = ""


@dataclass(frozen=True, slots=True)
class Hold:
    """Pause automation until an instant (R18)."""

    at: datetime
    actor: str
    until: datetime
    reason: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """End a hold now."""

    at: datetime
    actor: str
    reason: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class SetFields:
    """Set account fields. Raw values, read by the fields' kinds; None clears. `historic` for imports."""

    at: datetime
    actor: str
    fields: dict[str, Value]
    reason: str = ""
    historic: bool = False
    id: str = ""


@dataclass(frozen=True, slots=True)
class CloseCta:
    """Close an open CTA with an outcome."""

    at: datetime
    actor: str
    cta: str
    outcome: str = "done"
    id: str = ""


@dataclass(frozen=True, slots=True)
class DoTask:
    """Tick a task of an open CTA's playbook off (G7)."""

    at: datetime
    actor: str
    cta: str
    task: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class OpenCta:
    """A person opens a CTA (G11). Due at an instant (`due`), or a time from now (`within`), or neither.

    With `lifecycle` it belongs to the present visit there, and closes with it when `close_on_leaving`.
    """

    at: datetime
    actor: str
    title: str
    kind: str = "task"
    owner: str = "csm"
    priority: str = "normal"
    due: datetime | None = None
    within: Duration | None = None
    playbook: str | None = None
    lifecycle: str = ""
    close_on_leaving: bool = False
    id: str = ""


@dataclass(frozen=True, slots=True)
class SnoozeCta:
    """Put an open CTA aside until an instant; None wakes it now."""

    at: datetime
    actor: str
    cta: str
    until: datetime | None
    id: str = ""


@dataclass(frozen=True, slots=True)
class AssignCta:
    """Give an open CTA to another owner: a role, a team, or a person by name or address."""

    at: datetime
    actor: str
    cta: str
    owner: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Erase:
    """Erase a person: these fields lose their values, and what is kept of events the data under these names (N12).

    It holds names, never values.
    """

    at: datetime
    actor: str
    names: list[str]
    reason: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A deadline fell due. `what` names it: an automation's key, `late`, `stuck`, `hold`, `cta`, `history`."""

    at: datetime
    what: str


@dataclass(frozen=True, slots=True)
class EndHistory:
    """The import is done: everything due up to `until` is past (R21)."""

    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Adopt:
    """Publishing hands over a new book (R24).

    `policies` maps lifecycle → `now` or `next move`; the driver decides with the new book in hand.
    """

    at: datetime
    actor: str
    book: str
    policies: dict[str, str] = field(default_factory=dict)
    id: str = ""


@dataclass(frozen=True, slots=True)
class GoBack(Adopt):
    """Publishing brings earlier versions back (R24): who runs a version that is `left` runs the book's from here on.

    `left` maps lifecycle → the version that is taken back. What its automations did, and the one brought back would
    not have done, is undone first.
    """

    left: dict[str, int] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SetLead:
    """The embedded stack's fast-forward moved this account's clock ahead of the wall clock by `seconds`."""

    at: datetime
    seconds: int


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message that could not be read, or that the database refused: kept as text with the reason."""

    at: datetime
    door: str
    reason: str
    excerpt: str = ""


CtaCommand = OpenCta | CloseCta | SnoozeCta | AssignCta | DoTask
Command = SetStage | Undo | Hold | Release | SetFields | CtaCommand | Erase
Input = (
    Event | CreateAccount | Command | Deadline | EndHistory | Adopt | GoBack | SetLead | Unreadable
)
