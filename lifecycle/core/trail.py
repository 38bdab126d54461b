"""What a fold did, as marks in order: moves, e-mails, calls, CTAs. Two folds of one life are compared by them (N2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from . import changes as c


class Sort(StrEnum):
    """What a mark is of; the order is that in which marks of one instant are looked at."""

    STAGE = "stage"
    LATE = "late"
    STUCK = "stuck"
    MAIL = "mail"
    CALL = "call"
    CTA = "cta"
    REFUSED = "refused"


_PLACE = {sort: place for place, sort in enumerate(Sort)}
Key = tuple[datetime, int, str, str]


@dataclass(slots=True)
class Mark:
    """Something a fold did. `what` is the stage entered (empty: none), the template, the call's name, the CTA's title
    or the code of a refusal; `owner` whose a CTA is. `gone`: taken back since (R13)."""

    sort: Sort
    at: datetime
    what: str
    lifecycle: str = ""
    automation: str = ""
    owner: str = ""
    revision: int = 0
    id: str = ""
    gone: bool = False

    @property
    def key(self) -> Key:
        """What makes two marks the same."""
        return self.at, _PLACE[self.sort], self.lifecycle, self.what

    @property
    def name(self) -> tuple[Sort, str, str]:
        """The same, whenever it was."""
        return self.sort, self.lifecycle, self.what


@dataclass(slots=True)
class Trail:
    """The marks of a fold, in order."""

    marks: list[Mark] = field(default_factory=list)

    def take(self, entries: Iterable[c.Entry]) -> None:
        """Mark what entries changed."""
        for entry in entries:
            self.add(entry.at, entry.revision, entry.changes)
            if entry.refused is not None:
                self.refuse(entry.at, entry.revision, entry.refused.code)

    def add(self, at: datetime, revision: int, changes: Iterable[c.Change]) -> None:
        """Mark what an entry changed."""
        for change in changes:
            if make := _MAKE.get(type(change)):
                self.marks.append(make(change, at, revision))
            elif isinstance(change, c.Undone):
                self._take_back(change)

    def refuse(self, at: datetime, revision: int, code: str) -> None:
        """Mark an input that was not carried out."""
        self.marks.append(Mark(Sort.REFUSED, at, code, revision=revision))

    def _take_back(self, change: c.Undone) -> None:
        """The visits and CTAs of a unit never were; what was sent was (R13)."""
        unit = change.unit
        for mark in self.marks:
            if mark.sort is Sort.STAGE:
                mark.gone |= mark.lifecycle in unit.tracks and mark.revision >= unit.revision
            elif mark.sort is Sort.CTA:
                mark.gone |= mark.id in unit.ctas_opened

    def standing(self) -> list[Mark]:
        """Those that count; of one instant in a fixed order."""
        return sorted((mark for mark in self.marks if not mark.gone), key=lambda mark: mark.key)

    def visits(self) -> Iterator[tuple[tuple[str, str, int], Mark]]:
        """Entries into stages by lifecycle, stage and how many times it was entered before."""
        seen: dict[tuple[str, str], int] = {}
        for mark in self.marks:
            if mark.sort is Sort.STAGE and mark.what and not mark.gone:
                stage = (mark.lifecycle, mark.what)
                seen[stage] = seen.get(stage, -1) + 1
                yield (*stage, seen[stage]), mark


def _entered(change: c.StageEntered, at: datetime, revision: int) -> Mark:
    stage, line = change.entered or "", change.automation
    return Mark(Sort.STAGE, at, stage, change.lifecycle, line, revision=revision)


def _late(change: c.BecameLate, at: datetime, revision: int) -> Mark:
    return Mark(Sort.LATE, at, "", change.lifecycle, revision=revision)


def _stuck(change: c.BecameStuck, at: datetime, revision: int) -> Mark:
    return Mark(Sort.STUCK, at, "", change.lifecycle, revision=revision)


def _mail(change: c.MailDue, at: datetime, revision: int) -> Mark:
    line = change.automation
    return Mark(Sort.MAIL, at, change.template, change.lifecycle, line, revision=revision)


def _call(change: c.WebhookDue, at: datetime, revision: int) -> Mark:
    line = change.automation
    return Mark(Sort.CALL, at, change.name, change.lifecycle, line, revision=revision)


def _cta(change: c.CtaOpened, at: datetime, revision: int) -> Mark:
    cta = change.cta
    return Mark(Sort.CTA, at, cta.title, cta.lifecycle, cta.automation, cta.owner, revision, cta.id)


_MAKE: dict[type, Callable[[Any, datetime, int], Mark]] = {
    c.StageEntered: _entered,
    c.BecameLate: _late,
    c.BecameStuck: _stuck,
    c.MailDue: _mail,
    c.WebhookDue: _call,
    c.CtaOpened: _cta,
}
MARKED = (*(made.__name__ for made in _MAKE), c.Undone.__name__)
"""The names of the changes a trail is made of: a reader of the journal may leave out all others."""
