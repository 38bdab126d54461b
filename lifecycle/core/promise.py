"""What a publication promises an account, and whether it lives so (N7, R24).

The same fold that decides is asked: a copy takes the version over and is let run to the end of the watch. What came
is held against it step by step; where other things happened to the account they are folded in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from . import changes as c
from .evolve import copy_state
from .fold import Fold
from .inputs import Adopt, Deadline, Event, Input, SetLead
from .model import Book
from .state import AccountState

KINDS = ("moves", "mails", "calls", "ctas", "late", "stuck", "refusals")
"""What is counted, in the order it is shown."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens to an account. `what` is the stage entered, a template, a webhook, a CTA's title or the
    code of a refusal; `left` the stage left."""

    at: datetime
    kind: str
    what: str
    lifecycle: str = ""
    left: str = ""

    @property
    def name(self) -> tuple[str, str, str, str]:
        """What it is, without when."""
        return self.kind, self.lifecycle, self.left, self.what


def steps_of(entries: Iterable[c.Entry]) -> list[Step]:
    """What entries of a journal did that somebody would notice, in order."""
    return [step for entry in entries for step in _steps(entry)]


def _steps(entry: c.Entry) -> Iterable[Step]:
    if entry.refused is not None:
        yield Step(entry.at, "refusals", entry.refused.code)
    for change in entry.changes:
        if isinstance(change, c.StageEntered):
            yield from _move(entry.at, change)
        else:
            yield from _effect(entry.at, change)


def _move(at: datetime, change: c.StageEntered) -> Iterable[Step]:
    """A visit that begins anew in the same stage is no move."""
    if change.left != change.entered:
        entered, left = change.entered or "None", change.left or "None"
        yield Step(at, "moves", entered, change.lifecycle, left)


def _effect(at: datetime, change: c.Change) -> Iterable[Step]:
    match change:
        case c.MailDue():
            yield Step(at, "mails", change.template, change.lifecycle)
        case c.WebhookDue():
            yield Step(at, "calls", change.name, change.lifecycle)
        case c.CtaOpened():
            yield Step(at, "ctas", change.cta.title, change.cta.lifecycle)
        case c.BecameLate():
            yield Step(at, "late", "", change.lifecycle)
        case c.BecameStuck():
            yield Step(at, "stuck", "", change.lifecycle)


def counted(steps: Iterable[Step]) -> dict[str, int]:
    """How many steps of each kind."""
    numbers = Counter(step.kind for step in steps)
    return {kind: numbers[kind] for kind in KINDS}


# ── promising


def promised(
    book: Book, state: AccountState, item: Adopt, published: Book, until: datetime
) -> list[Step]:
    """What taking `published` over at the instant of `item` brings up to `until`, if nothing else happens."""
    fold = Fold(book, copy_state(state))
    if state.importing_since is not None:
        return []
    # What is due before is none of this publication's doing.
    fold.catch_up(item.at)
    return steps_of([*fold.take(item, published), *fold.catch_up(max(until, item.at))])


def folded(
    book: Book, state: AccountState, published: Book, recorded: Sequence[c.Entry], until: datetime
) -> list[Step]:
    """What follows from the inputs recorded since the version was taken over (the first of them), and from time.

    `state` is from before the first. Deadlines are worked out anew, all other inputs are given again.
    """
    fold = Fold(book, copy_state(state))
    entries: list[c.Entry] = []
    for entry in recorded:
        item = entry.input
        if isinstance(item, Deadline):
            entries += fold.catch_up(entry.at)
        elif entry.refused is not None or _is_repeated(entry):
            # It moved no clock, and may have been refused for what no fold knows.
            entries.append(entry)
        elif isinstance(item, Adopt):
            first = entry is recorded[0]
            entries += fold.take(item, published if first else None)
        else:
            entries += fold.take(_as_it_came(fold.state, item))
    return steps_of([*entries, *fold.catch_up(until)])


def _is_repeated(entry: c.Entry) -> bool:
    return any(isinstance(change, c.DuplicateSeen) for change in entry.changes)


def _as_it_came(state: AccountState, item: Input) -> Input:
    """The fold shifts an event's own time by the account's lead; it is recorded shifted."""
    if isinstance(item, Event) and state.lead and not item.historic:
        return replace(item, time=item.time - timedelta(seconds=state.lead))
    return item


def is_own_doing(item: Input) -> bool:
    """Whether an entry of the account comes of the version itself: time, and nothing else."""
    return isinstance(item, Deadline | SetLead)


# ── comparing


def first_difference(
    expected: Sequence[Step], happened: Sequence[Step], cut: datetime, exact: bool = False
) -> tuple[Step | None, Step | None] | None:
    """The first place where they part: what was expected there and what happened; None if nowhere.

    What is expected after `cut` may have happened or not yet. Instants count when `exact`.
    """
    for index, step in enumerate(happened):
        awaited = expected[index] if index < len(expected) else None
        if awaited is None or awaited.name != step.name or (exact and awaited.at != step.at):
            return awaited, step
    missing = expected[len(happened)] if len(happened) < len(expected) else None
    return (missing, None) if missing is not None and missing.at <= cut else None
