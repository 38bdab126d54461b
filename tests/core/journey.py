"""Builders: an account's journey through shipped or small definitions, driven by the core alone."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Any, TypeVar

from lifecycle.core import changes as c
from lifecycle.core.fold import Fold
from lifecycle.core.inputs import (
    Adopt,
    AssignCta,
    CloseCta,
    CreateAccount,
    DoTask,
    EndHistory,
    Event,
    Hold,
    OpenCta,
    Release,
    SetFields,
    SetStage,
    SnoozeCta,
    Undo,
)
from lifecycle.core.model import Book
from lifecycle.core.state import AccountState, Track
from lifecycle.core.values import Value
from lifecycle.definition import read_folder, read_sources, render

DEFINITIONS = Path(__file__).parent.parent.parent / "definitions"
START = datetime(2026, 1, 5, 10, tzinfo=UTC)
"""A Monday."""
Kind = TypeVar("Kind")


@cache
def shipped() -> Book:
    """The shipped definitions."""
    reading = read_folder(DEFINITIONS, None)
    assert reading.book is not None, render(reading.problems)
    return reading.book


def small(*lifecycles: str, **files: str) -> Book:
    """A book of small lifecycles given as YAML, on the shipped account, events, directory and playbooks.

    `files` replace shared files by name (`account=…`).
    """
    sources = {
        f"{name}.yaml": (DEFINITIONS / f"{name}.yaml").read_text()
        for name in ("account", "events", "directory", "playbooks")
    }
    sources |= {f"{name}.yaml": text for name, text in files.items()}
    if "account" not in files:
        sources["account.yaml"] = sources["account.yaml"].split("\npage:")[0]
    sources |= {f"small_{number}.yaml": text for number, text in enumerate(lifecycles)}
    reading = read_sources(sources, None)
    assert reading.book is not None, render(reading.problems)
    return reading.book


def flow(body: str, id: str = "flow", version: int = 1) -> str:
    """A small lifecycle as YAML; only what matters to the test is written in the body.

    Every stage may be entered and left by hand, so that the checker asks for no line the test does not need.
    """
    text = re.sub(r"^( +)(label: .*)$", r"\1\2\n\1by hand: true", dedent(body), flags=re.MULTILINE)
    text = re.sub(r"\{label: (\w+)", r"{label: \1, by hand: true", text)
    return f"lifecycle: {id}\ntitle: {id.title()}\nversion: {version}\nowner: cs_ops\n{text}"


def disabling(book: Book, lifecycle_id: str, *stages: str) -> Book:
    """The same book with stages disabled in place (R14, T25)."""
    lifecycle = book.lifecycles[lifecycle_id]
    changed = tuple(replace(stage, disabled=stage.id in stages) for stage in lifecycle.stages)
    return replace(
        book, lifecycles={**book.lifecycles, lifecycle_id: replace(lifecycle, stages=changed)}
    )


def day(number: float) -> datetime:
    """The instant so many days after START."""
    return START + timedelta(days=number)


class Journey:
    """One account. Times are given in days since START; each step returns the entries it caused."""

    def __init__(self, book: Book | None = None, account: str = "acme") -> None:
        self.fold = Fold(book or shipped(), AccountState(account))
        self.entries: list[c.Entry] = []
        self.now = START
        self.number = 0

    # ── steps

    def at(self, days: float) -> Journey:
        """Let time pass up to a day; deadlines fire."""
        self.now = day(days)
        self._keep(self.fold.catch_up(self.now))
        return self

    def create(self, **fields: Value) -> list[c.Entry]:
        """Start the account by hand."""
        return self._keep(self.fold.take(CreateAccount(self.now, fields)))

    def event(
        self,
        kind: str,
        *,
        id: str = "",
        time: datetime | None = None,
        historic: bool = False,
        **data: Value,
    ) -> list[c.Entry]:
        """Report an event now (or with a time of its own)."""
        self.number += 1
        event_id = id or f"event-{self.number}"
        event = Event(event_id, "test", kind, time or self.now, self.now, data, historic)
        return self._keep(self.fold.take(event))

    def won(self, **data: Value) -> list[c.Entry]:
        """A deal is won."""
        data.setdefault("opportunity_id", "o1")
        return self.event("opportunity.closed_won", id="", time=None, historic=False, **data)

    def set(
        self,
        lifecycle: str,
        stage: str | None,
        *,
        revision: int | None = None,
        anyway: bool = False,
        reason: str = "agreed on the phone",
    ) -> list[c.Entry]:
        """A person sets a stage."""
        return self._keep(
            self.fold.take(SetStage(self.now, "ann", reason, lifecycle, stage, revision, anyway))
        )

    def undo(self, unit: int | None = None) -> list[c.Entry]:
        """A person takes the newest change back."""
        return self._keep(self.fold.take(Undo(self.now, "ann", "a slip", unit)))

    def hold(self, days: float, reason: str = "waiting for legal") -> list[c.Entry]:
        """A person pauses automation for some days."""
        until = self.now + timedelta(days=days)
        return self._keep(self.fold.take(Hold(self.now, "ann", until, reason)))

    def release(self) -> list[c.Entry]:
        """A person ends the hold."""
        return self._keep(self.fold.take(Release(self.now, "ann")))

    def fields(self, **values: Value) -> list[c.Entry]:
        """A person sets fields."""
        return self._keep(self.fold.take(SetFields(self.now, "ann", values)))

    def close(self, cta: str) -> list[c.Entry]:
        """A person closes a CTA."""
        return self._keep(self.fold.take(CloseCta(self.now, "ann", cta)))

    def task(self, cta: str, task: str) -> list[c.Entry]:
        """A person ticks a task off."""
        return self._keep(self.fold.take(DoTask(self.now, "ann", cta, task)))

    def cta(self, command: type[OpenCta | SnoozeCta | AssignCta], **what: Any) -> list[c.Entry]:
        """A person opens, snoozes or assigns a CTA."""
        return self._keep(self.fold.take(command(self.now, "ann", **what)))

    def adopt(self, book: Book, policy: str = "at once") -> list[c.Entry]:
        """A new book is published to the account, all lifecycles by one policy."""
        policies = dict.fromkeys(book.lifecycles, policy)
        return self._keep(self.fold.take(Adopt(self.now, "ops", "b2", policies), book))

    def end_history(self) -> list[c.Entry]:
        """The import is done."""
        return self._keep(self.fold.take(EndHistory(self.now, self.now)))

    def _keep(self, entries: list[c.Entry]) -> list[c.Entry]:
        self.entries += entries
        return entries

    # ── what is true now

    @property
    def state(self) -> AccountState:
        """The account's state."""
        return self.fold.state

    def track(self, lifecycle: str = "customer_journey") -> Track:
        """A track; an empty one where the account never was."""
        return self.state.tracks.get(lifecycle) or Track(lifecycle)

    def stage(self, lifecycle: str = "customer_journey") -> str | None:
        """The present stage."""
        return self.track(lifecycle).stage

    def days(self, lifecycle: str = "customer_journey") -> float:
        """Days in the present stage in this cycle."""
        since = self.track(lifecycle).counting_since
        assert since is not None
        return (self.now - since).total_seconds() / 86_400

    def changes(self, kind: type[Kind]) -> list[Kind]:
        """All changes of a kind so far."""
        return [
            change for entry in self.entries for change in entry.changes if isinstance(change, kind)
        ]

    def mails(self) -> list[str]:
        """The automations that made mail due, in order."""
        return [mail.automation.split(".")[1] for mail in self.changes(c.MailDue)]

    def ctas(self) -> list[str]:
        """The automations that opened a CTA, in order."""
        return [opened.cta.automation.split(".")[1] for opened in self.changes(c.CtaOpened)]

    def notes(self, code: str) -> list[c.Note]:
        """All notes of a code so far."""
        return [note for entry in self.entries for note in entry.notes if note.code == code]

    def refusals(self) -> list[str]:
        """The codes of all refusals so far."""
        return [entry.refused.code for entry in self.entries if entry.refused]

    def entered(self, lifecycle: str = "flow") -> list[str | None]:
        """The stages entered, in order."""
        return [
            move.entered
            for move in self.changes(c.StageEntered)
            if move.lifecycle == lifecycle and move.kind != "reactivation"
        ]

    def codes(self, automation: str = "") -> list[str]:
        """The codes of all notes so far, of one automation if named."""
        return [
            note.code
            for entry in self.entries
            for note in entry.notes
            if not automation or note.automation.endswith(f".{automation}")
        ]
