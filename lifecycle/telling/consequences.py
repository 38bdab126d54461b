"""What a command will do, before anybody sends it: the core folds it on a copy, and the difference is told.

No rule is written twice here: a preview is the same fold that will decide, only that nothing is recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum

from lifecycle.core import changes as c
from lifecycle.core.clock import days_in, whole_days
from lifecycle.core.evolve import copy_state
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import Command
from lifecycle.core.model import Book, Lifecycle
from lifecycle.core.refusal import Refusal
from lifecycle.core.state import AccountState, Track
from lifecycle.definition.condition_words import joined

from .accounts import Found
from .ahead import Next, whats_next
from .effects import people, person
from .phrases import days, moment, written_day
from .story import Teller

MOST_TIMERS = 3


class About(StrEnum):
    """What a consequence is about; pages give each a sign."""

    STAGE = "stage"
    DAYS = "days"
    DATE = "date"
    TIMERS_SET = "timers set"
    TIMERS_CANCELLED = "timers cancelled"
    MAIL = "mail"
    CALL = "call"
    CTA = "cta"
    FIELD = "field"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Consequence:
    """A sentence; what is `final` cannot be taken back (R13)."""

    about: About
    text: str
    final: bool = False


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A command folded on a copy: the account before and after, and the entries it would make."""

    book: Book
    before: AccountState
    after: AccountState
    entries: list[c.Entry]
    at: datetime

    @property
    def refused(self) -> Refusal | None:
        """Why it would not be carried out."""
        return next((entry.refused for entry in self.entries if entry.refused), None)

    @property
    def changes(self) -> list[c.Change]:
        """All that would become true, in order."""
        return [change for entry in self.entries for change in entry.changes]


def foresee(found: Found, command: Command) -> Foreseen:
    """The command at its instant, with what falls due at once because of it.

    What was due before is done first: it would have happened anyhow.
    """
    fold = Fold(found.book, copy_state(found.state))
    fold.catch_up(command.at)
    before = copy_state(fold.state)
    entries = fold.take(command)
    entries += fold.catch_up(command.at)
    return Foreseen(fold.book, before, fold.state, entries, command.at)


def consequences(seen: Foreseen, zone: tzinfo) -> list[Consequence]:
    """All that a person would want to know before pressing the button; what cannot be taken back is marked."""
    teller = Teller(seen.book, zone, {cta.id: cta.title for cta in seen.before.ctas.values()})
    lines = [line for change in seen.changes for line in _of_change(seen, change, teller)]
    lines += _timers(seen, zone)
    return lines or [Consequence(About.NOTHING, _nothing(seen))]


def _nothing(seen: Foreseen) -> str:
    notes = [note.text for entry in seen.entries for note in entry.notes if note.code != "because"]
    return " ".join(notes) or "Nothing changes."


def _of_change(seen: Foreseen, change: c.Change, teller: Teller) -> Iterator[Consequence]:
    match change:
        case c.StageEntered():
            yield from _of_move(seen, change, teller.zone)
        case c.MailDue():
            said = (
                f"Sends the e-mail “{change.template}” to {people(change.to, seen.book)}. {FINAL}"
            )
            yield Consequence(About.MAIL, said, final=True)
        case c.WebhookDue():
            target = seen.book.directory.targets.get(change.target, change.target)
            yield Consequence(About.CALL, f"Calls “{change.name}” at {target}. {FINAL}", final=True)
        case c.CtaOpened():
            yield Consequence(About.CTA, _opened(seen.book, change, teller.zone))
        case c.CtaClosed():
            title = (
                seen.before.ctas[change.id].title if change.id in seen.before.ctas else change.id
            )
            yield Consequence(About.CTA, f"Closes the CTA “{title}”: {change.outcome}.")
        case c.FieldSet():
            yield Consequence(About.FIELD, f"{teller.change(change)}.")
        case c.Undone():
            yield from _of_undo(seen, change, teller)


FINAL = "It cannot be taken back."


def _opened(book: Book, change: c.CtaOpened, zone: tzinfo) -> str:
    due = f", due {moment(change.cta.due, zone)}" if change.cta.due else ""
    return f"Opens the CTA “{change.cta.title}” for {person(change.cta.owner, book)}{due}."


# ── moves


def _of_move(seen: Foreseen, change: c.StageEntered, zone: tzinfo) -> Iterator[Consequence]:
    lifecycle = seen.book.lifecycles[change.lifecycle]
    if change.automation:
        said = f"{lifecycle.title} follows: {_label(lifecycle, change.left)} → {_label(lifecycle, change.entered)}."
        yield Consequence(About.STAGE, said)
    yield Consequence(About.DAYS, _counted(seen, change, lifecycle))
    for stage in _skipped(lifecycle, change):
        track = seen.before.tracks.get(lifecycle.id)
        entered = track.last_entered.get(stage) if track else None
        kept = f"keeps its date of {_day(entered, zone)}; no visit is invented" if entered else ""
        said = f"{_label(lifecycle, stage)} is skipped: it {kept or 'gets no date'}."
        yield Consequence(About.DATE, said)


