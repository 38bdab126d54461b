"""Lives of accounts as journal entries, written by hand: the store must take whatever the core decided."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from lifecycle.contract import RecordRequest
from lifecycle.core import changes as c
from lifecycle.core.evolve import apply, copy_track
from lifecycle.core.inputs import CreateAccount, Event, Input, SetStage
from lifecycle.core.inputs import Undo as UndoCommand
from lifecycle.core.keys import event_key
from lifecycle.core.state import AccountState, Cta, Unit
from lifecycle.core.values import Value

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def day(number: float) -> datetime:
    """That many days after the start."""
    return START + timedelta(days=number)


@dataclass
class Life:
    """An account and the entries not handed over yet; `state` is always folded by the core."""

    account: str = "acme"
    state: AccountState = field(default_factory=lambda: AccountState("acme"))
    entries: list[c.Entry] = field(default_factory=list)
    pending: list[c.Entry] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.state = AccountState(self.account)

    def add(self, at: datetime, cause: Input, *made: c.Change, key: str | None = None) -> c.Entry:
        """One more entry; the clock moves, the core folds it."""
        revision = self.state.revision + 1
        own = cause.time.timestamp() if key and isinstance(cause, Event) else 0.0
        changes = [c.InputTaken(at, key, own), *made]
        entry = c.Entry(revision, at, cause, changes, root=revision)
        apply(self.state, entry)
        self.entries.append(entry)
        self.pending.append(entry)
        return entry

    def create(self, at: datetime = START, **fields: Value) -> "Life":
        """The account exists, with these fields."""
        made = [c.FieldSet(name, value) for name, value in fields.items()]
        self.add(at, CreateAccount(at, fields), c.AccountCreated(at), *made)
        return self

    def event(self, number: float, event_id: str, *made: c.Change, type: str = "x.y") -> c.Entry:
        """An event on that day, with what it changed."""
        at = day(number)
        event = Event(event_id, "crm", type, at, at)
        return self.add(at, event, *made, key=event_key("crm", event_id))

    def fields(self, number: float, **fields: Value) -> c.Entry:
        """Fields get values on that day."""
        made = [
            c.FieldSet(name, value, self.state.fields.get(name)) for name, value in fields.items()
        ]
        return self.add(day(number), Event("f", "crm", "f", day(number), day(number)), *made)

    def entering(
        self, number: float, lifecycle: str, stage: str | None, restart: bool = False
    ) -> c.StageEntered:
        """The change that puts the account into a stage on that day."""
        track = self.state.tracks.get(lifecycle)
        return c.StageEntered(
            lifecycle,
            track.stage if track else None,
            stage,
            day(number),
            visit=(track.last_visit if track else 0) + 1 if stage else 0,
            cycle=(track.cycle if track else 0) + restart,
            version=1,
            kind="person",
            actor="ann",
            reason="as agreed",
            restart=restart,
        )

    def move(
        self,
        number: float,
        lifecycle: str,
        stage: str | None,
        *more: c.Change,
        restart: bool = False,
    ) -> c.Entry:
        """A person moves the account; the move can be undone."""
        at = day(number)
        track = self.state.tracks.get(lifecycle)
        entered = self.entering(number, lifecycle, stage, restart)
        unit = self.unit(at, lifecycle, *more) if track else None
        made = [entered, *more, *([c.UnitOpened(unit)] if unit else [])]
        return self.add(at, SetStage(at, "ann", "as agreed", lifecycle, stage), *made)

    def unit(self, at: datetime, lifecycle: str, *more: c.Change) -> Unit:
        """The image from before the next entry."""
        return Unit(
            self.state.revision + 1,
            at,
            "a move",
            tracks={lifecycle: copy_track(self.state.tracks[lifecycle])},
            moves={lifecycle: 1},
            effects=[one.id for one in more if isinstance(one, c.MailDue | c.WebhookDue)],
            ctas_opened=[one.cta.id for one in more if isinstance(one, c.CtaOpened)],
            ctas_closed=[self.state.ctas[one.id] for one in more if isinstance(one, c.CtaClosed)],
        )

    def undo(self, number: float) -> c.Entry:
        """The newest unit is taken back."""
        at = day(number)
        undone = c.Undone(self.state.units[-1], at, "ann", "by mistake")
        return self.add(at, UndoCommand(at, "ann", "by mistake"), undone)

    def batch(self) -> RecordRequest:
        """What was not handed over yet."""
        entries, self.pending = self.pending, []
        return RecordRequest(self.account, entries)


def mail(effect: str, *to: str, visit: int = 1) -> c.MailDue:
    """An e-mail that is due."""
    return c.MailDue(effect, "journey.hello", "journey", visit, "hello", to or ("csm",), {"n": 1})


def webhook(effect: str) -> c.WebhookDue:
    """A webhook that is due."""
    return c.WebhookDue(effect, "journey.call", "journey", 1, "activate", "provisioning", {"n": 1})


def cta(cta_id: str, number: float = 0, kind: str = "risk") -> Cta:
    """An open CTA."""
    return Cta(
        cta_id,
        "Call them",
        kind,
        "csm",
        "high",
        day(number),
        day(number + 7),
        "journey",
        "journey.cta",
        1,
    )
