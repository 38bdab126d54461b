"""Why two lives part, in words: `Two weeks passed: day 45 not reached, 24 Nov` (N2, N3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from lifecycle.core.durations import Unit
from lifecycle.core.model import After, Automation, Book
from lifecycle.core.parting import Case, Compared, Parting
from lifecycle.core.trail import Sort
from lifecycle.definition.condition_words import Labels

from .amounts import in_currency
from .phrases import capital, count, days, short_day
from .viewer import Viewer


def why_words(compared: Compared, live: Book, draft: Book, viewer: Viewer) -> str:
    """The first point at which they part, and its cause."""
    parting = compared.parting
    if parting is None:
        return ""
    did, did_not = (draft, live) if parting.by_draft else (live, draft)
    return _Words(parting, did, did_not, viewer).all()


class _Words:
    """`did` is the book under which it happened, `did_not` the other."""

    def __init__(self, parting: Parting, did: Book, did_not: Book, viewer: Viewer) -> None:
        self.parting = parting
        self.did, self.did_not = did, did_not
        self.viewer = viewer
        self.labels = Labels(did)

    def all(self) -> str:
        """One sentence, without a full stop."""
        return _CASES[self.parting.case](self)

    @property
    def name(self) -> str:
        """The automation as people read it; who else did it, where none did."""
        key = self.parting.automation
        if key:
            return capital(key.rpartition(".")[2].replace("_", " "))
        return {Sort.LATE: "Late", Sort.STUCK: "Stuck"}.get(self.parting.sort, "By hand")

    @property
    def deed(self) -> str:
        """What happened: `moves to Launched`, `sends “welcome”`."""
        one = self.parting
        stage = self.labels.stage(one.lifecycle, one.what) if one.what else "None"
        said = {
            Sort.STAGE: f"moves to {stage}",
            Sort.MAIL: f"sends “{one.what}”",
            Sort.CALL: f"calls “{one.what}”",
            Sort.CTA: f"opens the CTA “{one.what}”",
            Sort.LATE: f"late in {self.labels.lifecycle(one.lifecycle)}",
            Sort.STUCK: f"stuck in {self.labels.lifecycle(one.lifecycle)}",
            Sort.REFUSED: f"refused ({one.what.replace('_', ' ')})",
        }
        return said[one.sort]

    @property
    def done(self) -> str:
        """The same, done: `Entered Launched`."""
        one = self.parting
        if one.sort is Sort.STAGE:
            stage = self.labels.stage(one.lifecycle, one.what) if one.what else "None"
            return f"Entered {stage}"
        if one.sort is Sort.MAIL:
            return f"E-mail “{one.what}”"
        if one.sort is Sort.CTA:
            return f"CTA “{one.what}”"
        return capital(self.deed)

    def shifted(self) -> str:
        """The same, at another time."""
        assert self.parting.other_at is not None
        apart = abs(self.parting.other_at - self.parting.at).total_seconds()
        whole = round(apart / 86_400)
        by = days(whole) if whole else count(max(1, round(apart / 60)), "minute")
        return f"{self.done} {by} {self.parting.case.value}"

    def not_yet(self) -> str:
        """Its time has not come in the other life."""
        line, at = _line(self.did_not, self.parting.automation), self._day(self.parting.other_at)
        if self.parting.by_draft:
            return f"{self.name}: {self.deed}, live not before {at}"
        if line is None or not isinstance(line.trigger, After):
            return f"{self.name}: not before {at}"
        took = line.trigger.duration
        passed = f"day {took.amount}" if took.unit is Unit.DAYS else str(took)
        return f"{self.name}: {passed} not reached, {at}"

    def held(self) -> str:
        """It is on hold besides."""
        return f"Held until {self._day(self.parting.held_until)}; {self.not_yet()}"

    def gone(self) -> str:
        """The draft does not have it."""
        return f"{self.name} is gone: no longer {self.deed}"

    def off(self) -> str:
        """The draft has it switched off."""
        return f"{self.name} is switched off: no longer {self.deed}"

    def shadow(self) -> str:
        """One side only records it."""
        if self.parting.by_draft:
            return f"{self.name}: {self.deed}, live only recorded (shadow)"
        return f"{self.name}: only recorded (shadow), no longer {self.deed}"

    def new(self) -> str:
        """What is live does not have it."""
        return f"{self.name} is new: {self.deed}{self._deciding()}"

    def on(self) -> str:
        """What is live has it switched off."""
        return f"{self.name} is switched on: {self.deed}{self._deciding()}"

    def guard(self) -> str:
        """A condition said no in the other life."""
        against = [said for said in self.parting.deciding if ": no (" in said]
        said = "; ".join(in_currency(one, self.did) for one in against or self.parting.deciding)
        where = "live " if self.parting.by_draft else ""
        return (
            f"{self.name}: {where}{said}" if said else f"{self.name}: its condition does not hold"
        )

    def note(self) -> str:
        """A rule said no in the other life."""
        key, said = self.parting.automation, self.parting.note.rstrip(".")
        return said.replace(key, self.name) if key else said

    def elsewhere(self) -> str:
        """The other life had gone another way, or hears no more of it."""
        stage = self.parting.stage
        other = "live" if self.parting.by_draft else "draft"
        stood = Labels(self.did_not).stage(self.parting.lifecycle, stage) if stage else "None"
        if self.parting.by_draft or not self.parting.lifecycle:
            return f"{self.name}: {self.deed}, not so in the {other} version{self._deciding()}"
        return f"{self.name}: no longer {self.deed}; the {other} is in {stood}{self._deciding()}"

    def _deciding(self) -> str:
        found = [in_currency(one, self.did) for one in self.parting.deciding]
        return f" ({'; '.join(found)})" if found else ""

    def _day(self, at: datetime | None) -> str:
        if at is None:
            return "–"
        zone, today = self.viewer.zone, self.viewer.now.astimezone(self.viewer.zone).date()
        return short_day(at.astimezone(zone).date(), today)


def _line(book: Book, key: str) -> Automation | None:
    lifecycle = book.lifecycles.get(key.partition(".")[0])
    lines = lifecycle.automations if lifecycle else ()
    return next((line for line in lines if line.key == key), None)


_CASES: dict[Case, Callable[[_Words], str]] = {
    Case.LATER: _Words.shifted,
    Case.EARLIER: _Words.shifted,
    Case.NOT_YET: _Words.not_yet,
    Case.HELD: _Words.held,
    Case.GONE: _Words.gone,
    Case.OFF: _Words.off,
    Case.SHADOW: _Words.shadow,
    Case.NEW: _Words.new,
    Case.ON: _Words.on,
    Case.GUARD: _Words.guard,
    Case.NOTE: _Words.note,
    Case.REFUSED: _Words.note,
    Case.ELSEWHERE: _Words.elsewhere,
}
