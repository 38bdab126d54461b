"""The fold: inputs in, journal entries out. The one loop that the workflow, forecasts and rehearsals all drive.

Before an input at instant t is applied, the deadlines due up to t are, in order. Nothing is applied before the
account's clock (R20).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from . import changes as c
from .deciding import adoption, commands, deadlines, events
from .deciding.fields import set_field
from .deciding.shadowing import room_for
from .deciding.signals import drain
from .deciding.turn import Turn
from .deciding.units import can_be_undone, unit_of
from .evolve import KEPT_HELD, copy_state
from .index import SCORES, index_of
from .inputs import (
    Adopt,
    Command,
    CreateAccount,
    Deadline,
    EndHistory,
    Event,
    Input,
    SetLead,
    Unreadable,
)
from .keys import command_key, event_key
from .model import RULES, Book
from .refusal import Refusal
from .state import AccountState
from .values import Value
from .wakes import IMPORT_PATIENCE, Due, loose_due, steady_due


class Fold:
    """One account being folded. Owns `state`, which it changes in place; `book` is replaced by adoption."""

    def __init__(self, book: Book, state: AccountState, explains: bool = True) -> None:
        """Notes say which values decided only where the fold `explains`: that costs time."""
        self.book = book
        self.state = state
        self.explains = explains
        self._ran: Book | None = None
        self._steady: Due | None = None
        self._loose: Due | None = None
        self._steady_is_known = self._loose_is_known = self._loose_was_asked = False

    # ── driving

    def take(self, item: Input, published: Book | None = None) -> list[c.Entry]:
        """Fold one input: the deadlines due before it, then itself. `published` comes with `Adopt`."""
        if isinstance(item, Event):
            return self._take_event(item)
        entries: list[c.Entry] = []
        at = self._not_before(item.at)
        if not isinstance(item, Unreadable):
            self._end_import_if_live(item, at, entries)
            at = self._not_before(item.until) if isinstance(item, EndHistory) else at
            self._run_due(at, entries, silent=_is_historic(item))
            at = self._not_before(at)
        repeated = _key_of(item) in self.state.window
        if isinstance(item, Adopt) and published is not None and not repeated:
            self._ran, self.book = (
                self.book,
                adoption.taken_over(self.book, published, self.state, item),
            )
            self._forget()
        if repeated and isinstance(item, _COUNTED):
            entries.append(self._repeated(item, at))
        else:
            entries.append(self._decide(item, at))
        return entries

    def take_all(self, items: Iterable[Input]) -> list[c.Entry]:
        """Fold inputs one after the other."""
        return [entry for item in items for entry in self.take(item)]

    def catch_up(self, now: datetime) -> list[c.Entry]:
        """Apply the deadlines due up to `now`; while history is imported, only end an import that went silent."""
        entries: list[c.Entry] = []
        since = self.state.importing_since
        if since is None:
            self._run_due(now, entries, silent=False)
        elif since + IMPORT_PATIENCE <= now:
            entries += self.take(EndHistory(now, now))
        return entries

    def next_due(self) -> Due | None:
        """The next deadline, remembered until something changes it."""
        steady = self._next_steady()
        if not self._loose_is_known:
            self._loose, self._loose_is_known = loose_due(self.book, self.state), True
        if steady is None or (self._loose is not None and self._loose < steady):
            return self._loose
        return steady

    def _due_by(self, until: datetime) -> Due | None:
        """The next deadline, if it is due by then; another may be left out.

        What moves with many fields is reckoned no further than that, the first time: mostly the next input moves it.
        """
        if self._loose_is_known or self._loose_was_asked:
            return self.next_due()
        self._loose_was_asked = True
        loose, steady = loose_due(self.book, self.state, until), self._next_steady()
        return min((due for due in (loose, steady) if due is not None), default=None)

    def _next_steady(self) -> Due | None:
        if not self._steady_is_known:
            self._steady, self._steady_is_known = steady_due(self.book, self.state), True
        return self._steady

    def _forget(self) -> None:
        self._steady_is_known = self._loose_is_known = self._loose_was_asked = False

    def wakes_at(self) -> datetime | None:
        """When to call `catch_up` again."""
        if self.state.importing_since is not None:
            return self.state.importing_since + IMPORT_PATIENCE
        due = self.next_due()
        return due.at if due else None

    def _run_due(self, until: datetime, entries: list[c.Entry], silent: bool) -> None:
        while (due := self._due_by(until)) is not None and due.at <= until:
            entries.append(self.apply_due(due, silent))

    def apply_due(self, due: Due, silent: bool = False) -> c.Entry:
        """Apply one deadline, which must be the next."""
        return self._decide(Deadline(due.at, due.what), due.at, due.chained, silent)

    def _not_before(self, at: datetime) -> datetime:
        clock = self.state.clock
        return at if clock is None or at > clock else clock

    def _end_import_if_live(self, item: Input, at: datetime, entries: list[c.Entry]) -> None:
        """Something live happens: what was imported is the past up to here (R21)."""
        live = isinstance(item, Event | CreateAccount | Command) and not _is_historic(item)
        if live and self.state.importing_since is not None:
            entries += self.take(EndHistory(at, at))

    # ── events

    def _take_event(self, event: Event) -> list[c.Entry]:
        if self.state.lead and not event.historic:
            event = replace(event, time=event.time + timedelta(seconds=self.state.lead))
        key = event_key(event.source, event.id)
        if event.seen_before or key in self.state.window:
            return self._after_dues(event, self._duplicate)
        try:
            facts = events.check_event(self.book, self.state, event)
        except Refusal as refusal:
            refused = refusal
            return self._after_dues(event, lambda item, at: self._refused(item, at, refused))
        return self._apply_event(event, key, facts)

    def _apply_event(self, event: Event, key: str, facts: dict[str, Value]) -> list[c.Entry]:
        entries: list[c.Entry] = []
        at, mark = events.instant_of(self.state, event)
        self._end_import_if_live(event, at, entries)
        self._run_due(at, entries, silent=event.historic)
        at = self._not_before(at)
        if self.state.created_at is None:
            entries.append(self._decide(CreateAccount(at, historic=event.historic), at))
        turn = self._turn(at, historic=event.historic)
        turn.event_key = key
        turn.emit(c.InputTaken(at, key, event.time.timestamp()))
        if event.historic and self.state.importing_since is None:
            turn.emit(c.HistoryBegan(event.received))
        events.run(turn, event, facts, mark)
        entries.append(self._finish(turn, _only_declared(self.book, event)))
        return entries

    def _after_dues(
        self, event: Event, record: Callable[[Event, datetime], c.Entry]
    ) -> list[c.Entry]:
        """An event that changes nothing is recorded where it would have been applied."""
        entries: list[c.Entry] = []
        at, _ = events.instant_of(self.state, event)
        if self.state.importing_since is None and not event.historic:
            self._run_due(at, entries, silent=False)
        return [*entries, record(event, self._not_before(at))]

    def _duplicate(self, event: Event, at: datetime) -> c.Entry:
        """The same event again changes nothing and raises a counter (R20)."""
        said = f"The event {event.id!r} of {event.source!r} was applied before."
        return self._seen(replace(event, data={}), at, said)

    def _repeated(self, command: Command | CreateAccount | Adopt, at: datetime) -> c.Entry:
        """The same for a command with an id."""
        return self._seen(command, at, f"The command {command.id!r} was carried out before.")

    def _seen(self, item: Input, at: datetime, said: str) -> c.Entry:
        turn = self._turn(at)
        turn.emit(c.DuplicateSeen())
        turn.note("duplicate", said)
        return self._finish(turn, item)

    # ── all other inputs

    def _decide(
        self, item: Input, at: datetime, chained: bool = False, silent: bool = False
    ) -> c.Entry:
        turn = self._turn(at, chained, historic=silent or _is_historic(item))
        try:
            self._check(item)
        except Refusal as refusal:
            return self._refused(item, at, refusal)
        if isinstance(item, Unreadable):
            return self._refused(item, at, Refusal("unreadable", item.reason, where=item.door))
        key = _key_of(item)
        turn.emit(c.InputTaken(at, key, at.timestamp() if key else 0.0, chained))
        turn.actor = getattr(item, "actor", "")
        turn.ran, self._ran = self._ran, None
        _run(turn, item)
        return self._finish(turn, item)

    def _check(self, item: Input) -> None:
        if isinstance(item, Command):
            commands.check_command(self.book, self.state, item)
        elif isinstance(item, CreateAccount) and item.fields:
            commands.read_fields(self.book, item.fields)

    def _refused(self, item: Input, at: datetime, refusal: Refusal) -> c.Entry:
        """A refused input moves neither clock nor stage; it is kept with its reason."""
        turn = self._turn(at)
        turn.emit(c.MessageRefused())
        return self._finish(turn, item, refusal)

    # ── entries

    def _turn(self, at: datetime, chained: bool = False, historic: bool = False) -> Turn:
        revision = self.state.revision + 1
        root = self.state.root if chained else revision
        return Turn(self.book, self.state, at, revision, root, historic, explains=self.explains)

    def _finish(self, turn: Turn, item: Input, refusal: Refusal | None = None) -> c.Entry:
        """Close the turn: open the undo unit, number the entry, forget the deadline if it may have changed."""
        self._keep_held(turn)
        if can_be_undone(turn, item):
            turn.emit(c.UnitOpened(unit_of(turn)))
        self.state.revision, self.state.root = turn.revision, turn.root
        self.book = turn.book
        self._forget_what_moved(turn.changes)
        return c.Entry(
            turn.revision,
            turn.at,
            item,
            turn.changes,
            turn.notes,
            turn.root,
            RULES,
            refusal,
            turn.historic,
        )

    def _keep_held(self, turn: Turn) -> None:
        """Keep the events that the hold stopped; of too many one is dropped, and that is said."""
        for held in turn.held:
            place, lost = room_for(turn, held) if len(turn.state.held) >= KEPT_HELD else (0, None)
            if lost is not None:
                said = f"More than {KEPT_HELD} events are held; {lost.type} {lost.id} is dropped."
                turn.note("held_dropped", said)
            if lost is not held:
                turn.emit(c.EventHeld(held, place))

    def _forget_what_moved(self, changes: list[c.Change]) -> None:
        index = index_of(self.book)
        for change in changes:
            if type(change) in _STILL:
                continue
            if isinstance(change, c.FieldSet):
                waits = _has_waiting(self.state)
                self._steady_is_known &= not waits and change.name not in index.steady_names
                if waits or change.name in index.loose_names:
                    self._loose_is_known = self._loose_was_asked = False
            elif isinstance(change, c.TurnedTrue) and not change.lifecycle:
                self._loose_is_known = self._loose_was_asked = False
            else:
                self._forget()
                return


_COUNTED = Command | CreateAccount | Adopt
"""What may have an id of its own."""


def _has_waiting(state: AccountState) -> bool:
    """Whether a line is due and asks its guard again at every change."""
    if state.waiting:
        return True
    for track in state.tracks.values():  # noqa: SIM110 - asked at every field; a generator costs three times as much
        if track.waiting:
            return True
    return False


_STILL = frozenset(
    {
        c.InputTaken,
        c.DuplicateSeen,
        c.MessageRefused,
        c.FactNoted,
        c.FactsDropped,
        c.Marked,
        c.MailDue,
        c.WebhookDue,
        c.EffectShadowed,
        c.EventHeld,
        c.UnitOpened,
        c.CtaAssigned,
    }
)
"""Changes that cannot move a deadline."""


def _key_of(item: Input) -> str | None:
    """What the window knows a command by: one that was sent twice is carried out once (R20)."""
    return command_key(item.id) if isinstance(item, _COUNTED) and item.id else None


def _is_historic(item: Input) -> bool:
    return isinstance(item, EndHistory) or bool(getattr(item, "historic", False))


def _only_declared(book: Book, event: Event) -> Event:
    """Only declared data is kept (design.md, The workflow)."""
    declared = events.event_type(book, event.type, event.historic).data
    if event.data.keys() <= declared.keys():
        return event
    return replace(
        event, data={name: value for name, value in event.data.items() if name in declared}
    )


def _run(turn: Turn, item: Input) -> None:
    if isinstance(item, Deadline):
        deadlines.run_deadline(turn, item.what)
    elif isinstance(item, CreateAccount):
        _create(turn, item)
    elif isinstance(item, EndHistory):
        turn.emit(c.HistoryEnded(item.until))
    elif isinstance(item, Adopt):
        adoption.run(turn, item)
    elif isinstance(item, SetLead):
        turn.emit(c.LeadSet(item.seconds))
    elif isinstance(item, Command):
        commands.run(turn, item)


def _create(turn: Turn, item: CreateAccount) -> None:
    """`account.created` is an input of its own, applied before the event that created the account (R2)."""
    if turn.state.created_at is not None:
        turn.note("already_there", "The account exists already.")
    else:
        versions = {lifecycle.id: lifecycle.version for lifecycle in turn.book.lifecycles.values()}
        turn.emit(c.AccountCreated(turn.at, versions))
        for spec in turn.book.account.fields.values():
            if spec.default is not None:
                set_field(turn, spec.id, spec.default)
        turn.raise_event("account.created", {})
        turn.dirty.update(turn.book.lifecycles, (SCORES,))
    for name, value in (
        commands.read_fields(turn.book, item.fields) if item.fields else {}
    ).items():
        set_field(turn, name, value)
    drain(turn)


def check(book: Book, state: AccountState, item: Input) -> None:
    """Raise `Refusal` when the input would be refused now: for doors that can answer before anything is sent."""
    if isinstance(item, Event):
        events.check_event(book, state, item)
    elif isinstance(item, Command) and _key_of(item) not in state.window:
        commands.check_command(book, state, item)


def decide(book: Book, state: AccountState, item: Input) -> list[c.Entry]:
    """What an input would change. Pure: the state given stays as it is."""
    return Fold(book, copy_state(state)).take(item)


@dataclass(frozen=True, slots=True)
class Cue:
    """Something that comes in at an instant of a play. `input` is made for the account as it is by then."""

    at: datetime
    input: Callable[[AccountState], Input]


def play(
    fold: Fold, until: datetime, cues: Iterable[Cue] = ()
) -> Iterator[tuple[datetime, list[c.Entry]]]:
    """What happens up to an instant if these things come in and nothing else does (N6), an instant at a time.

    `fold` drives a copy. Lazy: between two instants it stands as the account stands then.
    """
    for cue in sorted(cues, key=lambda one: one.at):
        if cue.at > until:
            break
        yield from _by_time_alone(fold, cue.at)
        yield cue.at, [*fold.take(cue.input(fold.state)), *fold.catch_up(cue.at)]
    yield from _by_time_alone(fold, until)


def _by_time_alone(fold: Fold, until: datetime) -> Iterator[tuple[datetime, list[c.Entry]]]:
    while (due := fold.next_due()) is not None and due.at <= until:
        at, entries = due.at, [fold.apply_due(due)]
        while (due := fold.next_due()) is not None and due.at <= at:
            entries.append(fold.apply_due(due))
        yield at, entries


def forecast(book: Book, state: AccountState, until: datetime, most: int = 500) -> list[c.Entry]:
    """What will happen up to an instant if nothing else does (N4). Pure; at most `most` deadlines."""
    entries: list[c.Entry] = []
    for _, happened in play(Fold(book, copy_state(state)), until):
        entries += happened
        if len(entries) >= most:
            break
    return entries[:most]
