"""Two lives of one account compared: what differs, where they part first, and why (N2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from . import changes as c
from .model import Automation, Book
from .state import AccountState
from .trail import Mark, Sort, Trail
from .wakes import all_dues


@dataclass(frozen=True, slots=True)
class Side:
    """A life: the book it was lived under, its end, its marks, and the reasons given at an instant."""

    book: Book
    state: AccountState
    trail: Trail
    notes_at: Callable[[datetime], list[c.Note]]


class Case(StrEnum):
    """Why one life did what the other did not."""

    LATER = "later"
    EARLIER = "earlier"
    NOT_YET = "not yet"
    HELD = "held"
    GONE = "gone"
    OFF = "off"
    SHADOW = "shadow"
    NEW = "new"
    ON = "on"
    GUARD = "guard"
    NOTE = "note"
    REFUSED = "refused"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Parting:
    """The first thing that one life did and the other did not, at that instant.

    `by_draft` says which. `automation` is its key, `version` that of its lifecycle on the side that did it. `other_at`
    is when the other life did the same, or will; `held_until` when its hold ends; `deciding` are sentences with their
    values, `note` a reason in words, `stage` where the other life stood in the lifecycle.
    """

    at: datetime
    by_draft: bool
    sort: Sort
    what: str
    lifecycle: str
    automation: str
    version: int
    case: Case
    other_at: datetime | None = None
    deciding: tuple[str, ...] = ()
    note: str = ""
    stage: str | None = None
    held_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class DateApart:
    """An entry into a stage (the `turn`-th, from 0) that is on two dates, or in one life only."""

    lifecycle: str
    stage: str
    turn: int
    live: datetime | None
    draft: datetime | None

    @property
    def seconds(self) -> float | None:
        """How much later the draft has it."""
        return (self.draft - self.live).total_seconds() if self.live and self.draft else None


Stages = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Compared:
    """What differs in one account. `stages` are those of today, where they differ, by lifecycle.

    Stages and counts are those of the live book, then those of the draft.
    """

    account: str
    stages: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)
    dates: tuple[DateApart, ...] = ()
    counts: dict[Sort, tuple[int, int]] = field(default_factory=dict)
    differ: tuple[Sort, ...] = ()
    parting: Parting | None = None

    @property
    def same(self) -> bool:
        """Whether both lives are one."""
        return self.parting is None and not self.stages


def compare(account: str, live: Side, draft: Side) -> Compared:
    """Compare two lives that began alike."""
    renamed = _renames(live.book, draft.book)
    ours, theirs = _renamed(live.trail, renamed).standing(), draft.trail.standing()
    counts = _counts(ours, theirs)
    first = next((_apart(a, b) for a, b in _zipped(ours, theirs) if _key(a) != _key(b)), None)
    stages = _stages(live.state, draft.state, renamed)
    if first is None:
        return Compared(account, stages, counts=counts)
    return Compared(
        account,
        stages,
        _dates(live.trail, draft.trail),
        counts,
        _differ(ours, theirs),
        _parting(*first, live, draft),
    )


# ── stages that have another name


Renames = Mapping[tuple[str, str], str | None]


def _renames(live: Book, draft: Book) -> Renames:
    """Stages of the live version by the id they have in the draft's (R24)."""
    return {
        (lifecycle.id, old): new
        for lifecycle in draft.lifecycles.values()
        if (runs := live.lifecycles.get(lifecycle.id)) and runs.version != lifecycle.version
        for old, new in lifecycle.migration.items()
    }


def _renamed(trail: Trail, renames: Renames) -> Trail:
    for mark in trail.marks if renames else ():
        if mark.sort is Sort.STAGE:
            mark.what = renames.get((mark.lifecycle, mark.what), mark.what) or ""
    return trail


def _stages(
    live: AccountState, draft: AccountState, renames: Renames
) -> dict[str, tuple[str | None, str | None]]:
    """By lifecycle, where they differ; the live one under the name it has in the draft."""
    found = {}
    for lifecycle in sorted({*live.tracks, *draft.tracks}):
        was, now = _stage(live, lifecycle), _stage(draft, lifecycle)
        if renames.get((lifecycle, was or ""), was) != now:
            found[lifecycle] = was, now
    return found


def _stage(state: AccountState, lifecycle: str) -> str | None:
    track = state.tracks.get(lifecycle)
    return track.stage if track else None


# ── what differs


def _zipped(live: list[Mark], draft: list[Mark]) -> Iterable[tuple[Mark | None, Mark | None]]:
    longest = max(len(live), len(draft))
    for place in range(longest):
        yield (
            live[place] if place < len(live) else None,
            draft[place] if place < len(draft) else None,
        )


def _key(mark: Mark | None) -> object:
    return (mark.key, mark.owner) if mark else None


def _apart(live: Mark | None, draft: Mark | None) -> tuple[Mark, bool]:
    """The mark that comes first, and whether the draft made it."""
    if live is None or draft is None:
        mark = live or draft
        assert mark is not None
        return mark, live is None
    return (draft, True) if draft.key < live.key else (live, False)


def _counts(live: list[Mark], draft: list[Mark]) -> dict[Sort, tuple[int, int]]:
    ours, theirs = (Counter(mark.sort for mark in marks) for marks in (live, draft))
    return {sort: (ours[sort], theirs[sort]) for sort in Sort if ours[sort] or theirs[sort]}


