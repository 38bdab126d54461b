"""Names and messages that the account workflow and its clients share (temporal.md, Messages).

Every message is one JSON object (or, for `record_events`, a list of them), so that any SDK, the `temporal` CLI
and the Temporal UI can send it. The workflow reads them leniently and records what it refuses.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from .change_messages import ChangeOrder as ChangeOrder
from .change_messages import ChangePageAnswer as ChangePageAnswer
from .change_messages import ChangePageRequest as ChangePageRequest
from .change_messages import ChangeProgress as ChangeProgress
from .core.changes import Entry
from .core.codec import Data
from .core.state import AccountState

WORKFLOW = "AccountLifecycle"
TASK_QUEUE = "lifecycle"


def workflow_id(account: str) -> str:
    """The Temporal workflow id of an account."""
    return f"account/{account}"


CAMPAIGN_WORKFLOW = "Campaign"


def campaign_id(name: str) -> str:
    """The Temporal workflow id of a campaign."""
    return f"campaign/{name}"


CHANGE_WORKFLOW = "ChangeSet"


def change_set_id(name: str) -> str:
    """The Temporal workflow id of a change-set; also the beginning of the ids of its commands."""
    return f"change-set/{name}"


CATCH_UP_WORKFLOW = "CatchUp"


def catch_up_id(task_queue: str) -> str:
    """The Temporal workflow id of whoever gives accounts their turns after an outage: one for all of a task queue."""
    return f"catch-up/{task_queue}"


ERASURE_WORKFLOW = "Erasure"


def erasure_id(erasure: str) -> str:
    """The Temporal workflow id of an erasure; it tells nothing of the person."""
    return f"erase/{erasure}"


PUBLICATION_WORKFLOW = "Publication"


def publication_id(name: str) -> str:
    """The Temporal workflow id of a publication; also what its accounts' journals call its definitions."""
    return f"publication/{name}"


# ── signals (fire and forget) and updates (answered after the commit)
RECORD_EVENT = "record_event"
RECORD_EVENTS = "record_events"
OVERRIDE_STAGE = "override_stage"
CARRY_OUT = "carry_out"
"""Many commands in one signal, for files: `{"commands": [{"command": "set_stage", …}, …]}`, each with an id."""
IMPORT_HISTORY = "import_history"
ADOPT = "adopt"
SET_LEAD = "set_lead"
REDELIVER = "redeliver"
NUDGE = "nudge"
TAKE_UP = "take_up"
"""Go on from what is stored: after it was rewritten."""
GO_ON = "go_on"
"""After an outage: its turn has come."""

START = "start"
SET_STAGE = "set_stage"
UNDO = "undo"
HOLD = "hold"
RELEASE = "release"
SET_FIELDS = "set_fields"
OPEN_CTA = "open_cta"
CLOSE_CTA = "close_cta"
SNOOZE_CTA = "snooze_cta"
ASSIGN_CTA = "assign_cta"
DO_TASK = "do_task"
ERASE = "erase"
"""Fields lose their values; the rest of an erasure is the workflow's."""
TAKE_OVER = "take_over"
"""`adopt`, answered with what it did."""
REPORT_EVENT = "report_event"
"""An event as an update: answered with what it did."""

STATE = "state"
FORECAST = "forecast"

# ── activities
ENTER = "enter"
RECORD = "record"
DELIVER = "deliver"
GIVE_UP = "give_up"
LOAD_BOOK = "load_book"
SEEN = "seen"
ADMIT = "admit"
LET_GO = "let_go"
LOOK = "look"
"""To whoever gives the turns: somebody was put in the queue, released or held."""

# ── campaigns: updates, a query, activities
BEGIN = "begin"
"""Answered once the campaign is recorded."""
PAUSE = "pause"
RESUME = "resume"
CANCEL = "cancel"
SET_PACE = "set_pace"
PROGRESS = "progress"

OPEN_CAMPAIGN = "open_campaign"
CAMPAIGN_PAGE = "campaign_page"
CAMPAIGN_MAIL = "campaign_mail"
MARK_CAMPAIGN = "mark_campaign"