def _counted(seen: Foreseen, change: c.StageEntered, lifecycle: Lifecycle) -> str:
    """What happens to the days (T12–T15, R9, R11)."""
    entered = _label(lifecycle, change.entered)
    if change.entered is None:
        return f"Takes the account out of {lifecycle.title}: all its counts begin again later."
    if change.restart and change.cycle > 1:
        return f"Begins cycle {change.cycle}: every count starts at 0."
    if change.ends:
        return f"Ends cycle {change.cycle}: its counts stop, and stay readable."
    kept = _kept(seen, change, lifecycle)
    if change.back:
        return f"Goes back: the days in {entered} start again at 0.{kept}"
    had = whole_days(days_in(seen.before, _track(seen, lifecycle), change.entered, seen.at))
    if had:
        return f"The days in {entered} go on from {had}.{kept}"
    return f"Starts the days in {entered} at 0.{kept}"


def _kept(seen: Foreseen, change: c.StageEntered, lifecycle: Lifecycle) -> str:
    track = seen.before.tracks.get(lifecycle.id)
    had = days_in(seen.before, track, change.left, seen.at) if track and change.left else None
    left = _label(lifecycle, change.left)
    return f" {left} keeps its {days(whole_days(had))}." if had is not None else ""


def _track(seen: Foreseen, lifecycle: Lifecycle) -> Track:
    return seen.before.tracks.get(lifecycle.id) or Track(lifecycle.id)


def _skipped(lifecycle: Lifecycle, change: c.StageEntered) -> list[str]:
    """Stages that a move forward leaves out (R6)."""
    if change.entered is None or change.left is None or change.to_end:
        return []
    first, last = lifecycle.position(change.left), lifecycle.position(change.entered)
    return [stage.id for stage in lifecycle.stages[first + 1 : max(first + 1, last)]]


def _label(lifecycle: Lifecycle, stage: str | None) -> str:
    found = lifecycle.stage(stage)
    return found.label if found else stage or "None"


def _day(at: datetime, zone: tzinfo) -> str:
    return written_day(at.astimezone(zone).date())


# ── undo


def _of_undo(seen: Foreseen, change: c.Undone, teller: Teller) -> Iterator[Consequence]:
    """Stage, days, timers, fields and CTAs as they were; what has changed since keeps its later value (R13)."""
    unit = change.unit
    for lifecycle_id, image in unit.tracks.items():
        lifecycle = seen.book.lifecycles[lifecycle_id]
        said = f"{lifecycle.title} is back at {_label(lifecycle, image.stage)}, with its days and visits."
        yield Consequence(About.STAGE, said)
    for name, before in unit.fields.items():
        if name not in change.kept and before != seen.before.fields.get(name):
            set_back = c.FieldSet(name, before, seen.before.fields.get(name))
            yield Consequence(About.FIELD, f"{teller.change(set_back)}.")
    for name in change.kept:
        said = f"{teller.labels.field(name)} was changed since and keeps its later value."
        yield Consequence(About.FIELD, said)
    for cta in unit.ctas_opened:
        if cta in seen.before.ctas:
            yield Consequence(About.CTA, f"Withdraws the CTA “{seen.before.ctas[cta].title}”.")
    for closed in unit.ctas_closed:
        yield Consequence(About.CTA, f"Opens the CTA “{closed.title}” again.")


# ── timers


def _timers(seen: Foreseen, zone: tzinfo) -> Iterator[Consequence]:
    """Deadlines that are armed now and would not be, the other way round, and those that would shift (R18, R19)."""
    before = {_key(one): one for one in whats_next(seen.book, seen.before)}
    after = {_key(one): one for one in whats_next(seen.book, seen.after)}
    gone = [one for key, one in before.items() if key not in after]
    made = [one for key, one in after.items() if key not in before]
    moved = [one for key, one in after.items() if key in before and before[key].at != one.at]
    if gone:
        yield Consequence(About.TIMERS_CANCELLED, _listed("Cancels", gone, seen.book, zone))
    if made:
        yield Consequence(About.TIMERS_SET, _listed("Sets", made, seen.book, zone))
    if moved:
        yield Consequence(About.TIMERS_SET, _listed("Shifts", moved, seen.book, zone))


def _key(one: Next) -> tuple[str, str]:
    """Late and stuck are named by their lifecycle only: of another stage they are other timers."""
    return one.what, one.text


def _listed(verb: str, timers: list[Next], book: Book, zone: tzinfo) -> str:
    noun = "timer" if len(timers) == 1 else "timers"
    words = [f"{one.text}, {_day(one.at, zone)}" for one in timers[:MOST_TIMERS]]
    more = len(timers) - MOST_TIMERS
    if more > 0:
        words.append(f"{more} more")
    listed = "; ".join(words) if len(words) > 1 else joined(words)
    return f"{verb} {len(timers)} {noun}: {listed}."