def _differ(live: list[Mark], draft: list[Mark]) -> tuple[Sort, ...]:
    """The sorts of which something differs, be it the instant alone."""
    ours, theirs = (
        Counter((mark.sort, mark.key, mark.owner) for mark in marks) for marks in (live, draft)
    )
    apart = {sort for sort, *_ in (ours - theirs) + (theirs - ours)}
    return tuple(sort for sort in Sort if sort in apart)


def _dates(live: Trail, draft: Trail) -> tuple[DateApart, ...]:
    ours, theirs = ({name: mark.at for name, mark in one.visits()} for one in (live, draft))
    return tuple(
        DateApart(*name, ours.get(name), theirs.get(name))
        for name in sorted({**ours, **theirs})
        if ours.get(name) != theirs.get(name)
    )


# ── why


def _parting(mark: Mark, by_draft: bool, live: Side, draft: Side) -> Parting:
    did, did_not = (draft, live) if by_draft else (live, draft)
    lifecycle = did.book.lifecycles.get(mark.lifecycle)
    why = _why(mark, by_draft, did, did_not)
    return Parting(
        mark.at,
        by_draft,
        mark.sort,
        mark.what,
        mark.lifecycle,
        mark.automation,
        lifecycle.version if lifecycle else 0,
        why.case,
        why.other_at,
        why.deciding,
        why.note,
        _stage_then(did_not.trail, mark),
        did_not.state.hold.until if why.case is Case.HELD and did_not.state.hold else None,
    )


@dataclass(frozen=True, slots=True)
class _Why:
    case: Case
    other_at: datetime | None = None
    deciding: tuple[str, ...] = ()
    note: str = ""


def _why(mark: Mark, by_draft: bool, did: Side, did_not: Side) -> _Why:
    line = _line(did.book, mark.automation)
    if found := _by_definition(mark, by_draft, did_not):
        return found
    if at := _same_later(mark, did.trail, did_not.trail):
        return _Why(Case.EARLIER if by_draft else Case.LATER, at, _decided(mark, did))
    if found := _by_time(mark, did_not):
        return found
    if found := _by_note(mark, did_not):
        return found
    deciding = _decided(mark, did) if line else ()
    return _Why(Case.ELSEWHERE, deciding=deciding)


def _line(book: Book, key: str) -> Automation | None:
    """The automation of that key, published or not."""
    lifecycle = book.lifecycles.get(key.partition(".")[0])
    lines = lifecycle.automations if lifecycle else ()
    return next((line for line in lines if line.key == key), None)


def _by_definition(mark: Mark, by_draft: bool, did_not: Side) -> _Why | None:
    """The automation is there on one side only, or only recorded there."""
    if not mark.automation or mark.sort in (Sort.LATE, Sort.STUCK):
        return None
    line = _line(did_not.book, mark.automation)
    if line is None:
        return _Why(Case.NEW if by_draft else Case.GONE)
    if not line.published:
        return _Why(Case.ON if by_draft else Case.OFF)
    return _Why(Case.SHADOW) if line.shadow else None


def _same_later(mark: Mark, did: Trail, did_not: Trail) -> datetime | None:
    """When the other life did the same: the one that is as many times after the beginning."""
    turn = sum(one.name == mark.name and one.key < mark.key for one in did.standing())
    same = [one.at for one in did_not.standing() if one.name == mark.name]
    return same[turn] if turn < len(same) and same[turn] > mark.at else None


def _by_time(mark: Mark, did_not: Side) -> _Why | None:
    """The same deadline is still ahead in the other life."""
    what = mark.automation
    if mark.sort in (Sort.LATE, Sort.STUCK):
        what = f"{mark.sort}:{mark.lifecycle}"
    if what:
        for due in all_dues(did_not.book, did_not.state):
            if due.what == what:
                return _Why(Case.HELD if did_not.state.hold else Case.NOT_YET, due.at)
    return None


def _by_note(mark: Mark, did_not: Side) -> _Why | None:
    """The other life said why not at that instant: a guard, a rule, a refusal."""
    for note in did_not.notes_at(mark.at):
        if note.automation == mark.automation and note.code != "because":
            case = Case.GUARD if note.code == "guard" else Case.NOTE
            return _Why(case, deciding=tuple(note.deciding), note=note.text)
    if mark.sort is Sort.REFUSED or not mark.automation:
        for note in did_not.notes_at(mark.at):
            if note.code == "refused":
                return _Why(Case.REFUSED, note=note.text)
    return None


def _decided(mark: Mark, did: Side) -> tuple[str, ...]:
    """What let it happen, where it was asked."""
    for note in did.notes_at(mark.at):
        if note.automation == mark.automation and note.code == "because":
            return tuple(note.deciding)
    return ()


def _stage_then(trail: Trail, mark: Mark) -> str | None:
    """Where the other life stood in the mark's lifecycle at that instant."""
    entered = [
        one.what
        for one in trail.standing()
        if one.sort is Sort.STAGE and one.lifecycle == mark.lifecycle and one.at <= mark.at
    ]
    return (entered[-1] or None) if entered else None


def notes_of(entries: Iterable[c.Entry], at: datetime) -> list[c.Note]:
    """The reasons given at an instant; a refusal is one with the code `refused`."""
    found: list[c.Note] = []
    for entry in entries:
        if entry.at == at:
            found += entry.notes
            if entry.refused is not None:
                found.append(c.Note("refused", str(entry.refused)))
    return found