# ── change-sets: updates beside PAUSE, RESUME, UNDO, SET_PACE and the query PROGRESS; activities
STOP = "stop"
RETRY = "retry"
SET_SHARE = "set_share"

OPEN_CHANGE_SET = "open_change_set"
CHANGE_PAGE = "change_page"
ORDER_CHANGE_SET = "order_change_set"

# ── publications: updates beside STOP and LOOK and the query PROGRESS; activities
ROLL_ON = "roll_on"
ROLL_BACK = "roll_back"

WATCH = "watch"
FINISH = "finish"
"""What the workflow orders by itself."""

OPEN_PUBLICATION = "open_publication"
LOOK_AT_PUBLICATION = "look_at_publication"
ORDER_PUBLICATION = "order_publication"

# ── erasures: activities, each about one account of one erasure (`ErasureStep`), or about the erasure
ERASE_OPEN = "erase_open"
ERASE_FIELDS = "erase_fields"
ERASE_SWEEP = "erase_sweep"
ERASE_TAKE_UP = "erase_take_up"
ERASE_RUNS = "erase_runs"
ERASE_BESIDE = "erase_beside"
ERASE_OTHERS = "erase_others"
ERASE_GONE = "erase_gone"
ERASE_END = "erase_end"

READABLE = "readable"
"""The metadata key of a payload that stays uncompressed: any client can read the answers of updates and queries."""

# ── what an activity says that is not worth another try (`ApplicationError.type`)
DATA_REFUSED = "DataRefused"
CONFLICT = "Conflict"
# ── and what is in order, only not yet its turn: a hold, quiet hours, another one first
IN_TURN = "InTurn"

MAX_EVENT_BYTES = 16_000
MAX_BATCH = 500
MAX_BATCH_BYTES = 256_000
MAX_CARRIED = 200
"""Inputs that may wait in the inbox when a run is continued as new."""

SEARCH_ATTRIBUTES = {
    "LifecycleStage": "KeywordList",
    "AccountType": "Keyword",
    "Csm": "Keyword",
    "NextDeadline": "Datetime",
    "Late": "Bool",
    "OnHold": "Bool",
}
"""What operators can list accounts by, and the type each is registered with. No personal data."""


@dataclass(slots=True)
class EnterAnswer:
    """What a run without carried state begins with: the book, and the stored state, if there is any.

    `book` is the codec's data of a `Book`, so that it can be compiled once and shared by all accounts;
    `due` are deliveries (ids) that nobody has finished, in order.
    """

    book: Data
    book_id: str
    state: AccountState | None = None
    due: list[str] = field(default_factory=list)


@dataclass(slots=True)
class LoadBookRequest:
    """Asks for what is in force for an account. `asked` names the publication that sent the message."""

    account: str
    asked: str


@dataclass(slots=True)
class LoadBookAnswer:
    """A published book as data, and its id."""

    book: Data
    book_id: str


@dataclass(slots=True)
class RecordRequest:
    """One folded batch: entries in order of revision, without gaps.

    `next_deadline` is when the account wakes next (`wakes_at` after the batch), for lists. `versions` and `pending`
    are those the account runs after the batch: the book that foretells what comes next (N4).
    """

    account: str
    entries: list[Entry]
    lead: int = 0
    next_deadline: datetime | None = None
    versions: dict[str, int] = field(default_factory=dict)
    pending: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class RecordAnswer:
    """Effects (ids) that are due now because of this batch, in order."""

    due: list[str] = field(default_factory=list)


@dataclass(slots=True)
class SeenRequest:
    """Asks the journal about events older than the window: their keys (`core.keys.event_key`)."""

    account: str
    keys: list[str]


@dataclass(slots=True)
class DeliverRequest:
    """Asks for one delivery of an account."""

    account: str
    effect: str


@dataclass(slots=True)
class GiveUpRequest:
    """The delivery failed for a day: it is shown as failed with the reason (R22)."""

    account: str
    effect: str
    reason: str


@dataclass(slots=True)
class Answer:
    """What an update is answered with: the journal entries it caused, its own first."""

    account: str
    revision: int
    entries: list[Entry] = field(default_factory=list)


# ── catching up after an outage


@dataclass(slots=True)
class AdmitRequest:
    """An account that slept through `due_at`, by `late` seconds, asks whether it may go on; `what` falls due first."""

    account: str
    due_at: datetime
    late: float
    what: str = ""


@dataclass(slots=True)
class AdmitAnswer:
    """Whether it may, else when its turn is, in seconds from now; None while it is held for a person.

    It is told when its turn has come; in `again` seconds it asks once more, in case nobody gives turns.
    """

    go: bool = True
    turn: float | None = None
    again: float = 0.0


@dataclass(slots=True)
class LetGoRequest:
    """Asks for those whose turn has come to be told."""

    now: datetime


@dataclass(slots=True)
class LetGoAnswer:
    """How many were told, how many are to come, when to look again: None when nobody waits."""

    told: int = 0
    waiting: int = 0
    held: int = 0
    next_at: datetime | None = None


# ── campaigns


@dataclass(slots=True)
class CampaignPlan:
    """What a campaign is: the e-mail `template` to `roles` of the accounts for which `audience` holds (V2).

    `audience` is the codec's data of a condition, `said` its words; `per_hour` None is as fast as it goes.
    """

    name: str
    segment: str
    said: str
    audience: Data
    template: str
    roles: list[str]
    per_hour: int | None = None
    actor: str = ""


@dataclass(slots=True)
class OpenRequest:
    """Asks for the campaign as it is recorded; one that is not yet there is recorded as `plan` says."""

    name: str
    now: datetime
    plan: CampaignPlan | None = None


@dataclass(slots=True)
class Opened:
    """A recorded campaign: where it stands, and the last account whose mail was made."""

    status: str
    template: str
    said: str
    per_hour: int | None = None
    cursor: str = ""
    reason: str = ""


@dataclass(slots=True)
class PageRequest:
    """Asks which mails may go now, those `under_way` left out.

    While `has_more` accounts are to come, the page after `cursor` is taken when too few mails are at hand.
    """

    name: str
    now: datetime
    cursor: str = ""
    has_more: bool = True
    under_way: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Page:
    """Mails (ids) that may go now, in order; when the next of those that wait may; how many have which status."""

    ready: list[str] = field(default_factory=list)
    cursor: str = ""
    has_more: bool = True
    next_at: datetime | None = None
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class CampaignMailRequest:
    """Asks for one mail of a campaign; answered with its status: `due` when it has to wait."""

    name: str
    effect: str
    now: datetime


@dataclass(slots=True)
class MarkRequest:
    """A campaign's new status or pace, recorded with who wanted it and why."""

    name: str
    now: datetime
    status: str
    per_hour: int | None = None
    reason: str = ""


# ── erasures


@dataclass(slots=True)
class ErasureStep:
    """One step about one account. The words looked for stand in the database, never here."""

    erasure: str
    account: str


# ── publications


@dataclass(slots=True)
class PublicationOrder:
    """What a person, or the publication itself, wants of a publication."""

    name: str
    order: str
    now: datetime
    actor: str
    reason: str = ""


@dataclass(slots=True)
class PublicationLook:
    """Asks how far a publication is; `with_accounts`: and how the accounts of its share live."""

    name: str
    now: datetime
    with_accounts: bool = False


@dataclass(slots=True)
class PublicationProgress:
    """A publication as it is recorded.

    `left` accounts are still to be told by the present share, of `total`; `items` is how many commands have which
    status, `verdicts` how many accounts of the share live how, `figures` what was promised and what happened by kind.
    `parted`: why it should stop by itself, if it should.
    """

    name: str
    title: str
    status: str
    share: int = 100
    left: int = 0
    total: int = 0
    items: dict[str, int] = field(default_factory=dict)
    verdicts: dict[str, int] = field(default_factory=dict)
    figures: dict[str, list[int]] = field(default_factory=dict)
    watch_until: datetime | None = None
    looked_at: datetime | None = None
    reason: str = ""
    parted: str = ""
